//! The span of a request.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use waypost::http::{Method, Request, StatusCode, Version};
use waypost::test::Client;
use waypost::{App, Body, ForwardedHeaders, Peer, Respond, Server, Trace, TrustedProxies};

use super::{all, leave, with_extension};

type Fields = BTreeMap<&'static str, String>;

#[derive(Clone, Debug)]
struct Span {
    metadata: &'static Metadata<'static>,
    fields: Fields,
    handles: usize,
    entered: usize,
}

#[derive(Clone, Debug)]
struct Told {
    fields: Fields,
    /// The spans it was told in, the innermost last.
    within: Vec<usize>,
}

/// Keeps what is told on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    spans: Vec<Span>,
    events: Vec<Told>,
    current: Vec<usize>,
    refuses_spans: bool,
}

impl Log {
    fn new() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let guard = tracing::subscriber::set_default(log.clone());
        (log, guard)
    }

    fn spans(&self) -> Vec<Span> {
        self.0.lock().unwrap().spans.clone()
    }

    /// The one request's span.
    #[track_caller]
    fn span(&self) -> Span {
        let mut spans = self.spans();
        assert_eq!(spans.len(), 1, "{spans:#?}");
        spans.remove(0)
    }

    fn events(&self) -> Vec<Told> {
        self.0.lock().unwrap().events.clone()
    }
}

impl Span {
    fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    fn is_closed(&self) -> bool {
        self.handles == 0
    }

    /// What tells of how it ended.
    fn end(&self) -> (Option<&str>, Option<&str>, Option<&str>) {
        (self.get("http.response.status_code"), self.get("error.type"), self.get("otel.status_code"))
    }
}

struct Collect<'a>(&'a mut Fields);

impl Visit for Collect<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let refuses = self.0.lock().unwrap().refuses_spans;
        metadata.is_event() || metadata.target() == "waypost::request" && !refuses
    }

    // What is wanted changes from test to test.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::sometimes()
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut kept = self.0.lock().unwrap();
        let mut fields = Fields::new();
        span.record(&mut Collect(&mut fields));
        kept.spans.push(Span { metadata: span.metadata(), fields, handles: 1, entered: 0 });
        Id::from_u64(kept.spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(&mut Collect(&mut self.0.lock().unwrap().spans[index(span)].fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Collect(&mut fields));
        let mut kept = self.0.lock().unwrap();
        let within = kept.current.clone();
        kept.events.push(Told { fields, within });
    }

    fn enter(&self, span: &Id) {
        let mut kept = self.0.lock().unwrap();
        kept.current.push(index(span));
        kept.spans[index(span)].entered += 1;
    }

    fn exit(&self, span: &Id) {
        assert_eq!(self.0.lock().unwrap().current.pop(), Some(index(span)));
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.0.lock().unwrap().spans[index(span)].handles += 1;
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        let mut kept = self.0.lock().unwrap();
        kept.spans[index(&span)].handles -= 1;
        kept.spans[index(&span)].handles == 0
    }
}

fn app() -> App<impl waypost::Routes<()>> {
    App::new(all()).trace(Trace::new())
}

fn get(target: &str) -> Request<Body> {
    Request::get(target).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn the_fields_of_a_request() {
    let (log, _guard) = Log::new();
    let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
    let peer =
        Peer::new(Some(([10, 0, 0, 1], 4711).into())).with_forwarded(ForwardedHeaders::XForwarded, &proxies);
    let request = Request::get("/%61pi/users/7?token=secret")
        .version(Version::HTTP_2)
        .header("host", "inner:1")
        .header("x-forwarded-host", "example.com")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-for", "203.0.113.9, 192.0.2.7")
        .header("user-agent", "curl/8");
    let response = app().respond(request.body(Body::empty()).unwrap(), &peer).await;
    assert_eq!(response.status(), 200);
    let span = log.span();
    assert_eq!(
        (span.metadata.name(), span.metadata.target(), *span.metadata.level()),
        ("request", "waypost::request", Level::INFO)
    );
    assert!(span.is_closed());
    let expected = [
        ("client.address", "192.0.2.7"),
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("http.route", "/api/users/{id}"),
        ("network.peer.address", "10.0.0.1"),
        ("network.peer.port", "4711"),
        ("network.protocol.version", "2"),
        ("otel.kind", "server"),
        ("otel.name", "GET /api/users/{id}"),
        ("server.address", "example.com"),
        ("server.port", "443"),
        ("url.path", "/%61pi/users/7"),
        ("url.scheme", "https"),
        ("user_agent.original", "curl/8"),
    ];
    let expected: Fields = expected.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    assert_eq!(span.fields, expected);
}

#[tokio::test]
async fn what_is_not_known_is_not_told() {
    let (log, _guard) = Log::new();
    app().respond(get("/api/users/7"), &Peer::default()).await;
    let span = log.span();
    for field in
        ["server.address", "server.port", "client.address", "network.peer.address", "network.peer.port"]
    {
        assert_eq!(span.get(field), None, "{field}");
    }
    assert_eq!(span.get("network.protocol.version"), Some("1.1"));
    assert_eq!(span.get("url.scheme"), Some("http"));
    assert_eq!(span.get("user_agent.original"), None);
}

#[tokio::test]
async fn the_server_is_the_host_that_was_asked_for() {
    for (host, address, port) in [
        ("example.com", Some("example.com"), Some("80")),
        ("example.com:8080", Some("example.com"), Some("8080")),
        ("[2001:db8::1]", Some("2001:db8::1"), Some("80")),
        ("[2001:db8::1]:8443", Some("2001:db8::1"), Some("8443")),
        ("a b", None, None),
        ("example.com:99999", None, None),
    ] {
        let (log, _guard) = Log::new();
        Client::new(app()).get("/api/users/7").header("host", host).send().await;
        let span = log.span();
        assert_eq!((span.get("server.address"), span.get("server.port")), (address, port), "{host}");
    }
}

#[tokio::test]
async fn queries_are_told_only_if_asked_for() {
    for (trace, query) in [(Trace::new(), None), (Trace::new().with_query(), Some("token=secret"))] {
        let (log, _guard) = Log::new();
        let app = App::new(all()).trace(trace);
        app.respond(get("/api/users/7?token=secret"), &Peer::default()).await;
        assert_eq!(log.span().get("url.query"), query);
    }
}

#[tokio::test]
async fn only_a_route_that_matched_is_named() {
    for (method, target, status, route) in [
        (Method::GET, "/nowhere", "404", None),
        (Method::DELETE, "/api/users/7", "405", Some("/api/users/{id}")),
        (Method::OPTIONS, "/api/users/7", "204", Some("/api/users/{id}")),
        (Method::OPTIONS, "*", "204", None),
        (Method::GET, "/static/logo.png", "404", None),
        (Method::HEAD, "/api/users/7", "200", Some("/api/users/{id}")),
    ] {
        let (log, _guard) = Log::new();
        let request = Request::builder().method(&method).uri(target).body(Body::empty()).unwrap();
        app().respond(request, &Peer::default()).await;
        let span = log.span();
        assert_eq!(span.get("http.route"), route, "{method} {target}");
        // A client's mistake is no error of the server's.
        assert_eq!(span.end(), (Some(status), None, None), "{method} {target}");
        let name = route.map_or(method.to_string(), |route| format!("{method} {route}"));
        assert_eq!(span.get("otel.name"), Some(&*name));
    }
}

#[tokio::test]
async fn methods_are_those_that_are_known() {
    for (method, target, known, name) in [
        ("BREW", "/api/users/7", "_OTHER", "HTTP /api/users/{id}"),
        ("BREW", "/nowhere", "_OTHER", "HTTP"),
        ("get", "/api/users/7", "_OTHER", "HTTP /api/users/{id}"),
        // A method of a route's own is known there.
        ("PROPFIND", "/api/dav", "PROPFIND", "PROPFIND /api/dav"),
        ("PROPFIND", "/api/users/7", "_OTHER", "HTTP /api/users/{id}"),
        ("TRACE", "/nowhere", "TRACE", "TRACE"),
    ] {
        let (log, _guard) = Log::new();
        let app = App::try_new(with_extension()).unwrap().trace(Trace::new());
        let request = Request::builder().method(method).uri(target).body(Body::empty()).unwrap();
        app.respond(request, &Peer::default()).await;
        let span = log.span();
        assert_eq!(span.get("http.request.method"), Some(known), "{method} {target}");
        assert_eq!(span.get("otel.name"), Some(name), "{method} {target}");
        let original = (known == "_OTHER").then_some(method);
        assert_eq!(span.get("http.request.method_original"), original, "{method} {target}");
    }
}

#[tokio::test]
async fn a_failure_is_an_event_inside_the_span() {
    let (log, _guard) = Log::new();
    app().respond(get("/api/fails"), &Peer::default()).await;
    assert_eq!(log.span().end(), (Some("500"), Some("500"), Some("ERROR")));
    let events = log.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].within, [0]);
    assert!(events[0].fields["error"].contains("the disk is full"), "{events:?}");
}

#[tokio::test]
async fn a_panic_is_a_500() {
    let (log, _guard) = Log::new();
    app().respond(get("/api/panics"), &Peer::default()).await;
    assert_eq!(log.span().end(), (Some("500"), Some("500"), Some("ERROR")));
    assert_eq!(log.events()[0].within, [0]);
}

#[tokio::test]
async fn the_status_is_the_one_that_is_sent() {
    let (log, _guard) = Log::new();
    let app = app().on_error(|_, mut response| {
        tracing::info!("rewritten");
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response
    });
    app.respond(get("/nowhere"), &Peer::default()).await;
    assert_eq!(log.span().end(), (Some("503"), Some("503"), Some("ERROR")));
    assert_eq!(log.events()[0].within, [0]);
}

#[tokio::test]
async fn each_poll_is_inside_the_span_of_its_request() {
    let (log, _guard) = Log::new();
    let (app, peer) = (app(), Peer::default());
    let one = app.respond(get("/api/waits/one"), &peer);
    let two = app.respond(get("/api/waits/two"), &peer);
    futures_util::future::join(one, two).await;
    let events = log.events();
    assert_eq!(events.len(), 2);
    for event in events {
        let [span] = event.within[..] else { panic!("{event:?}") };
        assert_eq!(log.spans()[span].get("url.path"), Some(&*format!("/api/waits/{}", event.fields["name"])));
        assert_eq!(log.spans()[span].entered, 2);
    }
}

#[tokio::test]
async fn the_span_lasts_as_long_as_the_body() {
    let (log, _guard) = Log::new();
    let mut body = app().respond(get("/api/stream"), &Peer::default()).await.into_body();
    assert_eq!(body.chunk().await.unwrap().unwrap(), "one ");
    assert!(!log.span().is_closed());
    assert_eq!(body.chunk().await.unwrap().unwrap(), "two");
    assert!(body.chunk().await.unwrap().is_none());
    let span = log.span();
    assert!(span.is_closed());
    assert_eq!(span.end(), (Some("200"), None, None));
    let events = log.events();
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.within == [0]), "{events:?}");
}

#[tokio::test]
async fn a_body_that_gave_what_it_announced_is_at_its_end() {
    let (log, _guard) = Log::new();
    let mut body = app().respond(get("/api/announced"), &Peer::default()).await.into_body();
    body.chunk().await.unwrap();
    assert!(!log.span().is_closed());
    body.chunk().await.unwrap();
    assert!(log.span().is_closed());
    drop(body);
    assert_eq!(log.span().end(), (Some("200"), None, None));
}

#[tokio::test]
async fn a_body_that_is_left_or_breaks() {
    let (log, _guard) = Log::new();
    let mut body = app().respond(get("/api/stream"), &Peer::default()).await.into_body();
    body.chunk().await.unwrap();
    drop(body);
    // Not the server's failure.
    assert_eq!(log.span().end(), (Some("200"), Some("cancelled"), None));

    let (log, _guard) = Log::new();
    drop(app().respond(get("/api/fails-at-length"), &Peer::default()).await);
    assert_eq!(log.span().end(), (Some("500"), Some("500"), Some("ERROR")));

    let (log, _guard) = Log::new();
    let mut body = app().respond(get("/api/breaks"), &Peer::default()).await.into_body();
    body.chunk().await.unwrap();
    body.chunk().await.unwrap_err();
    assert_eq!(log.span().end(), (Some("200"), Some("incomplete_body"), Some("ERROR")));
}

/// What a server sends whole has come to its end, whether or not the body was asked for it.
#[tokio::test]
async fn bodies_that_are_sent_are_at_their_end() {
    for target in ["/api/users/7", "/api/stream", "/api/announced", "/api/unchanged"] {
        for is_http2 in [false, true] {
            let (log, _guard) = Log::new();
            let (wire, server) = tokio::io::duplex(1 << 16);
            let server = Server::serve_connection(server, Arc::new(app()), Peer::default());
            let client = async {
                let request = Request::get(format!("http://localhost{target}")).header("host", "localhost");
                let request = request.body(Empty::<Bytes>::new()).unwrap();
                let wire = TokioIo::new(wire);
                let response = if is_http2 {
                    let (mut sender, connection) =
                        hyper::client::conn::http2::handshake(TokioExecutor::new(), wire).await.unwrap();
                    tokio::spawn(connection);
                    sender.send_request(request).await.unwrap()
                } else {
                    let (mut sender, connection) = hyper::client::conn::http1::handshake(wire).await.unwrap();
                    tokio::spawn(connection);
                    sender.send_request(request).await.unwrap()
                };
                let status = response.status().to_string();
                response.into_body().collect().await.unwrap();
                status
            };
            let (status, ()) = futures_util::future::join(client, server).await;
            let span = log.span();
            assert!(span.is_closed());
            assert_eq!(span.end(), (status.get(..3), None, None), "{target}");
            let version = if is_http2 { "2" } else { "1.1" };
            assert_eq!(span.get("network.protocol.version"), Some(version));
        }
    }
}

#[tokio::test]
async fn a_head_request_ends_without_the_body_it_has_not() {
    let (log, _guard) = Log::new();
    let request = Request::head("/api/stream").body(Body::empty()).unwrap();
    let response = app().respond(request, &Peer::default()).await;
    let span = log.span();
    assert!(span.is_closed());
    assert_eq!(span.end(), (Some("200"), None, None));
    assert_eq!(span.get("http.request.method"), Some("HEAD"));
    drop(response);
}

#[tokio::test]
async fn a_request_that_nobody_waits_for() {
    let (log, _guard) = Log::new();
    let (app, peer) = (app(), Peer::default());
    leave(app.respond(get("/api/never"), &peer)).await;
    let span = log.span();
    assert!(span.is_closed());
    assert_eq!(span.end(), (None, Some("cancelled"), None));
}

/// The hook of `Trace::on_span` is the way to a parent that the client names.
#[tokio::test]
async fn the_hook_sees_the_span_before_it_is_entered() {
    let (log, _guard) = Log::new();
    let seen = Arc::new(AtomicBool::new(false));
    let hook = {
        let (log, seen) = (log.clone(), Arc::clone(&seen));
        move |span: &tracing::Span, head: &waypost::Head| {
            assert_eq!(head.headers()["traceparent"], "00-1-2-01");
            assert_eq!(span.id().map(|id| index(&id)), Some(0));
            assert_eq!(log.span().entered, 0);
            seen.store(true, Ordering::Relaxed);
            panic!("passed over");
        }
    };
    let app = App::new(all()).trace(Trace::new().on_span(hook));
    let reply = Client::new(app).get("/api/users/7").header("traceparent", "00-1-2-01").send().await;
    assert_eq!(reply.status(), 200);
    assert!(seen.load(Ordering::Relaxed));
    assert_eq!(log.span().end(), (Some("200"), None, None));
}

#[tokio::test]
async fn nobody_who_listens_no_span() {
    let (log, _guard) = Log::new();
    log.0.lock().unwrap().refuses_spans = true;
    let app = App::new(all()).trace(Trace::new().on_span(|_, _| panic!("there is none")));
    let mut body = app.respond(get("/api/stream"), &Peer::default()).await.into_body();
    body.chunk().await.unwrap();
    assert!(log.spans().is_empty());
    assert!(log.events().iter().all(|event| event.within.is_empty()));
}

#[tokio::test]
async fn nobody_who_asks_no_span() {
    let (log, _guard) = Log::new();
    App::new(all()).respond(get("/api/fails"), &Peer::default()).await;
    assert!(log.spans().is_empty());
    assert_eq!(log.events().len(), 1);
}

#[tokio::test]
async fn middleware_and_state_keep_it() {
    let (log, _guard) = Log::new();
    let app = app().wrap(waypost::BodyLimit::new(1)).state(()).clone();
    let mut service = app;
    let response = tower::Service::call(&mut service, get("/nowhere")).await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(log.span().end(), (Some("404"), None, None));
}
