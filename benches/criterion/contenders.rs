//! The libraries of the root workspace, each asked in process: nothing of a connection is timed.

use std::cell::RefCell;

use http::Request;
use http_body_util::Full;
use tower_service::Service;
use waypost::{Body, Peer, Respond};
use waypost_benches::servers;
use waypost_benches::workload::calls::Call;

use crate::answers::{Group, time};

pub(crate) fn waypost(group: &mut Group<'_>, name: &str, call: &Call) {
    let (app, peer) = (servers::waypost::app(), Peer::unix());
    let answer = |request: Request<Body>| app.respond(request, &peer);
    time(group, name, || [call.request()], answer, |s, t, b| call.check(name, s, t, b));
}

/// The service that a connection calls; `axum::serve` would make a copy of it for each.
pub(crate) fn axum(group: &mut Group<'_>, call: &Call) {
    let router = RefCell::new(servers::axum::app().with_state(()));
    let answer = |request: Request<axum::body::Body>| router.borrow_mut().call(request);
    time(group, "axum", || [call.request()], answer, |s, t, b| call.check("axum", s, t, b));
}

/// The function of a `service_fn`: without a connection, hyper does nothing.
pub(crate) fn hyper(group: &mut Group<'_>, name: &str, call: &Call) {
    let answer = servers::hyper::answer::<Full<bytes::Bytes>>;
    time(group, name, || [call.request()], answer, |s, t, b| call.check(name, s, t, b));
}
