//! What is in the answers: the fields that say how long they are, and nothing that a client put there.

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;
use waypost::{App, Body, Bytes, Error, Head, Peer, Redirect, Respond, Response, get, post, routes};

use super::{Answer, Exchange};

/// The answers to some bytes, and whether the connection is closed behind them.
async fn ask(app: impl Respond, bytes: &str) -> (Vec<Answer>, bool) {
    let mut exchange = Exchange::new(Arc::new(app));
    exchange.send(bytes.as_bytes()).await;
    (exchange.answers(), exchange.closed)
}

const NEXT: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_a_problem_document() {
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417),
    ] {
        let (answers, closed) = ask(App::new(routes![index]), &format!("{request}{NEXT}")).await;
        let [answer] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!((answer.status, answer.header("connection"), closed), (status, Some("close"), true));
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let document: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(document["status"], status);
        assert!(document["title"].is_string() && document["detail"].is_string(), "{document}");
    }
    // HEAD is told the same without the document.
    let (answers, _) = ask(App::new(routes![index]), "HEAD / HTTP/1.1\r\n\r\n").await;
    assert_eq!((answers[0].status, answers[0].body.len()), (400, 0));
}

/// RFC 9112 section 3.2.2: the target's authority, for whoever asks in whatever way.
#[tokio::test(start_paused = true)]
async fn the_host_of_a_target_in_absolute_form() {
    #[get("/{*rest}")]
    fn host(rest: &str, head: &Head, #[header("host")] host: &str) -> String {
        format!("{rest} {} {host}", head.host().unwrap_or_default())
    }

    for (target, host) in [("http://b:81/x", "b:81"), ("http://u:p@b/x?y", "b"), ("https://[::1]/x", "[::1]")]
    {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        let (answers, _) = ask(App::new(routes![host]), &request).await;
        assert_eq!(String::from_utf8_lossy(&answers[0].body), format!("x {host} {host}"));
    }
    let (answers, _) = ask(App::new(routes![host]), "GET http://b/x HTTP/1.0\r\n\r\n").await;
    assert_eq!(answers[0].body, b"x b b");
}

/// A fragment is none of a server's business (RFC 9110 section 4.2.5): it is gone before anybody sees the target.
#[tokio::test(start_paused = true)]
async fn a_fragment_is_cut_off() {
    #[get("/{*rest}")]
    fn target(rest: &str, head: &Head) -> String {
        format!("{rest} {}", head.original_uri())
    }

    for request in ["/a?b#c", "http://h/a?b#/d?e"] {
        let request = format!("GET {request} HTTP/1.1\r\nHost: a\r\n\r\n");
        let (answers, _) = ask(App::new(routes![target]), &request).await;
        let body = String::from_utf8_lossy(&answers[0].body);
        assert!(body.starts_with("a ") && body.ends_with("/a?b"), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn options_for_the_server_as_a_whole() {
    #[post("/users")]
    fn create() {}

    let request = format!("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n{NEXT}");
    let (answers, closed) = ask(App::new(routes![index, create]), &request).await;
    assert_eq!((answers[0].status, answers[1].status, closed), (204, 200, false));
    assert_eq!(answers[0].header("allow"), Some("GET, HEAD, OPTIONS, POST"));
    assert_eq!(answers[0].header("content-length"), None);
}

/// Answers everything with 200, or with what its path says.
struct Yes;

impl Respond for Yes {
    async fn respond<'a>(&'a self, request: http::Request<Body>, _: &'a Peer) -> Response {
        let mut response = Response::new("yes".into());
        if let Some(status) = request.uri().path().get(1..).and_then(|status| status.parse().ok()) {
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
        }
        response
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_becomes_a_tunnel() {
    // Not even for an application that says yes to everything.
    for request in ["CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n", "CONNECT b:443 HTTP/1.0\r\n\r\n"] {
        let (answers, closed) = ask(Yes, &format!("{request}{NEXT}")).await;
        assert_eq!((answers.len(), answers[0].status, closed), (1, 501, true));
    }
    // One that switches protocols has none to switch to: what follows is not taken for a request.
    for field in ["", "Upgrade: a\r\n", "Connection: upgrade\r\nUpgrade: a\r\n"] {
        let request = format!("GET /101 HTTP/1.1\r\nHost: a\r\n{field}\r\n{NEXT}");
        let (answers, closed) = ask(Yes, &request).await;
        assert_eq!((answers.len(), answers[0].status, closed), (1, 101, true), "{field}");
    }
}

#[tokio::test(start_paused = true)]
async fn some_answers_have_no_content() {
    for status in [204, 304] {
        let request = format!("GET /{status} HTTP/1.1\r\nHost: a\r\n\r\n{NEXT}");
        let (answers, closed) = ask(Yes, &request).await;
        assert_eq!((answers[0].status, answers[1].status, closed), (status, 200, false));
        assert_eq!((answers[0].header("content-length"), answers[0].body.len()), (None, 0));
        assert_eq!(answers[1].body, b"yes");
    }
    let (answers, closed) = ask(Yes, &format!("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n{NEXT}")).await;
    assert_eq!((answers[0].header("content-length"), answers[0].body.len()), (Some("3"), 0));
    assert_eq!((answers[1].body.as_slice(), closed), (&b"yes"[..], false));
}

#[tokio::test(start_paused = true)]
async fn http_1_0_is_told_that_the_connection_stays() {
    let request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    let (answers, closed) = ask(App::new(routes![index]), &request.repeat(2)).await;
    assert_eq!((answers.len(), closed), (2, false));
    assert_eq!(answers[1].header("connection"), Some("keep-alive"));
    let (answers, closed) = ask(App::new(routes![index]), "GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!((answers[0].header("connection"), closed), (None, true));
}

#[tokio::test(start_paused = true)]
async fn trailers_are_no_header_fields() {
    #[post("/")]
    async fn fields(mut body: Body, head: &Head) -> waypost::Result<String> {
        while body.chunk().await?.is_some() {}
        Ok(head.headers().keys().map(|name| format!("{name} ")).collect())
    }

    let request =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Admin: yes\r\n\r\n";
    let (answers, _) = ask(App::new(routes![fields]), request).await;
    assert_eq!(answers[0].body, b"host transfer-encoding ");
}

/// Whatever a client sends, it does not begin a line of an answer's head.
#[tokio::test(start_paused = true)]
async fn no_header_is_injected() {
    #[get("/redirect?{to}")]
    fn redirect(to: &str) -> Redirect {
        Redirect::to(to)
    }

    #[get("/field?{to}")]
    fn field(to: &str) -> ([(&'static str, String); 1], &'static str) {
        ([("x-field", to.to_owned())], "field")
    }

    #[get("/name?{to}")]
    fn name(to: &str) -> ([(String, &'static str); 1], &'static str) {
        ([(to.to_owned(), "yes")], "name")
    }

    #[get("/problem?{to}")]
    fn problem(to: &str) -> Error {
        Error::bad_request(to.to_owned()).title(to.to_owned())
    }

    #[get("/echo")]
    fn echo(#[header("x-echo")] echo: &str) -> ([(&'static str, String); 1], &'static str) {
        ([("x-echo", echo.to_owned())], "echo")
    }

    let app = || App::new(routes![redirect, field, name, problem, echo]);
    for evil in [
        "a%0d%0ax-evil:%20yes",
        "a%0ax-evil:%20yes",
        "a%0dx-evil:yes",
        "a%00",
        "a%0d%0a%0d%0aHTTP/1.1%20200%20OK",
    ] {
        for path in ["redirect", "field", "name", "problem"] {
            let request = format!("GET /{path}?to={evil} HTTP/1.1\r\nHost: a\r\n\r\n");
            let (answers, _) = ask(app(), &request).await;
            let [answer] = answers.as_slice() else { panic!("{answers:?}") };
            assert_eq!(answer.header("x-evil"), None, "{}", answer.head);
            assert_eq!(answer.status, if path == "problem" { 400 } else { 500 }, "{}", answer.head);
        }
    }
    let (answers, _) = ask(app(), "GET /echo HTTP/1.1\r\nHost: a\r\nX-Echo: a\nX-Evil: yes\r\n\r\n").await;
    assert_eq!((answers[0].header("x-echo"), answers[0].header("x-evil")), (Some("a"), None));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_continue_comes_once_and_before_the_answer() {
    #[post("/")]
    fn echo(body: Bytes) -> Bytes {
        body
    }

    let mut exchange = Exchange::new(Arc::new(App::new(routes![echo])));
    exchange.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n").await;
    assert_eq!(exchange.received, b"HTTP/1.1 100 Continue\r\n\r\n");
    exchange.send(b"he").await;
    exchange.send(b"re").await;
    let answers = exchange.answers();
    assert_eq!((answers.len(), answers[1].status, answers[1].body.as_slice()), (2, 200, &b"here"[..]));
}
