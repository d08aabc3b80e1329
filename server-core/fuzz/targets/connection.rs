//! Any bytes on a connection: nothing panics, it ends, and what comes back over HTTP/1 is responses and nothing else;
//! good ones only to requests that name their host.
//!
//! The first byte says in how large pieces the others come, and whether the peer then closes or first stays silent.
#![cfg_attr(feature = "libfuzzer", no_main)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex, split};
use waypost::http::StatusCode;
use waypost::{App, Body, Bytes, Peer, Server, get, post, routes};

use common::target;

target!(run);

#[get("/")]
async fn index() -> &'static str {
    "index\n"
}

#[post("/length")]
async fn length(body: Bytes) -> String {
    format!("{} bytes\n", body.len())
}

#[post("/chunks", body_limit = 64)]
async fn chunks(mut body: Body) -> waypost::Result<String> {
    let mut chunks = 0;
    while body.chunk().await?.is_some() {
        chunks += 1;
    }
    Ok(format!("{} chunks\n", if chunks > 0 { "some" } else { "no" }))
}

#[get("/unread")]
async fn empty() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Longer than any deadline of the server's, and all of them together.
const AN_HOUR: Duration = Duration::from_secs(3600);

fn run(data: &[u8]) {
    let Some((&how, bytes)) = data.split_first() else { return };
    // The clock stands still until nothing else can be done, so that deadlines cost no time.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let Ok(runtime) = runtime else { panic!("no runtime") };
    let answered = runtime.block_on(async { tokio::time::timeout(AN_HOUR, exchange(how, bytes)).await });
    let Ok(answered) = answered else { panic!("the connection does not end") };
    if !bytes.starts_with(b"PRI * HTTP/2.0") {
        let successes = responses(&answered);
        // Nothing reaches the app that does not name its host, unless it is of HTTP/1.0.
        let lower = bytes.to_ascii_lowercase();
        let count = |text: &[u8]| lower.windows(text.len()).filter(|window| *window == text).count();
        assert!(successes <= count(b"host:") + count(b"http/1.0"), "{}", answered.escape_ascii());
    }
}

/// What the server sends back until it closes.
async fn exchange(how: u8, bytes: &[u8]) -> Vec<u8> {
    let (piece, closes) = (usize::from(how & 0x7f) * 4 + 1, how & 0x80 == 0);
    let (near, far) = duplex(1024);
    let app = Arc::new(App::new(routes![index, length, chunks, empty]));
    // On a task of its own, as a server does it. That it panics is found out when it is joined.
    let server = tokio::spawn(Server::serve_connection(far, app, Peer::default()));
    let (mut reader, mut writer) = split(near);
    let write = async {
        for piece in bytes.chunks(piece) {
            if writer.write_all(piece).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
        // A peer that falls silent instead is given up.
        if closes {
            let _ = writer.shutdown().await;
        }
    };
    let mut answered = Vec::new();
    let (_, read) = tokio::join!(write, reader.read_to_end(&mut answered));
    assert!(read.is_ok(), "a pipe does not fail");
    assert!(server.await.is_ok(), "the connection panicked");
    answered
}

/// Reads responses until nothing is left, and counts those that say that all is well.
fn responses(mut bytes: &[u8]) -> usize {
    let mut successes = 0;
    while !bytes.is_empty() {
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut response = httparse::Response::new(&mut fields);
        let Ok(httparse::Status::Complete(length)) = response.parse(bytes) else {
            panic!("not a response: {}", bytes.escape_ascii());
        };
        let status = response.code.unwrap_or_default();
        assert_ne!(status, 500, "{}", bytes.escape_ascii());
        successes += usize::from((200..300).contains(&status));
        let rest = &bytes[length..];
        let field = |name: &str| {
            let found = response.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name));
            found.map(|field| field.value)
        };
        assert_eq!(field("transfer-encoding"), None, "every length is known here");
        let content = match field("content-length") {
            // The answer to HEAD has no content; no content of ours begins like a response.
            Some(_) if rest.is_empty() || rest.starts_with(b"HTTP/1.") => 0,
            Some(value) => {
                let value = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
                value.unwrap_or_else(|| panic!("not a length: {}", bytes.escape_ascii()))
            }
            None => 0,
        };
        assert!(content <= rest.len(), "cut short: {}", bytes.escape_ascii());
        bytes = &rest[content..];
    }
    successes
}
