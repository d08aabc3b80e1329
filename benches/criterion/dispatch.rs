//! One request in process, without a socket: routing, arguments, the handler, its answer, the whole body read.
#![allow(missing_docs)]

mod answers;
mod contenders;
mod settings;

use criterion::{Throughput, criterion_group, criterion_main};
use waypost_benches::workload::calls;

use settings::Criterion;

fn dispatch(criterion: &mut Criterion) {
    for call in calls::all() {
        let mut group = criterion.benchmark_group(format!("dispatch, {}", call.name));
        group.throughput(Throughput::Elements(1));
        contenders::waypost(&mut group, "waypost", &call);
        contenders::axum(&mut group, &call);
        contenders::hyper(&mut group, "hyper", &call);
        group.finish();
    }
}

criterion_group!(name = benches; config = settings::settings(); targets = dispatch);
criterion_main!(benches);
