//! From a path to a route and its captured parameters, and nothing else. That it is the right route is looked at before.

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{BenchmarkGroup, Throughput};
use waypost::{App, Routes};

use crate::settings::{Criterion, ThreadTime};
use crate::tables::{Question, Table};

pub(crate) type Group<'a> = BenchmarkGroup<'a, ThreadTime>;

/// One question, put to each.
pub(crate) fn group<'a>(criterion: &'a mut Criterion, table: &Table, question: &Question) -> Group<'a> {
    let mut group = criterion.benchmark_group(format!("lookup, {}, {}", table.name, question.kind));
    group.throughput(Throughput::Elements(question.paths.len() as u64));
    group
}

/// Begins at the request, and so brings the path into normal form, looks at the method, and notes captures, 404 and 405 in
/// the request.
pub(crate) fn waypost(group: &mut Group<'_>, question: &Question, app: &App<impl Routes<()>>) {
    let mut requests: Vec<_> = question.requests().into_iter().map(waypost::Request::new).collect();
    for (request, pattern) in requests.iter_mut().zip(&question.patterns) {
        let found = app.routes().get(app.__find(request)).map(waypost::Route::path);
        // A fallback has a path, too.
        let found = found.filter(|_| question.status != 404);
        assert_eq!(found, pattern.as_deref(), "waypost: {}", request.uri());
    }
    group.bench_function("waypost", |bencher| {
        bencher.iter(|| {
            for request in &mut requests {
                black_box(app.__find(black_box(request)));
            }
        });
    });
}

/// Begins at the path, and knows of no methods.
pub(crate) fn matchit(group: &mut Group<'_>, question: &Question, table: &Table) {
    let mut router = matchit::Router::new();
    for pattern in patterns(table) {
        router.insert(pattern, pattern).expect("no clash");
    }
    by_path(group, "matchit", question, |path| router.at(path), |found| found.ok().map(|found| *found.value));
}

/// Any router that begins at the path, and knows of no methods. `find` is timed; what it found is asked of `pattern`.
pub(crate) fn by_path<'a, F>(
    group: &mut Group<'_>,
    name: &str,
    question: &'a Question,
    find: impl Fn(&'a str) -> F,
    pattern: impl Fn(F) -> Option<&'a str>,
) {
    if question.status == 405 {
        return;
    }
    for (path, expected) in question.paths.iter().zip(&question.patterns) {
        assert_eq!(pattern(find(path)), expected.as_deref(), "{name}: {path}");
    }
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            for path in &question.paths {
                black_box(find(black_box(path.as_str())));
            }
        });
    });
}

/// Each once for all its methods, literal text before parameters.
pub(crate) fn patterns(table: &Table) -> BTreeSet<&str> {
    table.routes.iter().map(|(_, pattern)| pattern.as_str()).collect()
}
