//! Code of the application that panics, wherever it is called.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use waypost::{App, Body, IntoResponse, Next, Request, Response, Server, get, middleware, routes};

use crate::tools::{soon, until};

#[get("/")]
async fn fine() -> &'static str {
    "fine"
}

#[get("/handler")]
async fn handler() -> &'static str {
    panic!("a handler")
}

struct Conversion;

impl IntoResponse for Conversion {
    fn into_response(self) -> Response {
        panic!("a conversion into a response")
    }
}

#[get("/conversion")]
async fn conversion() -> Conversion {
    Conversion
}

#[get("/body")]
async fn body() -> Body {
    let pieces = (0..3).map(|number| match number {
        2 => panic!("a body"),
        _ => Ok::<_, waypost::Error>(waypost::Bytes::from_static(b"piece")),
    });
    Body::from_stream(futures_util::stream::iter(pieces))
}

#[middleware]
async fn moody(request: &mut Request, next: Next<'_>) -> Response {
    assert!(!request.headers().contains_key("x-before"), "a middleware");
    let panics = request.headers().contains_key("x-after");
    let response = next.run(request).await;
    assert!(!panics, "a middleware, after the handler");
    response
}

/// Sends a request and reads what comes, to the end of what is whole or to the end of the connection.
async fn ask(stream: &mut TcpStream, target: &str, fields: &str) -> String {
    stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        let is_whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.to_ascii_lowercase();
            let length = length.lines().find_map(|line| line.strip_prefix("content-length: "));
            length.is_some_and(|length| body.len() == length.parse::<usize>().unwrap())
        });
        if is_whole || soon(stream.read_buf(&mut answer)).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_a_500_or_an_end_and_nobody_elses_matter() {
    let app = App::new(routes![fine, handler, conversion, body]).wrap(moody);
    let handle = Arc::new(Server::bind("127.0.0.1:0").await.unwrap().spawn(app).unwrap());
    let address = handle.addr().tcp().unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut neighbour = TcpStream::connect(address).await.unwrap();
    for (target, fields) in
        [("/handler", ""), ("/conversion", ""), ("/", "X-Before: 1\r\n"), ("/", "X-After: 1\r\n")]
    {
        let answer = ask(&mut stream, target, fields).await;
        assert!(answer.starts_with("HTTP/1.1 500 "), "{target} {fields}: {answer}");
        let answer = ask(&mut stream, "/", "").await;
        assert!(answer.ends_with("fine"), "after {target} {fields}: {answer}");
        assert!(ask(&mut neighbour, "/", "").await.ends_with("fine"));
    }
    let answer = ask(&mut stream, "/body", "").await;
    assert!(!answer.ends_with("\r\n0\r\n\r\n"), "{answer}");
    assert!(ask(&mut neighbour, "/", "").await.ends_with("fine"));
    until("its connection is gone", || handle.stats().connections_open == 1).await;
    assert_eq!(handle.stats().requests_open, 0);
}
