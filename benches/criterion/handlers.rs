//! From a request, already made, to a handler that does nothing, and to its empty answer. axum's handlers take no
//! parameters; Waypost's of GitHub's table take all of theirs, those of the other tables are boxed (`DynamicRoutes`).

use std::cell::RefCell;

use axum::Router;
use axum::body::Body;
use axum::routing::{MethodFilter, on};
use criterion::Throughput;
use http::{Method, Request};
use tower_service::Service;
use waypost::{App, Peer, Respond, Routes};

use crate::answers::{Group, time};
use crate::settings::Criterion;
use crate::tables::{Question, Table};

/// One question, put to each.
pub(crate) fn group<'a>(criterion: &'a mut Criterion, table: &Table, question: &Question) -> Group<'a> {
    let mut group = criterion.benchmark_group(format!("route, {}, {}", table.name, question.kind));
    group.throughput(Throughput::Elements(question.paths.len() as u64));
    group
}

pub(crate) fn waypost(group: &mut Group<'_>, question: &Question, app: &App<impl Routes<()>>) {
    let peer = Peer::unix();
    let answer = |request: Request<waypost::Body>| app.respond(request, &peer);
    time(group, "waypost", || question.requests(), answer, |s, _, _| assert_eq!(s, question.status));
}

pub(crate) struct Axum(RefCell<Router>);

impl Axum {
    pub(crate) fn new(table: &Table) -> Self {
        let add = |router: Router, (method, pattern): &(Method, String)| {
            let filter = MethodFilter::try_from(method.clone()).expect("a common method");
            router.route(pattern, on(filter, async || ""))
        };
        Self(RefCell::new(table.routes.iter().fold(Router::new(), add).with_state(())))
    }

    pub(crate) fn time(&self, group: &mut Group<'_>, question: &Question) {
        let answer = |request: Request<Body>| self.0.borrow_mut().call(request);
        time(group, "axum", || question.requests(), answer, |s, _, _| assert_eq!(s, question.status));
    }
}
