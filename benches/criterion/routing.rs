//! Routing, over tables as large as GitHub's and of 10, 1,000 and 10,000 routes.
//!
//! - `lookup`: from a path to a route and its captured parameters, nothing else. Waypost's begins at the request, and so
//!   brings the path into normal form, looks at the method, and notes captures, 404 and 405 in the request; matchit's
//!   begins at the path, and knows of no methods.
//! - `dispatch`: a request to a handler that does nothing, and its empty answer. axum's handlers take no parameters;
//!   Waypost's of GitHub's table take all of theirs, those of the other tables are boxed (`DynamicRoutes`).
#![allow(missing_docs)]

mod answers;
mod settings;
mod tables;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hint::black_box;

use axum::Router;
use axum::routing::{MethodFilter, on};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::Request;
use tower_service::Service;
use waypost::{App, Body, Peer, Respond, Routes};

use answers::{Group, time};
use tables::{Question, Table};

fn routing(criterion: &mut Criterion) {
    let github = Table::github();
    table(criterion, &github, &tables::github_app());
    for count in [10, 1_000, 10_000] {
        let generated = Table::generated(count);
        table(criterion, &generated, &generated.dynamic());
    }
}

fn table(criterion: &mut Criterion, table: &Table, app: &App<impl Routes<()>>) {
    let matchit = matchit(table);
    let axum = RefCell::new(axum(table));
    for question in &table.questions {
        let mut lookup = criterion.benchmark_group(format!("lookup, {}, {}", table.name, question.kind));
        lookup.throughput(Throughput::Elements(question.paths.len() as u64));
        look_up(&mut lookup, question, app);
        // It has paths only.
        if question.status != 405 {
            lookup.bench_function("matchit", |bencher| {
                bencher.iter(|| {
                    for path in &question.paths {
                        let found = matchit.at(black_box(path));
                        assert_eq!(found.is_ok(), question.status == 200);
                        let _ = black_box(found);
                    }
                });
            });
        }
        lookup.finish();

        let mut dispatch = criterion.benchmark_group(format!("dispatch, {}, {}", table.name, question.kind));
        dispatch.throughput(Throughput::Elements(question.paths.len() as u64));
        let peer = Peer::default();
        let check = |status: u16, _: &str, _: &[u8]| assert_eq!(status, question.status);
        let answer = |request: Request<Body>| app.respond(request, &peer);
        time(&mut dispatch, "waypost", || question.requests(), answer, check);
        let answer = |request: Request<axum::body::Body>| axum.borrow_mut().call(request);
        time(&mut dispatch, "axum", || question.requests(), answer, check);
        dispatch.finish();
    }
}

fn look_up(group: &mut Group<'_>, question: &Question, app: &App<impl Routes<()>>) {
    let mut requests: Vec<_> = question.requests().into_iter().map(waypost::Request::new).collect();
    group.bench_function("waypost", |bencher| {
        bencher.iter(|| {
            for request in &mut requests {
                black_box(app.__find(black_box(request)));
            }
        });
    });
}

fn matchit(table: &Table) -> matchit::Router<usize> {
    let mut router = matchit::Router::new();
    // Each once for all its methods.
    let patterns: BTreeSet<_> = table.routes.iter().map(|(_, pattern)| pattern).collect();
    for (index, pattern) in patterns.into_iter().enumerate() {
        router.insert(pattern, index).expect("no clash");
    }
    router
}

fn axum(table: &Table) -> Router {
    let add = |router: Router, (method, pattern): &(http::Method, String)| {
        let filter = MethodFilter::try_from(method.clone()).expect("a common method");
        router.route(pattern, on(filter, async || ""))
    };
    table.routes.iter().fold(Router::new(), add).with_state(())
}

criterion_group!(name = benches; config = settings::settings(); targets = routing);
criterion_main!(benches);
