//! Measurements of each request.

use std::time::Instant;

use metrics::{Gauge, Key, Label, Level, Metadata, SharedString, Unit};

use super::attributes::{End, OTHER, digits, registered, standard, version};
use crate::request::Head;
use crate::routing::Route;

/// Measurements of the requests of an app, for [`App::metrics`](crate::App::metrics), by way of the `metrics` crate to
/// whichever recorder the program installs.
///
/// ```
/// use waypost::{App, Metrics, get, routes};
///
/// #[get("/users/{id}")]
/// async fn user(id: u64) -> String {
///     id.to_string()
/// }
///
/// // Install the recorder first, such as an exporter's: it is told here what the names mean.
/// let app = App::new(routes![user]).metrics(Metrics::new());
/// # let _ = app;
/// ```
///
/// Names, units and labels are those of OpenTelemetry's conventions for HTTP servers.
///
/// | metric | kind, unit | labels |
/// |---|---|---|
/// | `http.server.request.duration` | histogram, seconds | `http.request.method`, `url.scheme`, `network.protocol.version`, `http.route`, `http.response.status_code`, `error.type` |
/// | `http.server.active_requests` | gauge, requests | `http.request.method`, `url.scheme` |
///
/// The values are those that the span of `App::trace` has: a route's label is its pattern, a request without a route
/// has no such label, and a method that is not known is `_OTHER`, so that clients cannot make up labels. A duration ends with the last byte of the
/// body, which of a body that is no stream is when the app hands it over. Where nobody waited for the response, there
/// is no status, and `error.type` is `cancelled`.
///
/// The conventions advise these boundaries for the histogram's buckets, which is the recorder's to set: 0.005, 0.01,
/// 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10.
#[derive(Clone, Copy, Debug, Default)]
pub struct Metrics(());

impl Metrics {
    /// Both metrics.
    ///
    /// ```
    /// use waypost::{App, Metrics, routes};
    ///
    /// let app = App::new(routes![]).metrics(Metrics::new());
    /// # let _ = app;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells the recorder what the names mean.
    pub(in crate::app) fn describe(self) -> Self {
        metrics::describe_histogram!(DURATION, Unit::Seconds, "Duration of HTTP server requests.");
        metrics::describe_gauge!(ACTIVE, Unit::Count, "Number of active HTTP server requests.");
        self
    }
}

const DURATION: &str = "http.server.request.duration";
const ACTIVE: &str = "http.server.active_requests";

static METADATA: Metadata<'static> = Metadata::new("waypost::request", Level::INFO, Some(module_path!()));

/// A request whose time runs.
pub(super) struct Measured {
    started: Instant,
    active: Gauge,
    /// Those of the duration that are known already.
    labels: Vec<Label>,
}

impl Measured {
    pub(super) fn begin(head: &Head, route: Option<&Route>) -> Self {
        let started = Instant::now();
        let mut labels = Vec::with_capacity(6);
        labels.push(Label::new("http.request.method", method(head, route)));
        labels.push(Label::from_static_parts("url.scheme", head.client_scheme()));
        let active = Key::from_parts(ACTIVE, labels.clone());
        if let Some(version) = version(head.version()) {
            labels.push(Label::from_static_parts("network.protocol.version", version));
        }
        if let Some(route) = route {
            labels.push(Label::new("http.route", route.path.clone()));
        }
        let active = metrics::with_recorder(|recorder| recorder.register_gauge(&active, &METADATA));
        active.increment(1);
        Self { started, active, labels }
    }

    pub(super) fn end(mut self, end: End) {
        let duration = self.started.elapsed();
        if let Some(status) = end.status() {
            self.labels.push(Label::from_static_parts("http.response.status_code", digits(status)));
        }
        if let Some(error) = end.error() {
            self.labels.push(Label::from_static_parts("error.type", error));
        }
        let key = Key::from_parts(DURATION, self.labels);
        metrics::with_recorder(|recorder| recorder.register_histogram(&key, &METADATA)).record(duration);
        self.active.decrement(1);
    }
}

fn method(head: &Head, route: Option<&Route>) -> SharedString {
    let method = head.method();
    match (standard(method), registered(method, route)) {
        (Some(name), _) => SharedString::const_str(name),
        (None, Some(name)) => SharedString::from_owned(name.to_owned()),
        (None, None) => SharedString::const_str(OTHER),
    }
}
