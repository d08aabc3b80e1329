//! The same edges in HTTP/2 (RFC 9113 section 8.3), in frames.

use std::sync::Arc;

use serde_json::Value;
use waypost::{App, Head, Routes, fallback, get, routes};

use super::Exchange;
use crate::raw::PREFACE;

#[get("/{*rest}")]
fn anything(rest: &str, head: &Head, #[header("host")] host: &str) -> String {
    format!("{rest} {} {host}", head.host().unwrap_or_default())
}

#[fallback]
fn other(head: &Head) -> String {
    format!("{} {}", head.method(), head.uri())
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![anything, _ => other])
}

const GET: [(&str, &str); 3] = [(":method", "GET"), (":scheme", "http"), (":path", "/x")];

/// What answers a request of these fields: content, the status in a problem document, a reset or GOAWAY.
async fn ask(fields: &[(&str, &str)]) -> String {
    let mut block = Vec::new();
    for (name, value) in fields {
        // A literal without indexing, its name and value not compressed (RFC 7541 section 6.2.2).
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    let mut bytes = [PREFACE, b"\0\0\0\x04\0\0\0\0\0"].concat();
    // HEADERS of stream 1, with the end of the fields and of the stream.
    bytes.extend([0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1]);
    bytes.extend(block);

    let mut exchange = Exchange::new(Arc::new(app()));
    exchange.send(&bytes).await;
    let (mut rest, mut content, mut reset) = (exchange.received.as_slice(), Vec::new(), None);
    while let [a, b, c, kind, _, id @ ..] = rest {
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        let (stream, payload) = (u32::from_be_bytes(id[..4].try_into().unwrap()), &id[4..4 + length]);
        match (stream, kind) {
            (1, 0) => content.extend(payload),
            (1, 3) => reset = Some(format!("reset {}", payload[3])),
            (0, 7) => reset = Some(format!("gone {}", payload[7])),
            _ => {}
        }
        rest = &id[4 + length..];
    }
    if let Some(reset) = reset.filter(|_| content.is_empty()) {
        return reset;
    }
    let text = String::from_utf8(content).unwrap();
    match serde_json::from_str::<Value>(&text) {
        Ok(problem) => problem["status"].to_string(),
        Err(_) => text,
    }
}

/// A GET with further fields.
async fn get(fields: &[(&str, &str)]) -> String {
    ask(&[&GET[..], fields].concat()).await
}

#[tokio::test(start_paused = true)]
async fn authority_and_host_agree() {
    assert_eq!(get(&[(":authority", "a")]).await, "x a a");
    assert_eq!(get(&[("host", "a:1")]).await, "x a:1 a:1");
    assert_eq!(get(&[(":authority", "a"), ("host", "A")]).await, "x a A");
    assert_eq!(get(&[(":authority", "a:80"), ("host", "a")]).await, "x a:80 a");
    for host in ["b", "a:81", "a.", "b, a"] {
        assert_eq!(get(&[(":authority", "a"), ("host", host)]).await, "400", "{host}");
    }
    assert_eq!(get(&[("host", "a"), ("host", "a")]).await, "400");
    assert_eq!(get(&[(":authority", "a"), ("host", "a"), ("host", "a")]).await, "400");
    assert_eq!(get(&[]).await, "400");
    for bad in ["a,b", "a:x", "[::1", "a%2"] {
        assert_eq!(get(&[("host", bad)]).await, "400", "{bad}");
        let answer = get(&[(":authority", bad)]).await;
        assert!(["400", "reset 1"].contains(&&*answer), "{bad}: {answer}");
    }
    assert_eq!(get(&[(":authority", "u@a")]).await, "400");
}

#[tokio::test(start_paused = true)]
async fn targets() {
    let of = async |method: &str, path: &str| {
        ask(&[(":method", method), (":scheme", "http"), (":authority", "a"), (":path", path)]).await
    };
    assert_eq!(of("GET", "/b?c").await, "b a a");
    assert_eq!(of("GET", "*").await, "400");
    assert_eq!(of("GET", "/\u{e9}").await, "400");
    assert_eq!(of("GET", "/?\u{e9}").await, "400");
    for malformed in ["", "b", "?c", "http://a/b"] {
        let answer = of("GET", malformed).await;
        assert!(["400", "reset 1"].contains(&&*answer), "{malformed}: {answer}");
    }
    // No content, and before any fallback.
    assert_eq!(of("OPTIONS", "*").await, "");
    assert_eq!(of("TRACE", "/b").await, "405");
}

#[tokio::test(start_paused = true)]
async fn connect_and_expect() {
    assert_eq!(ask(&[(":method", "CONNECT"), (":authority", "a:443")]).await, "501");
    assert_eq!(
        ask(&[(":method", "CONNECT"), (":scheme", "http"), (":authority", "a"), (":path", "/")]).await,
        "reset 1"
    );
    // Of RFC 8441, taken for the GET that it stands for; but no success, where the protocol is not spoken.
    let extended = async |method: &str, path: &str| {
        let fields =
            [(":method", method), (":protocol", "websocket"), (":scheme", "http"), (":authority", "a")];
        ask(&[&fields[..], &[(":path", path)][..]].concat()).await
    };
    assert_eq!(extended("CONNECT", "/x").await, "501");
    assert_eq!(extended("CONNECT", "*").await, "400");
    assert_eq!(extended("GET", "/x").await, "reset 1");
    assert_eq!(get(&[(":authority", "a"), ("expect", "tea")]).await, "417");
    assert_eq!(get(&[(":authority", "a"), ("expect", "100-continue")]).await, "x a a");
}

/// Fields of HTTP/1's connections (RFC 9113 section 8.2.2) and malformed ones (section 8.2.1).
#[tokio::test(start_paused = true)]
async fn fields_of_another_protocol() {
    for field in [
        ("connection", "keep-alive"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "websocket"),
        ("keep-alive", "1"),
        ("proxy-connection", "close"),
        ("te", "gzip"),
        ("Upper", "case"),
        ("a b", "c"),
        ("a", "b\r\nc: d"),
        ("a", "b\0"),
        (":path", "/again"),
        (":status", "200"),
        (":other", "x"),
    ] {
        // Of the stream, or of the connection where the fields cannot be decoded: PROTOCOL_ERROR in any case.
        let answer = get(&[(":authority", "a"), field]).await;
        assert!(["reset 1", "gone 1"].contains(&&*answer), "{field:?}: {answer}");
    }
    assert_eq!(get(&[(":authority", "a"), ("te", "trailers")]).await, "x a a");
}
