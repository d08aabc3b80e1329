//! A span for each request.

use std::cell::LazyCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use http::{StatusCode, header};
use tracing::Span;
use tracing::field::Empty;

use super::attributes::{End, OTHER, registered, standard, version};
use crate::request::{Head, is_host};
use crate::routing::Route;

/// A span for each request of an app, for [`App::trace`](crate::App::trace): handlers, middleware and extractors run
/// inside it, and so does what a response streams.
///
/// ```
/// use waypost::{App, Trace, get, routes};
///
/// #[get("/users/{id}")]
/// async fn user(id: u64) -> String {
///     tracing::info!(id, "somebody is looked up"); // within the request's span
///     id.to_string()
/// }
///
/// let app = App::new(routes![user]).trace(Trace::new());
/// # let _ = app;
/// ```
///
/// It is a span `request` of level INFO and target `waypost::request`, with the attributes that OpenTelemetry's
/// conventions for HTTP servers name; `otel.name`, `otel.kind` and `otel.status_code` are for `tracing-opentelemetry`.
///
/// | field | |
/// |---|---|
/// | `otel.name` | method and route, `GET /users/{id}`; without a route the method alone; `HTTP` for one that is not known |
/// | `otel.kind` | `server` |
/// | `http.request.method` | a method of RFC 9110, `PATCH`, `QUERY`, or one the route names; `_OTHER` for all else |
/// | `http.request.method_original` | where that is `_OTHER`, what was sent |
/// | `http.route` | the pattern; of a 405, that of the path; none where no route or only a fallback matches |
/// | `url.scheme`, `server.address`, `server.port` | as in [`TargetOrigin`](crate::TargetOrigin); the port that was named, or the scheme's |
/// | `url.path` | as received |
/// | `url.query` | only [`with_query`](Self::with_query) |
/// | `client.address` | as in [`ClientAddr`](crate::ClientAddr) |
/// | `network.peer.address`, `network.peer.port` | [`Peer::address`](crate::Peer::address) |
/// | `network.protocol.version` | `1.0`, `1.1`, `2` |
/// | `user_agent.original` | |
/// | `http.response.status_code` | as it leaves the app, after `on_error` |
/// | `error.type` | of a 5xx, the status; else `incomplete_body` where the body failed, `cancelled` where nobody waited for the end |
/// | `otel.status_code` | `ERROR` for a 5xx or a body that failed |
///
/// What a 5xx hides is an event inside the span. The span closes with the last byte of the body, which of a body that
/// is no stream is when the app hands it over. Where no subscriber wants the span, a request costs a few instructions.
#[derive(Clone, Default)]
pub struct Trace {
    query: bool,
    on_span: Option<Arc<SpanHook>>,
}

type SpanHook = dyn Fn(&Span, &Head) + Send + Sync;

impl Trace {
    /// Spans with all fields but the query.
    ///
    /// ```
    /// use waypost::{App, Trace, routes};
    ///
    /// let app = App::new(routes![]).trace(Trace::new());
    /// # let _ = app;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `url.query`, which the conventions want: it is off because queries carry tokens and personal data, and a
    /// trace is kept.
    ///
    /// ```
    /// use waypost::{App, Trace, routes};
    ///
    /// let app = App::new(routes![]).trace(Trace::new().with_query());
    /// # let _ = app;
    /// ```
    #[must_use]
    pub fn with_query(mut self) -> Self {
        self.query = true;
        self
    }

    /// Shows each new span to `hook` before it is entered, which is the last moment to give it another parent: the
    /// context that the client sent along. It is not called where no subscriber wants the span.
    ///
    /// With `tracing-opentelemetry`, the hook is `span.set_parent(..)` of what a propagator extracts from
    /// `head.headers()`. A panic in it is passed over.
    ///
    /// ```
    /// use waypost::{App, Trace, routes};
    ///
    /// let app = App::new(routes![]).trace(Trace::new().on_span(|span, head| {
    ///     if let Some(parent) = head.headers().get("traceparent") {
    ///         span.follows_from(known_as(parent));
    ///     }
    /// }));
    /// # let _ = app;
    /// # fn known_as(_: &waypost::http::HeaderValue) -> Option<tracing::Id> { None }
    /// ```
    #[must_use]
    pub fn on_span(mut self, hook: impl Fn(&Span, &Head) + Send + Sync + 'static) -> Self {
        self.on_span = Some(Arc::new(hook));
        self
    }

    /// The span of a request. What its fields take to find out is only spent where somebody wants it.
    pub(super) fn span(&self, head: &Head, route: Option<&Route>) -> Span {
        let known = LazyCell::new(|| standard(head.method()).or_else(|| registered(head.method(), route)));
        let original = || known.is_none().then(|| head.method().as_str());
        let path = route.map(Route::path);
        let server = LazyCell::new(|| Server::of(head));
        let peer = head.peer().address;
        let span = tracing::info_span!(
            target: "waypost::request",
            "request",
            otel.name = display(Name { method: *known, route: path }),
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = known.unwrap_or(OTHER),
            http.request.method_original = original(),
            http.route = path,
            http.response.status_code = Empty,
            "error.type" = Empty,
            url.scheme = head.client_scheme(),
            url.path = head.original_uri().path(),
            url.query = head.query().filter(|_| self.query),
            server.address = server.as_ref().map(|server| server.address),
            server.port = server.as_ref().map(|server| server.port),
            client.address = head.client_addr().map(|address| display(address.ip())),
            network.peer.address = peer.map(|address| display(address.ip())),
            network.peer.port = peer.map(|address| address.port()),
            network.protocol.version = version(head.version()),
            user_agent.original =
                head.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()),
        );
        if let Some(hook) = &self.on_span
            && !span.is_disabled()
        {
            // What the panic hook reports is all there is to say.
            let _ = catch_unwind(AssertUnwindSafe(|| hook(&span, head)));
        }
        span
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace").field("query", &self.query).finish_non_exhaustive()
    }
}

pub(super) fn answered(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
}

pub(super) fn ended(span: &Span, end: End) {
    if let Some(error) = end.error() {
        span.record("error.type", error);
    }
    if end.is_failure() {
        span.record("otel.status_code", "ERROR");
    }
}

/// What traces list the span by: of low cardinality.
struct Name<'a> {
    method: Option<&'a str>,
    route: Option<&'a str>,
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method.unwrap_or("HTTP"))?;
        match self.route {
            Some(route) => write!(f, " {route}"),
            None => Ok(()),
        }
    }
}

/// The server that the client asked for.
struct Server<'r> {
    address: &'r str,
    port: u16,
}

impl<'r> Server<'r> {
    fn of(head: &'r Head) -> Option<Self> {
        let host = head.client_host().filter(|host| is_host(host))?;
        let (address, port) = match host.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((address, port)) => (address, port.strip_prefix(':')),
            None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
        };
        let default = if head.client_scheme() == "https" { 443 } else { 80 };
        Some(Self { address, port: port.and_then(|port| port.parse().ok()).unwrap_or(default) })
    }
}
