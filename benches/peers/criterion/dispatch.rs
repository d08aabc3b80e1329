//! `benches/criterion/dispatch.rs`, with the other frameworks beside.

#[path = "../../criterion/answers.rs"]
mod answers;
#[path = "../../criterion/contenders.rs"]
mod contenders;
mod others;
#[path = "../../criterion/settings.rs"]
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
        others::actix::time(&mut group, &call);
        others::poem::time(&mut group, &call);
        others::rocket::time(&mut group, &call);
        others::salvo::time(&mut group, &call);
        others::warp::time(&mut group, &call);
        group.finish();
    }
}

criterion_group!(name = benches; config = settings::settings(); targets = dispatch);
criterion_main!(benches);
