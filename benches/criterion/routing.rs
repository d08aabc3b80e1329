//! Routing, over tables as large as GitHub's and of 10, 1,000 and 10,000 routes.
//!
//! - `lookup`: from a path to a route and its captured parameters, nothing else ([`lookups`]).
//! - `route`: a request to a handler that does nothing, and its empty answer. axum's handlers take no parameters;
//!   Waypost's of GitHub's table take all of theirs, those of the other tables are boxed (`DynamicRoutes`).
#![allow(missing_docs)]

mod answers;
mod lookups;
mod settings;
mod tables;

use std::cell::RefCell;

use axum::Router;
use axum::routing::{MethodFilter, on};
use criterion::{Throughput, criterion_group, criterion_main};
use http::Request;
use tower_service::Service;
use waypost::{App, Body, Peer, Respond, Routes};

use answers::time;
use settings::Criterion;
use tables::Table;

fn routing(criterion: &mut Criterion) {
    let github = Table::github();
    table(criterion, &github, &tables::github_app());
    for count in [10, 1_000, 10_000] {
        let generated = Table::generated(count);
        table(criterion, &generated, &generated.dynamic());
    }
}

fn table(criterion: &mut Criterion, table: &Table, app: &App<impl Routes<()>>) {
    let matchit = lookups::matchit_router(table);
    let axum = RefCell::new(axum(table));
    for question in &table.questions {
        let mut group = lookups::group(criterion, table, question);
        lookups::waypost(&mut group, question, app);
        lookups::matchit(&mut group, question, &matchit);
        group.finish();

        let mut group = criterion.benchmark_group(format!("route, {}, {}", table.name, question.kind));
        group.throughput(Throughput::Elements(question.paths.len() as u64));
        let peer = Peer::default();
        let check = |status: u16, _: &str, _: &[u8]| assert_eq!(status, question.status);
        let answer = |request: Request<Body>| app.respond(request, &peer);
        time(&mut group, "waypost", || question.requests(), answer, check);
        let answer = |request: Request<axum::body::Body>| axum.borrow_mut().call(request);
        time(&mut group, "axum", || question.requests(), answer, check);
        group.finish();
    }
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
