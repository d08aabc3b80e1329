//! The table: a name, the bytes, and what comes back.
//!
//! Each character is a byte, so `\u{e9}` is one byte that is not ASCII. The verdict lists the status of every response and
//! says whether the connection is still open; `open` alone means that the server waits for more. Wherever something
//! could be smuggled it is [`next!`], a good request whose answer would show.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use waypost::{App, Routes, get, post, route, routes};

use super::Exchange;

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[get("/{*rest}")]
fn anything(rest: &str) -> String {
    rest.to_owned()
}

#[post("/")]
fn echo(body: Bytes) -> Bytes {
    body
}

#[post("/unread")]
fn unread() -> &'static str {
    "unread"
}

#[get("/switch")]
fn switch() -> StatusCode {
    StatusCode::SWITCHING_PROTOCOLS
}

#[route(TRACE, "/traced")]
fn traced() -> &'static str {
    "traced"
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![index, anything, echo, unread, switch, traced])
}

/// A name, what is sent, and what comes of it: at once, and byte by byte, in which a ` | ` stands where they differ. A
/// handler that does not wait for content is done before it has come, and a head is looked at when its end is there.
type Vector<'a> = (&'a str, &'a str, &'a str);

async fn check(vectors: &[Vector<'_>]) {
    let app = Arc::new(app());
    let mut faults = Vec::new();
    for (name, text, expected) in vectors {
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let mut at_once = Exchange::new(Arc::clone(&app));
        at_once.send(&bytes).await;
        let mut by_bytes = Exchange::new(Arc::clone(&app));
        if bytes.len() < 1000 {
            by_bytes.send_by_bytes(&bytes).await;
        }
        let (expected, expected_by_bytes) = expected.split_once(" | ").unwrap_or((expected, expected));
        let seen = [at_once.summary(), by_bytes.summary()];
        if seen[0] != *expected || bytes.len() < 1000 && seen[1] != *expected_by_bytes {
            faults.push(format!("{name}: expected {expected}, but {} and {} by bytes", seen[0], seen[1]));
        }
        assert!(!at_once.panicked().await && !by_bytes.panicked().await, "{name} panics");
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// A request that is in order.
macro_rules! next {
    () => {
        "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    };
}

/// `get!(fields, then..)`: a GET with these further fields, and what follows it.
macro_rules! get {
    ($fields:literal $(, $then:expr)*) => {
        concat!("GET / HTTP/1.1\r\nHost: a\r\n", $fields, "\r\n" $(, $then)*)
    };
}

/// `post!(fields, body..)`: a POST with these further fields, and what follows its head.
macro_rules! post {
    ($fields:literal $(, $then:expr)*) => {
        concat!("POST / HTTP/1.1\r\nHost: a\r\n", $fields, "\r\n" $(, $then)*)
    };
}

/// `chunked!(body..)`: a POST whose body is in chunks.
macro_rules! chunked {
    ($($then:expr),*) => {
        post!("Transfer-Encoding: chunked\r\n" $(, $then)*)
    };
}

#[tokio::test(start_paused = true)]
async fn request_lines() {
    check(&[
        ("plain", get!(""), "200, open"),
        ("an empty line before it", concat!("\r\n", next!()), "200, open"),
        ("empty lines between two", concat!(next!(), "\r\n\r\n", next!()), "200, 200, open"),
        ("only empty lines", "\r\n\r\n", "open"),
        ("cut", "GET / HT", "open"),
        ("cut before the last line end", "GET / HTTP/1.1\r\nHost: a\r\n\r", "open"),
        ("ends in line feeds alone", "GET / HTTP/1.1\nHost: a\n\n", "200, open"),
        ("ends in carriage returns alone", "GET / HTTP/1.1\rHost: a\r\r", "400, closed | open"),
        ("a carriage return in it", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("a carriage return behind it", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", "400, closed"),
        ("white space before it", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("a tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("two spaces after the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("two spaces after the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("a space behind it", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "400, closed"),
        ("no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("no method", "/ HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("another protocol", "GET / RTSP/1.0\r\nHost: a\r\n\r\n", "400, closed"),
        ("a TLS hello", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}", "400, closed"),
        ("a fault behind a good request", concat!(next!(), "GET / \r\n\r\n", next!()), "200, 400, closed"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn versions() {
    check(&[
        ("0.9", "GET /\r\n", "400, closed | open"),
        ("0.9 with fields", "GET /\r\nHost: a\r\n\r\n", "400, closed"),
        ("1.0", "GET / HTTP/1.0\r\n\r\n", "200, closed"),
        (
            "1.0 that asks for more",
            concat!("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", next!()),
            "200, 200, open",
        ),
        ("1.0 and one behind it", concat!("GET / HTTP/1.0\r\n\r\n", next!()), "200, closed"),
        ("1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "400, closed"),
        ("2.0 in text", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "400, closed"),
        ("3", "GET / HTTP/3\r\nHost: a\r\n\r\n", "400, closed"),
        ("no minor", "GET / HTTP/1\r\nHost: a\r\n\r\n", "400, closed"),
        ("two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", "400, closed"),
        ("a leading zero", "GET / HTTP/01.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("a space in it", "GET / HTTP/ 1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("a comma in it", "GET / HTTP/1,1\r\nHost: a\r\n\r\n", "400, closed"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn methods() {
    check(&[
        ("in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", "405, open"),
        ("an unknown one", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "405, open"),
        ("an odd token", "!#$%&'*+-.^_`|~ / HTTP/1.1\r\nHost: a\r\n\r\n", "405, open"),
        ("a parenthesis", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("a colon", "GET: / HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("NUL", "G\0T / HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("beyond ASCII", "G\u{c9}T / HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\nCookie: a=secret\r\n\r\n", "405, open"),
        ("TRACE where there is nothing", "TRACE /a/b HTTP/1.1\r\nHost: a\r\n\r\n", "405, open"),
        ("TRACE of an app that has it", "TRACE /traced HTTP/1.1\r\nHost: a\r\n\r\n", "200, open"),
        ("CONNECT", concat!("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", next!()), "501, closed"),
        ("CONNECT of 1.0", concat!("CONNECT a:443 HTTP/1.0\r\n\r\n", next!()), "501, closed"),
        ("CONNECT to a path", concat!("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", next!()), "400, closed"),
        ("CONNECT to *", "CONNECT * HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("CONNECT to a URI", "CONNECT http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        (
            "CONNECT with content",
            "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 3\r\n\r\nabc",
            "501, closed",
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn targets() {
    check(&[
        ("origin-form with a query", "GET /a?b=c?d HTTP/1.1\r\nHost: a\r\n\r\n", "200, open"),
        ("percent-escapes", "GET /caf%C3%A9?%zz HTTP/1.1\r\nHost: a\r\n\r\n", "200, open"),
        ("two slashes first", "GET //b/c HTTP/1.1\r\nHost: a\r\n\r\n", "200, open"),
        ("UTF-8 in the path", "GET /caf\u{c3}\u{a9} HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("UTF-8 in the query", "GET /?caf\u{c3}\u{a9} HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("Latin-1", "GET /caf\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("overlong UTF-8", "GET /\u{c0}\u{af} HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("NUL", "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("a control byte", "GET /a\u{1b}b HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("DEL", "GET /a\u{7f}b HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("no slash first", "GET index.html HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("a query first", "GET ?a=b HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("absolute-form", "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n", "200, open"),
        ("absolute-form without a path", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "200, open"),
        ("absolute-form of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "200, open"),
        ("absolute-form of 1.0", "GET http://a/ HTTP/1.0\r\n\r\n", "200, closed"),
        ("absolute-form without Host", "GET http://a/ HTTP/1.1\r\n\r\n", "400, closed"),
        ("absolute-form, bad Host", "GET http://a/ HTTP/1.1\r\nHost: a/b\r\n\r\n", "400, closed"),
        ("absolute-form, two Hosts", "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400, closed"),
        ("absolute-form, UTF-8", "GET http://a/\u{c3}\u{a9} HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("absolute-form, no authority", "GET http:///b HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("absolute-form, a list", "GET http://a,b/ HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("absolute-form, port", "GET http://a:99999/ HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("absolute-form, userinfo alone", "GET http://b@/ HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("authority-form", "GET a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", "400, closed"),
        ("OPTIONS in authority-form", "OPTIONS a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", "400, closed"),
        ("asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "204, open"),
        ("asterisk-form without Host", "OPTIONS * HTTP/1.1\r\n\r\n", "400, closed"),
        ("GET of *", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
        ("GET of * of 1.0", "GET * HTTP/1.0\r\n\r\n", "400, closed"),
        ("* and more", "OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n", "400, closed"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn hosts() {
    let at = |host: &str| format!("GET / HTTP/1.1\r\n{host}\r\n{}", next!());
    for good in [
        "Host: a",
        "host:a",
        "Host: a.example.:",
        "Host:\t a:65535 \t",
        "Host: [::1]:8080",
        "Host: 192.0.2.1",
        "Host: a_b.example",
        "Host: %61.example",
    ] {
        check(&[(good, &at(&format!("{good}\r\n")), "200, 200, open")]).await;
    }
    for bad in [
        "",
        "Host:\r\n",
        "Host: \r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nHost: b\r\n",
        "Host: a\r\nX: y\r\nhost:\r\n",
        "Host: a, b\r\n",
        "Host: a,b\r\n",
        "Host: a b\r\n",
        "Host: u@a\r\n",
        "Host: u:p@a:80\r\n",
        "Host: a/\r\n",
        "Host: a?b\r\n",
        "Host: a#b\r\n",
        "Host: http://a\r\n",
        "Host: :80\r\n",
        "Host: a:b\r\n",
        "Host: a:-1\r\n",
        "Host: a:65536\r\n",
        "Host: a:80:80\r\n",
        "Host: ::1\r\n",
        "Host: [::1\r\n",
        "Host: [a]\r\n",
        "Host: [::1]a\r\n",
        "Host: a%2\r\n",
        "Host: \"a\"\r\n",
        "Host: a\\b\r\n",
        "Host: \u{fc}.example\r\n",
    ] {
        check(&[(bad, &at(bad), "400, closed")]).await;
    }
    check(&[
        ("1.0 without", "GET / HTTP/1.0\r\n\r\n", "200, closed"),
        ("1.0 with two", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "400, closed"),
        ("1.0 with a bad one", "GET / HTTP/1.0\r\nHost: a/b\r\n\r\n", "400, closed"),
        ("behind a good request", concat!(next!(), "GET / HTTP/1.1\r\n\r\n", next!()), "200, 400, closed"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn fields() {
    check(&[
        ("no space behind the colon", get!("A:b\r\n"), "200, open"),
        ("an empty value", get!("A:\r\n"), "200, open"),
        ("white space around a value", get!("A: \t b \t \r\n"), "200, open"),
        ("obs-text in a value", get!("A: \u{e9}\r\n"), "200, open"),
        ("a tab in a value", get!("A: b\tc\r\n"), "200, open"),
        ("an odd name", get!("!#$%&'*+-.^_`|~: b\r\n"), "200, open"),
        ("a space before the colon", get!("A : b\r\n"), "400, closed"),
        ("a tab before the colon", get!("A\t: b\r\n"), "400, closed"),
        ("no colon", get!("A\r\n"), "400, closed"),
        ("no name", get!(": b\r\n"), "400, closed"),
        ("a space in the name", get!("A b: c\r\n"), "400, closed"),
        ("a bracket in the name", get!("A[b: c\r\n"), "400, closed"),
        ("NUL in the name", get!("A\0: b\r\n"), "400, closed"),
        ("beyond ASCII in the name", get!("\u{c4}: b\r\n"), "400, closed"),
        ("NUL in the value", get!("A: b\0c\r\n"), "400, closed"),
        ("a control byte in the value", get!("A: b\u{7}c\r\n"), "400, closed"),
        ("DEL in the value", get!("A: b\u{7f}c\r\n"), "400, closed"),
        ("a carriage return in the value", get!("A: b\rc\r\n"), "400, closed"),
        ("a carriage return for a line end", get!("A: b\rB: c\r\n"), "400, closed"),
        ("two carriage returns", get!("A: b\r\r\n"), "400, closed"),
        ("a line feed for a line end", get!("A: b\nB: c\r\n"), "200, open"),
        ("a folded value", get!("A: b\r\n c\r\n"), "400, closed"),
        ("a folded value, tab", get!("A: b\r\n\tc\r\n"), "400, closed"),
        ("an empty fold", get!("A:\r\n \r\n"), "400, closed"),
        ("a fold before the first field", "GET / HTTP/1.1\r\n A: b\r\nHost: a\r\n\r\n", "400, closed"),
        ("a folded name", get!("A\r\n : b\r\n"), "400, closed"),
        ("unterminated", "GET / HTTP/1.1\r\nHost: a\r\nA: b", "open"),
    ])
    .await;
    let many =
        |count: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n{}", "A: b\r\n".repeat(count), next!());
    let long =
        |bytes: usize| format!("GET / HTTP/1.1\r\nHost: a\r\nA: {}\r\n\r\n{}", "b".repeat(bytes), next!());
    let target = |bytes: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n{}", "b".repeat(bytes), next!());
    let name = format!("GET / HTTP/1.1\r\nHost: a\r\n{}: b\r\n\r\n{}", "A".repeat(70_000), next!());
    let method = format!("{} / HTTP/1.1\r\nHost: a\r\n\r\n{}", "A".repeat(100_000), next!());
    check(&[
        ("a hundred", &many(99), "200, 200, open"),
        ("one more", &many(100), "431, closed"),
        ("ten thousand", &many(10_000), "431, closed"),
        ("31 KiB", &long(31 * 1024), "200, 200, open"),
        ("33 KiB", &long(33 * 1024), "431, closed"),
        ("a megabyte", &long(1 << 20), "431, closed"),
        ("a target of 31 KiB", &target(31 * 1024), "200, 200, open"),
        // The head as a whole is too large: which part of it, nobody counts.
        ("a target of 33 KiB", &target(33 * 1024), "431, closed"),
        ("a target of a megabyte", &target(1 << 20), "431, closed"),
        ("a long name", &name, "431, closed"),
        ("a long method", &method, "431, closed"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn lengths() {
    check(&[
        ("none", post!("", next!()), "200, 200, open"),
        ("zero", post!("Content-Length: 0\r\n", next!()), "200, 200, open"),
        ("five", post!("Content-Length: 5\r\n", "hello", next!()), "200, 200, open"),
        ("too little sent", post!("Content-Length: 9\r\n", "hello"), "open"),
        ("white space around", post!("Content-Length: \t5\t \r\n", "hello", next!()), "200, 200, open"),
        ("leading zeros", post!("Content-Length: 005\r\n", "hello", next!()), "200, 200, open"),
        // RFC 9112 section 6.3: one that is repeated is one, or refused.
        (
            "the same twice",
            post!("Content-Length: 5\r\nContent-Length: 5\r\n", "hello", next!()),
            "200, 200, open",
        ),
        ("two", post!("Content-Length: 5\r\nContent-Length: 6\r\n", "hello", next!()), "400, closed"),
        (
            "two, the longer first",
            post!("Content-Length: 6\r\nContent-Length: 5\r\n", "hello", next!()),
            "400, closed",
        ),
        ("one and an empty one", post!("Content-Length: 5\r\nContent-Length:\r\n", "hello"), "400, closed"),
        ("a list", post!("Content-Length: 5, 5\r\n", "hello"), "400, closed"),
        ("a list of two", post!("Content-Length: 5, 6\r\n", "hello"), "400, closed"),
        ("empty", post!("Content-Length:\r\n", "hello"), "400, closed"),
        ("plus", post!("Content-Length: +5\r\n", "hello"), "400, closed"),
        ("minus", post!("Content-Length: -5\r\n", "hello"), "400, closed"),
        ("minus zero", post!("Content-Length: -0\r\n", next!()), "400, closed"),
        ("a space in it", post!("Content-Length: 1 0\r\n", "hellohello"), "400, closed"),
        ("hexadecimal", post!("Content-Length: 0x5\r\n", "hello"), "400, closed"),
        ("letters", post!("Content-Length: five\r\n", "hello"), "400, closed"),
        ("a fraction", post!("Content-Length: 5.0\r\n", "hello"), "400, closed"),
        ("an exponent", post!("Content-Length: 1e1\r\n", "hellohello"), "400, closed"),
        ("an underscore", post!("Content-Length: 1_0\r\n", "hellohello"), "400, closed"),
        ("a semicolon", post!("Content-Length: 5;\r\n", "hello"), "400, closed"),
        ("quoted", post!("Content-Length: \"5\"\r\n", "hello"), "400, closed"),
        ("digits beyond ASCII", post!("Content-Length: \u{b2}\r\n", "he"), "400, closed"),
        ("2^64", post!("Content-Length: 18446744073709551616\r\n"), "400, closed"),
        ("2^64 - 1", post!("Content-Length: 18446744073709551615\r\n"), "431, closed"),
        ("more than the limit", post!("Content-Length: 2097153\r\n"), "413, closed"),
        ("of a GET", get!("Content-Length: 5\r\n", "hello", next!()), "200, 200, open | 200, closed"),
        (
            "a request for content",
            get!("Content-Length: 31\r\n", next!(), next!()),
            "200, 200, open | 200, closed",
        ),
        ("an underscore in the name", post!("Content_Length: 5\r\n", next!()), "200, 200, open"),
        ("a space behind the name", post!("Content-Length : 5\r\n", "hello"), "400, closed"),
        ("a folded one", post!("Content-Length:\r\n 5\r\n", "hello"), "400, closed"),
        (
            "empty lines behind content",
            post!("Content-Length: 5\r\n", "hello\r\n", next!()),
            "200, 200, open",
        ),
        ("more than said", post!("Content-Length: 4\r\n", "hello ", next!()), "200, 400, closed"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn lengths_and_codings() {
    check(&[
        // RFC 9112 section 6.1: chunks count, and the connection is closed behind the answer.
        ("CL.TE", post!("Content-Length: 36\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", next!()), "200, closed"),
        ("TE.CL", post!("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "1f\r\n", next!(), "\r\n0\r\n\r\n"), "200, closed"),
        ("CL.TE, other cases", post!("content-length: 36\r\nTRANSFER-ENCODING: ChunkeD\r\n", "0\r\n\r\n", next!()), "200, closed"),
        ("CL.TE, a bad length", post!("Content-Length: +36\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", next!()), "400, closed"),
        ("TE.CL, a bad length", post!("Transfer-Encoding: chunked\r\nContent-Length: x\r\n", "0\r\n\r\n", next!()), "200, closed"),
        ("CL.TE, unknown", post!("Content-Length: 5\r\nTransfer-Encoding: cow\r\n", "hello", next!()), "400, closed"),
        ("CL.TE, identity", post!("Content-Length: 5\r\nTransfer-Encoding: identity\r\n", "hello", next!()), "400, closed"),
        ("CL.TE, empty", post!("Content-Length: 5\r\nTransfer-Encoding:\r\n", "hello", next!()), "400, closed"),
        ("TE.TE, chunked last", post!("Transfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", next!()), "200, 200, open"),
        ("TE.TE, chunked first", post!("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n", "0\r\n\r\n", next!()), "400, closed"),
        ("TE.TE, identity behind it", post!("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), "400, closed"),
        ("a list, chunked first", post!("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), "400, closed"),
        ("unknown", post!("Transfer-Encoding: cow\r\n", next!()), "400, closed"),
        ("one letter more", post!("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), "400, closed"),
        ("another letter behind it", post!("Transfer-Encoding: chunkedx\r\n", "0\r\n\r\n"), "400, closed"),
        ("quoted", post!("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), "400, closed"),
        ("with a parameter", post!("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"), "400, closed"),
        ("a vertical tab", post!("Transfer-Encoding: \u{b}chunked\r\n", "0\r\n\r\n"), "400, closed"),
        ("NUL", post!("Transfer-Encoding: chunked\0\r\n", "0\r\n\r\n"), "400, closed"),
        ("beyond ASCII", post!("Transfer-Encoding: chunked\u{a0}\r\n", "0\r\n\r\n"), "400, closed"),
        ("a space before the colon", post!("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), "400, closed"),
        ("folded", post!("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), "400, closed"),
        ("a line feed before it", post!("A: b\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", next!()), "200, 200, open"),
        ("a carriage return before it", post!("A: b\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400, closed"),
        ("an underscore", post!("Transfer_Encoding: chunked\r\n", "0\r\n\r\n", next!()), "200, 400, closed"),
        ("of a GET", get!("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", next!()), "200, 200, open | 200, closed"),
        ("1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400, closed"),
        ("1.0 that asks for more", concat!("POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", next!()), "400, closed"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn chunks() {
    check(&[
        ("none", chunked!("0\r\n\r\n", next!()), "200, 200, open"),
        ("two", chunked!("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", next!()), "200, 200, open"),
        (
            "sizes in either case, zeros first",
            chunked!("0a\r\n0123456789\r\nA\r\n0123456789\r\n00\r\n\r\n", next!()),
            "200, 200, open",
        ),
        ("an extension", chunked!("5;a=b;c=\"d e\"\r\nhello\r\n0;f\r\n\r\n", next!()), "200, 200, open"),
        ("the last is missing", chunked!("5\r\nhello\r\n"), "open"),
        ("the end is missing", chunked!("5\r\nhello\r\n0\r\n"), "open"),
        ("no size", chunked!("\r\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        ("a plus", chunked!("+5\r\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        ("a minus", chunked!("-5\r\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        ("0x", chunked!("0x5\r\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        ("an underscore", chunked!("1_0\r\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        ("no hexadecimal digit", chunked!("g\r\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        ("a space first", chunked!(" 5\r\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        ("beyond 64 bits", chunked!("10000000000000000\r\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        (
            "beyond 64 bits, to five",
            chunked!("10000000000000005\r\nhello\r\n0\r\n\r\n", next!()),
            "400, closed",
        ),
        ("the largest there is", chunked!("ffffffffffffffff\r\nhello"), "open"),
        ("ends in a line feed", chunked!("5\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        ("ends in a carriage return", chunked!("5\rhello\r\n0\r\n\r\n", next!()), "400, closed"),
        ("a line feed in an extension", chunked!("5;a\nhello\r\n0\r\n\r\n", next!()), "400, closed"),
        (
            "a carriage return in an extension",
            chunked!("5;a\rb\r\nhello\r\n0\r\n\r\n", next!()),
            "400, closed",
        ),
        ("more data than said", chunked!("5\r\nhello!\r\n0\r\n\r\n", next!()), "400, closed"),
        ("no line end behind the data", chunked!("5\r\nhello0\r\n\r\n", next!()), "400, closed"),
        ("a line feed behind the data", chunked!("5\r\nhello\n0\r\n\r\n", next!()), "400, closed"),
        ("a line feed behind the last", chunked!("5\r\nhello\r\n0\n\r\n", next!()), "400, closed"),
        ("trailers", chunked!("5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n", next!()), "200, 200, open"),
        (
            "trailers that would frame",
            chunked!("0\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\nHost: b\r\n\r\n", next!()),
            "200, 200, open",
        ),
        ("trailers without a colon", chunked!("0\r\nA\r\n\r\n", next!()), "400, closed"),
        ("trailers with a space before the colon", chunked!("0\r\nA : b\r\n\r\n", next!()), "400, closed"),
    ])
    .await;
    let extension =
        |bytes: usize| format!("{}5;a={}\r\nhello\r\n0\r\n\r\n{}", chunked!(), "b".repeat(bytes), next!());
    let many = format!("{}{}0\r\n\r\n{}", chunked!(), "1;abcdefgh\r\nx\r\n".repeat(5000), next!());
    let trailer = |bytes: usize| format!("{}0\r\nA: {}\r\n\r\n{}", chunked!(), "b".repeat(bytes), next!());
    let trailers = format!("{}0\r\n{}\r\n{}", chunked!(), "A: b\r\n".repeat(2000), next!());
    check(&[
        ("an extension of 15 KiB", &extension(15 * 1024), "200, 200, open"),
        ("an extension of 17 KiB", &extension(17 * 1024), "400, closed"),
        // All of a body's extensions count together, so a chunk a byte does not get by.
        ("extensions of 44 KiB in all", &many, "400, closed"),
        ("trailers of 15 KiB", &trailer(15 * 1024), "200, 200, open"),
        ("trailers of 40 KiB", &trailer(40 * 1024), "400, closed"),
        ("two thousand trailers", &trailers, "400, closed"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_belongs_to_nobody() {
    let unread = |length: usize, sent: usize| {
        format!("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(sent))
    };
    check(&[
        (
            "behind close",
            concat!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", next!()),
            "200, closed",
        ),
        (
            "close among others",
            concat!(
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: a, Close\r\nConnection: keep-alive\r\n\r\n",
                next!()
            ),
            "200, closed",
        ),
        (
            "behind 101",
            concat!("GET /switch HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n", next!()),
            "101, closed",
        ),
        (
            "behind an upgrade that is not made",
            get!("Connection: upgrade\r\nUpgrade: websocket\r\n", next!()),
            "200, 200, open",
        ),
        (
            "an upgrade with content",
            post!("Connection: upgrade\r\nUpgrade: a\r\nContent-Length: 31\r\n", next!(), next!()),
            "200, 200, open",
        ),
        (
            "an upgrade that is not made and a close",
            concat!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade\r\nUpgrade: a\r\n\r\n", next!()),
            "200, closed",
        ),
        (
            "an upgrade that is not made, and later a close",
            get!(
                "Connection: upgrade\r\nUpgrade: a\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                next!()
            ),
            "200, 200, closed",
        ),
        (
            "an upgrade to HTTP/2",
            get!(
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
                next!()
            ),
            "200, 200, open",
        ),
        // Content that nobody reads is read over while it is at hand, else the connection is closed.
        ("content that is there", &(unread(5, 5) + next!()), "200, 200, open | 200, closed"),
        (
            "content that is a request",
            concat!("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 31\r\n\r\n", next!(), next!()),
            "200, 200, open | 200, closed",
        ),
        ("content that is not all there", &(unread(1 << 20, 100_000) + next!()), "200, closed"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn expectations() {
    check(&[
        ("what the handler reads", post!("Content-Length: 5\r\nExpect: 100-continue\r\n"), "100, open"),
        (
            "and is sent",
            post!("Content-Length: 5\r\nExpect: 100-Continue\r\n", "hello", next!()),
            "100, 200, 200, open",
        ),
        ("no content", post!("Expect: 100-continue\r\n", next!()), "200, 200, open"),
        (
            "of 1.0",
            "POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
            "200, closed",
        ),
        (
            "what the handler does not read",
            "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
            "200, closed",
        ),
        ("more than the limit", post!("Content-Length: 2097153\r\nExpect: 100-continue\r\n"), "413, closed"),
        ("another", get!("Expect: 200-ok\r\n", next!()), "417, closed"),
        (
            "another, with content",
            post!("Content-Length: 5\r\nExpect: tea\r\n", "hello", next!()),
            "417, closed",
        ),
        (
            "another beside it",
            post!("Content-Length: 5\r\nExpect: 100-continue, tea\r\n", "hello"),
            "417, closed",
        ),
        (
            "another in a field of its own",
            post!("Content-Length: 5\r\nExpect: 100-continue\r\nExpect: tea\r\n", "hello"),
            "417, closed",
        ),
        ("another, of 1.0", "GET / HTTP/1.0\r\nExpect: tea\r\n\r\n", "200, closed"),
    ])
    .await;
}
