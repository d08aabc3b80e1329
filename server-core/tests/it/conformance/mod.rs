//! HTTP/1 in raw bytes: what the server answers, and what becomes of the connection.
//!
//! `vectors` is our own table, `messages` looks into the answers, `http2` has the same edges there, and `published` runs
//! what others published, where it is at hand.

mod http2;
mod messages;
mod published;
mod vectors;

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::JoinHandle;
use waypost::{Peer, Respond, Server};

/// A connection to an app, by which everything is sent that is to be sent, and then looked at what came back. Time must
/// be paused: a moment of waiting is over when nobody has anything left to do.
struct Exchange {
    stream: DuplexStream,
    server: JoinHandle<()>,
    received: Vec<u8>,
    closed: bool,
}

impl Exchange {
    fn new(app: Arc<impl Respond>) -> Self {
        // Room for all that a test sends, so that nothing waits for a server that no longer reads.
        let (stream, server) = tokio::io::duplex(1 << 21);
        let server = tokio::spawn(Server::serve_connection(server, app, Peer::new(None)));
        Self { stream, server, received: Vec::new(), closed: false }
    }

    /// Sends what the server still takes, and waits for what comes of it.
    async fn send(&mut self, bytes: &[u8]) {
        self.closed |= self.stream.write_all(bytes).await.is_err();
        let _ = tokio::time::timeout(Duration::from_millis(50), async {
            while let Ok(1..) = self.stream.read_buf(&mut self.received).await {}
            self.closed = true;
        })
        .await;
    }

    async fn send_by_bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.closed |= self.stream.write_all(&[*byte]).await.is_err();
            tokio::task::yield_now().await;
        }
        self.send(b"").await;
    }

    /// The responses received so far. The frames of HTTP/2 are none to a peer of HTTP/1.
    fn answers(&self) -> Vec<Answer> {
        if self.received.starts_with(b"\0\0") {
            return Vec::new();
        }
        answers(&self.received)
    }

    /// As in `200, 400, closed`.
    fn summary(&self) -> String {
        let mut parts: Vec<_> = self.answers().iter().map(|answer| answer.status.to_string()).collect();
        parts.push(if self.closed { "closed" } else { "open" }.to_owned());
        parts.join(", ")
    }

    /// Whether the connection's task panicked. A connection that is still open is none of those.
    async fn panicked(self) -> bool {
        drop(self.stream);
        tokio::time::timeout(Duration::from_secs(60), self.server).await.is_ok_and(|ended| ended.is_err())
    }
}

/// One response as it was on the wire.
#[derive(Clone, Debug)]
struct Answer {
    status: u16,
    /// Status line and fields, with their line ends.
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// Takes bytes apart into responses, all of them: a server must not send anything else. What answers HEAD is known by
/// its content not being there; no content of these tests begins like a response.
fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let text = || bytes.escape_ascii().to_string();
        assert!(bytes.starts_with(b"HTTP/1."), "not a response: {}", text());
        let end = bytes.windows(4).position(|end| end == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("half a response: {}", text())) + 4;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        bytes = &bytes[end..];
        let status = head[9..12].parse().unwrap();
        let mut answer = Answer { status, head, body: Vec::new() };
        assert_eq!(answer.header("transfer-encoding"), None, "every length is known here");
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        if length > 0 && !bytes.is_empty() && !bytes.starts_with(b"HTTP/1.") {
            assert!(length <= bytes.len(), "cut short: {} {}", answer.head, bytes.escape_ascii());
            answer.body = bytes[..length].to_vec();
            bytes = &bytes[length..];
        }
        found.push(answer);
    }
    found
}
