//! Handlers that say themselves how long their answers are, and are wrong.

use futures_util::stream;
use http_body_util::BodyExt as _;
use waypost::__connection::Limits;
use waypost::http::{Method, Request, StatusCode};
use waypost::{App, Body, BoxError, Bytes, IntoResponse, Peer, Respond, Response, get, routes};

use super::{Served, connect};

/// Answers `/KIND/LENGTHS/PIECES` with pieces of such lengths: `whole`, as one; `stream`; `sized`, a stream that knows its
/// length, which is left to hyper.
struct Promises;

impl Respond for Promises {
    async fn respond(&self, request: Request<Body>, _: &Peer) -> Response {
        let path = request.uri().path().to_owned();
        let [_, kind, promised, pieces] = path.split('/').collect::<Vec<_>>()[..] else {
            return Response::new("plain".into());
        };
        let pieces: Vec<Bytes> = pieces
            .split(',')
            .filter(|length| !length.is_empty())
            .map(|length| vec![b'x'; length.parse().unwrap()].into())
            .collect();
        let mut response = Response::new(match kind {
            "whole" => pieces.concat().into(),
            "sized" => Body::new(http_body_util::Full::new(Bytes::from(pieces.concat()))),
            _ => Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, BoxError>))),
        });
        for length in promised.split(',') {
            response.headers_mut().append("content-length", length.parse().unwrap());
        }
        if request.method() == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        response
    }
}

fn served() -> Served {
    connect(Promises, Limits::default(), 1 << 16)
}

/// Sends two requests, and looks whether the second is answered where the answer to the first ends.
#[tokio::test(start_paused = true)]
async fn http1_stays_in_step() {
    for path in [
        "/whole/5/5",
        "/whole/3/5",
        "/whole/9/5",
        "/whole/many/5",
        "/whole/5,6/5",
        "/whole/+5/5",
        "/whole/0/5",
        "/sized/3/5",
        "/sized/9/5",
        "/whole/5,5/5",
        "/sized/5/5",
    ] {
        let mut served = served();
        served
            .wire
            .send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"))
            .await;
        let reply = served.wire.reply().await;
        assert_eq!((reply.status, reply.text()), (200, "xxxxx"), "{path}");
        assert_eq!(reply.head.matches("content-length").count(), 1, "{path}");
        assert_eq!(served.wire.reply().await.text(), "plain", "{path}");
    }
    // What is not there has no length, but in the answer to HEAD.
    let mut served = served();
    served
        .wire
        .send("GET /whole/7/ HTTP/1.1\r\nHost: a\r\n\r\nHEAD /whole/7/ HTTP/1.1\r\nHost: a\r\n\r\n")
        .await;
    assert_eq!(served.wire.reply().await.header("content-length").as_deref(), Some("0"));
    assert_eq!(served.wire.reply_to_head().await.header("content-length").as_deref(), Some("7"));
    served.wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(served.wire.reply().await.text(), "plain");
}

#[tokio::test(start_paused = true)]
async fn http1_streams() {
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    // As promised.
    let mut wire = served().wire;
    wire.send(get("/stream/7/3,4") + &get("/stream/many/3,4") + &get("/stream/7,7/3,4") + &get("/")).await;
    let reply = wire.reply().await;
    assert_eq!((reply.header("content-length").as_deref(), reply.text()), (Some("7"), "xxxxxxx"));
    for _ in 0..2 {
        let reply = wire.reply().await;
        assert_eq!(
            (reply.header("transfer-encoding").as_deref(), reply.text()),
            (Some("chunked"), "xxxxxxx")
        );
    }
    assert_eq!(wire.reply().await.text(), "plain");
    // Too short: broken off, as anybody can see (if it was sent at all), and nothing comes behind it.
    let mut wire = served().wire;
    wire.send(get("/stream/9/3,4") + &get("/")).await;
    let rest = String::from_utf8(wire.rest().await).unwrap();
    assert!(
        rest.is_empty() || rest.contains("content-length: 9\r\n") && rest.ends_with("\r\n\r\nxxxxxxx"),
        "{rest}"
    );
    // Too long: as long as promised.
    for (path, sent) in [("/stream/5/3,4", "xxxxx"), ("/stream/3/3,4", "xxx")] {
        let mut wire = served().wire;
        wire.send(get(path) + &get("/")).await;
        assert_eq!(wire.reply().await.text(), sent);
        assert_eq!(wire.reply().await.text(), "plain");
    }
}

#[tokio::test(start_paused = true)]
async fn http2() {
    let (mut sender, ..) = served().http2().await;
    let mut ask = async |method: Method, path: &str| {
        let request = Request::builder().method(method).uri(format!("http://a{path}"));
        let request = request.body(http_body_util::Empty::<Bytes>::new().boxed()).unwrap();
        sender.ready().await.unwrap();
        let Ok(response) = sender.send_request(request).await else { return (None, None) };
        assert_eq!(response.status(), StatusCode::OK);
        let length = response.headers().get("content-length").map(|value| value.to_str().unwrap().to_owned());
        (length, response.into_body().collect().await.map(|body| body.to_bytes().len()).ok())
    };
    let some = |length: &str| Some(length.to_owned());
    for path in [
        "/whole/5/5",
        "/whole/3/5",
        "/whole/9/5",
        "/whole/5,6/5",
        "/sized/3/5",
        "/sized/9/5",
        "/stream/5/2,3",
    ] {
        assert_eq!(ask(Method::GET, path).await, (some("5"), Some(5)), "{path}");
    }
    for path in ["/stream/9/3,4", "/stream/5/3,4", "/stream/3/3,4"] {
        assert_eq!(ask(Method::GET, path).await.1, None, "{path}");
    }
    assert_eq!(ask(Method::GET, "/stream/many/3,4").await, (None, Some(7)));
    assert_eq!(ask(Method::GET, "/whole/7/").await.1, Some(0));
    assert_eq!(ask(Method::HEAD, "/whole/7/").await, (some("7"), Some(0)));
    assert_eq!(ask(Method::GET, "/").await, (some("5"), Some(5)));
}

#[get("/wrong")]
async fn wrong() -> impl IntoResponse {
    ([("content-length", "3")], "hello")
}

/// It has the fields of the answer to GET.
#[tokio::test(start_paused = true)]
async fn an_answer_to_head() {
    let mut served = connect(App::new(routes![wrong]), Limits::default(), 1 << 16);
    for method in ["GET", "HEAD", "GET"] {
        served.wire.send(format!("{method} /wrong HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        let reply =
            if method == "GET" { served.wire.reply().await } else { served.wire.reply_to_head().await };
        assert_eq!(reply.header("content-length").as_deref(), Some("5"), "{method}");
    }
    assert_eq!(served.watch.requests_http1(), 3);
}

/// Answers with the status in the path and a body, whatever that is.
struct Content;

impl Respond for Content {
    async fn respond(&self, request: Request<Body>, _: &Peer) -> Response {
        let Ok(status) = request.uri().path()[1..].parse::<u16>() else {
            return std::future::pending().await;
        };
        let mut response = Response::new("content".into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response
    }
}

/// RFC 9110 section 6.4.1, and section 8.6 for the lengths. hyper sees to HTTP/1.
#[tokio::test(start_paused = true)]
async fn answers_without_content_over_http2() {
    let limits = Limits { handler: Some(std::time::Duration::from_secs(1)), ..Limits::default() };
    let (mut sender, ..) = connect(Content, limits, 1 << 16).http2().await;
    for (method, path, expect, status, length, content) in [
        (Method::GET, "/200", "", 200, Some("7"), 7),
        (Method::HEAD, "/200", "", 200, Some("7"), 0),
        (Method::GET, "/204", "", 204, None, 0),
        (Method::HEAD, "/204", "", 204, None, 0),
        (Method::GET, "/304", "", 304, None, 0),
        (Method::HEAD, "/304", "", 304, None, 0),
        // What is answered in the application's place is a problem document to GET.
        (Method::HEAD, "/200", "miracles", 417, Some(""), 0),
        (Method::HEAD, "/never", "", 503, Some(""), 0),
    ] {
        let mut request = Request::builder().method(&method).uri(format!("http://a{path}"));
        if !expect.is_empty() {
            request = request.header("expect", expect);
        }
        let request = request.body(http_body_util::Empty::<Bytes>::new().boxed()).unwrap();
        sender.ready().await.unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        let told = response.headers().get("content-length").map(|value| value.to_str().unwrap().to_owned());
        match length {
            // As long as the document would be.
            Some("") => assert!(told.is_some_and(|told| told.parse::<u64>().unwrap() > 0), "{method} {path}"),
            length => assert_eq!(told.as_deref(), length, "{method} {path}"),
        }
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(bytes.len(), content, "{method} {path}");
    }
}

#[get("/nothing")]
async fn nothing() -> StatusCode {
    StatusCode::NO_CONTENT
}

#[tokio::test(start_paused = true)]
async fn a_head_of_nothing_has_no_length() {
    let mut served = connect(App::new(routes![nothing]), Limits::default(), 1 << 16);
    served.wire.send("HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let reply = served.wire.reply_to_head().await;
    assert_eq!((reply.status, reply.header("content-length")), (204, None));
}
