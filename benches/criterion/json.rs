//! A JSON document in, through `Json<T>`: the application's whole answer, and beside it the parser alone. Waypost's `Json` is
//! serde_json's or, with the feature `simd-json`, that crate's: of a second run, whose figures stand beside the first's.
#![allow(missing_docs)]

mod answers;
mod contenders;
mod settings;

use std::hint::black_box;

use criterion::{Throughput, criterion_group, criterion_main};
use waypost_benches::workload::calls;
use waypost_benches::workload::documents::Document;

use settings::Criterion;

const SIZES: [(&str, usize); 5] =
    [("200 B", 200), ("1 KiB", 1 << 10), ("10 KiB", 10 << 10), ("100 KiB", 100 << 10), ("1 MiB", 1 << 20)];

const OWNED: &str =
    if cfg!(feature = "simd-json") { "waypost by simd-json, owned" } else { "waypost, owned" };
const BORROWED: &str =
    if cfg!(feature = "simd-json") { "waypost by simd-json, borrowed" } else { "waypost, borrowed" };

fn json(criterion: &mut Criterion) {
    for (name, bytes) in SIZES {
        let owned = calls::parse(name, "/documents", bytes);
        let borrowed = calls::parse(name, "/documents/borrowed", bytes);
        let mut group = criterion.benchmark_group(format!("json, {name}"));
        group.throughput(Throughput::Bytes(bytes as u64));
        contenders::waypost(&mut group, OWNED, &owned);
        contenders::waypost(&mut group, BORROWED, &borrowed);
        contenders::axum(&mut group, &owned);
        contenders::hyper(&mut group, "hyper, owned", &owned);
        contenders::hyper(&mut group, "hyper, borrowed", &borrowed);
        group.bench_function("serde_json alone, owned", |bencher| {
            bencher.iter(|| {
                let document = serde_json::from_slice::<Document<String>>(black_box(&owned.body));
                document.map(|document| document.summary()).expect("a document of our own")
            });
        });
        group.finish();
    }
}

criterion_group!(name = benches; config = settings::settings(); targets = json);
criterion_main!(benches);
