//! Which responses are compressed, and what their fields say.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use waypost::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    HeaderMap, HeaderName, VARY,
};
use waypost::http::{Method, StatusCode};
use waypost::test::{Client, Reply};
use waypost::{App, Body, Compression, Error, IntoResponse as _, Response, get, head, routes};

use super::{Answer, answering, ask, decode, poem, prose, text};

/// `Content-Encoding` and `Vary` of the answer for a client that takes gzip.
async fn verdict(answer: impl Fn() -> Response + Send + Sync + 'static) -> (Option<String>, Option<String>) {
    let reply = ask(answering(Compression::new(), move |_| answer()), "gzip").await;
    let field = |name| reply.header(name).map(str::to_owned);
    (field("content-encoding"), field("vary"))
}

fn compressed() -> (Option<String>, Option<String>) {
    (Some("gzip".to_owned()), Some("accept-encoding".to_owned()))
}

#[tokio::test]
async fn only_what_may_be() {
    const DIGEST: HeaderName = HeaderName::from_static("content-digest");
    for status in [200, 201, 203, 300, 301, 400, 404, 410, 500, 503] {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = move || (status, text(prose(5000), &[])).into_response();
        assert_eq!(verdict(answer).await, compressed(), "{status}");
    }
    for (status, vary) in [(101, false), (103, false), (204, false), (205, false), (206, true), (304, true)] {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = move || (status, text(prose(5000), &[])).into_response();
        assert_eq!(verdict(answer).await, (None, vary.then(|| "accept-encoding".to_owned())), "{status}");
    }
    for (name, value) in [
        (CONTENT_RANGE, "bytes 0-4999/10000"),
        (CACHE_CONTROL, "no-transform"),
        (CACHE_CONTROL, "max-age=60 ,\tNo-Transform"),
        (DIGEST, "sha-256=:AAAA:"),
    ] {
        let field = (name, value);
        let answer = move || text(prose(5000), std::slice::from_ref(&field));
        assert_eq!(verdict(answer).await, (None, None), "{value}");
    }
    let encoded = || text(prose(5000), &[(CONTENT_ENCODING, "zstd")]);
    assert_eq!(verdict(encoded).await, (Some("zstd".to_owned()), None));
    let cached = || text(prose(5000), &[(CACHE_CONTROL, "public, max-age=60")]);
    assert_eq!(verdict(cached).await, compressed());
}

#[tokio::test]
async fn only_what_is_large_enough() {
    for (size, expected) in [(0, false), (1, false), (1023, false), (1024, true)] {
        let answer = move || text(prose(size), &[]);
        assert_eq!(verdict(answer).await.0.is_some(), expected, "{size}");
    }
    for minimum in [0, 1] {
        let app = |size| answering(Compression::new().minimum_size(minimum), move |_| text(prose(size), &[]));
        assert_eq!(ask(app(0), "gzip").await.header("content-encoding"), None);
        let reply = ask(app(1), "br").await;
        assert_eq!(reply.header("content-encoding"), Some("br"));
        assert_eq!(decode("br", &reply.bytes().await), b"a");
    }
    // What a stream says of its length counts, too.
    for (said, expected) in [("1023", false), ("1024", true)] {
        let (_, body) = super::channel();
        let response = std::sync::Mutex::new(Some(text(body, &[(CONTENT_LENGTH, said)])));
        let answer = move || response.lock().unwrap().take().unwrap();
        assert_eq!(verdict(answer).await.0.is_some(), expected, "{said}");
    }
}

#[tokio::test]
async fn only_types_that_get_smaller() {
    for (media_type, expected) in [
        ("text/html; charset=utf-8", true),
        ("TEXT/CSS", true),
        ("text/event-stream", false),
        ("Text/Event-Stream;charset=utf-8", false),
        ("application/json", true),
        ("application/problem+json", true),
        ("application/javascript", true),
        ("application/wasm", true),
        ("application/xhtml+xml", true),
        ("image/svg+xml", true),
        ("image/png", false),
        ("font/woff2", false),
        ("font/ttf", true),
        ("video/mp4", false),
        ("application/zip", false),
        ("application/octet-stream", false),
        ("application/grpc", false),
        ("application/grpc+json", false),
        ("application/grpc-web+proto", false),
        ("application/", false),
        ("json", false),
        ("", false),
    ] {
        let answer = move || {
            let mut response = text(prose(5000), &[]);
            response.headers_mut().insert(CONTENT_TYPE, media_type.parse().unwrap());
            response
        };
        let expected = if expected { compressed() } else { (None, None) };
        assert_eq!(verdict(answer).await, expected, "{media_type:?}");
    }
    assert_eq!(verdict(|| Response::new(Body::from(prose(5000)))).await, (None, None));
}

#[tokio::test]
async fn or_types_that_the_application_names() {
    let compression = Compression::new().content_types(|media_type| media_type == "model/obj");
    for (media_type, expected) in
        [("Model/OBJ; v=1", Some("gzip")), ("model/obj", Some("gzip")), ("text/html", None)]
    {
        let app = answering(compression.clone(), move |_| {
            let mut response = text(prose(5000), &[]);
            response.headers_mut().insert(CONTENT_TYPE, media_type.parse().unwrap());
            response
        });
        assert_eq!(ask(app, "gzip").await.header("content-encoding"), expected, "{media_type}");
    }
}

#[tokio::test]
async fn fields_of_the_plain_response_are_changed() {
    let fields = [
        (CONTENT_LENGTH, "5000"),
        (ACCEPT_RANGES, "bytes"),
        (ETAG, "\"one\""),
        (VARY, "origin"),
        (VARY, "cookie"),
    ];
    let app = answering(Compression::new(), move |_| text(prose(5000), &fields));
    let reply = ask(app.clone(), "gzip").await;
    let lines: Vec<_> = reply.headers().get_all("vary").iter().collect();
    assert_eq!(lines, ["origin, accept-encoding", "cookie"]);
    assert_eq!(reply.header("etag"), Some("W/\"one\""));
    assert_eq!(reply.header("accept-ranges"), None);
    assert_ne!(reply.header("content-length"), Some("5000"));

    let reply = ask(app, "identity").await;
    assert_eq!(reply.header("vary"), Some("origin, accept-encoding"));
    assert_eq!(reply.header("etag"), Some("\"one\""));
    assert_eq!(reply.header("accept-ranges"), Some("bytes"));
    assert_eq!(reply.header("content-length"), Some("5000"));

    for (before, after) in [("*", "*"), ("Accept-Encoding", "Accept-Encoding"), ("", "accept-encoding")] {
        let app =
            answering(Compression::new(), move |_| text(prose(5000), &[(VARY, before), (ETAG, "W/\"w\"")]));
        let reply = ask(app, "gzip").await;
        assert_eq!(reply.header("vary"), Some(after));
        assert_eq!(reply.header("etag"), Some("W/\"w\""));
    }
}

/// A handler with a strong tag, which answers 304 as RFC 9110 section 13.1.2 says.
#[get("/tagged")]
async fn tagged(headers: &HeaderMap) -> Response {
    let mut lines = headers.get_all("if-none-match").iter();
    let known = lines.any(|tags| tags.to_str().unwrap().contains("\"one\""));
    let mut response = text(if known { String::new() } else { prose(5000) }, &[(ETAG, "\"one\"")]);
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response
}

#[tokio::test]
async fn a_304_has_the_tag_that_was_sent() {
    let client = Client::new(App::new(routes![tagged]).wrap(Compression::new()));
    let reply = client.get("/tagged").header("accept-encoding", "gzip").send().await;
    let tag = reply.header("etag").unwrap().to_owned();
    assert_eq!(tag, "W/\"one\"");
    for (coding, asked, expected) in [
        ("gzip", &*tag, "W/\"one\""),
        ("gzip", "\"x\", W/\"one\"", "W/\"one\""),
        ("gzip", "\"one\"", "\"one\""),
        ("identity", "\"one\"", "\"one\""),
    ] {
        let request = client.get("/tagged").header("accept-encoding", coding).header("if-none-match", asked);
        let reply = request.send().await;
        assert_eq!(reply.status(), 304);
        assert_eq!(reply.header("etag"), Some(expected), "{coding} {asked}");
        assert_eq!(reply.header("vary"), Some("accept-encoding"));
        assert_eq!(reply.header("content-encoding"), None);
        assert!(reply.bytes().await.is_empty());
    }
    let request = client.get("/tagged").header("accept-encoding", "gzip").header("if-none-match", "\"x\"");
    let reply = request.header("if-none-match", &tag).send().await;
    assert_eq!((reply.status().as_u16(), reply.header("etag")), (304, Some("W/\"one\"")), "on another line");
}

#[tokio::test]
async fn twice_is_once() {
    let app = App::new(routes![poem].wrap(Compression::new())).wrap(Compression::new().prefer_brotli());
    let reply = ask_poem(app, "gzip, br").await;
    assert_eq!(reply.headers().get_all("content-encoding").iter().collect::<Vec<_>>(), ["gzip"]);
    assert_eq!(reply.headers().get_all("vary").iter().collect::<Vec<_>>(), ["accept-encoding"]);
    assert_eq!(decode("gzip", &reply.bytes().await), prose(5000).into_bytes());
}

async fn ask_poem(app: impl waypost::Respond, accepted: &str) -> Reply {
    Client::new(app).get("/poem").header("accept-encoding", accepted).send().await
}

#[tokio::test]
async fn around_a_set_it_is_for_that_set() {
    #[get("/other")]
    async fn other() -> String {
        prose(5000)
    }

    let client = Client::new(App::new(routes![..routes![poem].wrap(Compression::new()), other]));
    for (target, expected) in [("/poem", Some("gzip")), ("/other", None)] {
        let reply = client.get(target).header("accept-encoding", "gzip").send().await;
        assert_eq!(reply.header("content-encoding"), expected, "{target}");
    }
}

/// The fields of an answer, but for its length.
fn fields(reply: &Reply) -> HeaderMap {
    let mut fields = reply.headers().clone();
    fields.remove(CONTENT_LENGTH);
    fields
}

#[tokio::test]
async fn head_has_the_fields_of_get() {
    for size in [0, 100, 5000, 100_000] {
        for accepted in ["gzip", "br", "identity"] {
            let tag = (ETAG, "\"one\"");
            let app = answering(Compression::new(), move |_| text(prose(size), std::slice::from_ref(&tag)));
            let client = Client::new(app);
            let ask = |method| client.request(method, "/").header("accept-encoding", accepted).send();
            let (get, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
            assert_eq!(fields(&get), fields(&head), "{size} {accepted}");
            // Without a coding the length is known; with one it would have to be found out.
            let plain = get.header("content-encoding").is_none();
            let length = plain.then(|| size.to_string());
            assert_eq!(head.header("content-length"), length.as_deref(), "{size} {accepted}");
            assert!(head.bytes().await.is_empty());
        }
    }
}

#[tokio::test]
async fn a_handler_of_head_may_say_the_length() {
    #[head("/said")]
    async fn said() -> Response {
        text(Body::empty(), &[(CONTENT_LENGTH, "5000")])
    }
    #[head("/unsaid")]
    async fn unsaid() -> Response {
        text(Body::empty(), &[])
    }

    let client = Client::new(App::new(routes![said, unsaid]).wrap(Compression::new()));
    for (target, coding) in [("/said", Some("gzip")), ("/unsaid", None)] {
        let reply = client.head(target).header("accept-encoding", "gzip").send().await;
        assert_eq!(reply.header("content-encoding"), coding, "{target}");
        assert_ne!(reply.header("content-length"), Some("5000"));
    }
}

#[tokio::test]
async fn an_error_stays_for_the_hook() {
    static SEEN: AtomicU64 = AtomicU64::new(0);

    #[get("/wrong")]
    async fn wrong() -> Result<(), Error> {
        Err(Error::bad_request("wrong"))
    }

    let app = App::new(routes![wrong].wrap(Compression::new().minimum_size(1))).on_error(|_, response| {
        SEEN.store(response.body().len().unwrap(), SeqCst);
        response.map(|_| Body::from(prose(5000)))
    });
    let reply = Client::new(app).get("/wrong").header("accept-encoding", "gzip").send().await;
    assert!(SEEN.load(SeqCst) > 0);
    assert_eq!(reply.header("content-encoding"), None);
    assert_eq!(reply.text().await, prose(5000));
}

#[tokio::test]
async fn what_is_beneath_does_not_see_it() {
    let app = App::new(routes![]).wrap(Answer(|request: &waypost::Request| {
        let line = request.headers().get("accept-encoding").unwrap();
        text(format!("{}{}", line.to_str().unwrap(), prose(2000)), &[])
    }));
    let reply = ask(app.wrap(Compression::new()), "gzip;q=0.5").await;
    assert!(decode("gzip", &reply.bytes().await).starts_with(b"gzip;q=0.5a rose"));
}
