//! From a path to a route and its captured parameters, and nothing else.

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{BenchmarkGroup, Throughput};
use waypost::{App, Routes};

use crate::settings::{Criterion, ThreadTime};
use crate::tables::{Question, Table};

pub type Group<'a> = BenchmarkGroup<'a, ThreadTime>;

/// One question, put to each.
pub fn group<'a>(criterion: &'a mut Criterion, table: &Table, question: &Question) -> Group<'a> {
    let mut group = criterion.benchmark_group(format!("lookup, {}, {}", table.name, question.kind));
    group.throughput(Throughput::Elements(question.paths.len() as u64));
    group
}

/// Begins at the request, and so brings the path into normal form, looks at the method, and notes captures, 404 and 405 in
/// the request.
pub fn waypost(group: &mut Group<'_>, question: &Question, app: &App<impl Routes<()>>) {
    let mut requests: Vec<_> = question.requests().into_iter().map(waypost::Request::new).collect();
    group.bench_function("waypost", |bencher| {
        bencher.iter(|| {
            for request in &mut requests {
                black_box(app.__find(black_box(request)));
            }
        });
    });
}

/// Begins at the path, and knows of no methods.
pub fn matchit(group: &mut Group<'_>, question: &Question, router: &matchit::Router<usize>) {
    if question.status == 405 {
        return;
    }
    group.bench_function("matchit", |bencher| {
        bencher.iter(|| {
            for path in &question.paths {
                let found = router.at(black_box(path));
                assert_eq!(found.is_ok(), question.status == 200);
                let _ = black_box(found);
            }
        });
    });
}

pub fn matchit_router(table: &Table) -> matchit::Router<usize> {
    let mut router = matchit::Router::new();
    for (index, pattern) in patterns(table).into_iter().enumerate() {
        router.insert(pattern, index).expect("no clash");
    }
    router
}

/// Each once for all its methods, literal text before parameters.
pub fn patterns(table: &Table) -> BTreeSet<&String> {
    table.routes.iter().map(|(_, pattern)| pattern).collect()
}
