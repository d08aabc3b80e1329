//! WebSocket: in its own bytes over wires in memory, with paused time, and as a client of others speaks it.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use waypost::ws::{CloseCode, Message, WebSocket, WebSocketError, WebSocketUpgrade};
use waypost::{App, Handle, Response, Shutdown, State, Upgrade, get, routes};

use crate::raw::{Channel, Wire};
use crate::support::soon;

mod clients;
mod ending;
mod frames;
mod handshake;
mod http2;
mod sending;
mod silence;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const FIELDS: &str = "Host: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// What handlers saw.
#[derive(Clone, State)]
struct Site {
    log: mpsc::UnboundedSender<String>,
}

type Log = mpsc::UnboundedSender<String>;

#[get("/echo")]
async fn echo(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    upgrade.on_upgrade(async move |socket: WebSocket| echo_to_the_end(socket, &log).await)
}

/// Messages of 64 bytes in frames of 16.
#[get("/small")]
async fn small(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    let upgrade = upgrade.max_message_size(64).max_frame_size(16);
    upgrade.on_upgrade(async move |socket: WebSocket| echo_to_the_end(socket, &log).await)
}

async fn echo_to_the_end(mut socket: WebSocket, log: &Log) {
    let end = loop {
        match socket.recv().await {
            Some(Ok(Message::Close(why))) => {
                let _ = log.send(format!("closed: {}", why.map(|why| why.to_string()).unwrap_or_default()));
            }
            Some(Ok(message)) => {
                if let Err(error) = socket.send(message).await {
                    break error.to_string();
                }
            }
            Some(Err(error)) => break error.to_string(),
            None => break "over".to_owned(),
        }
    };
    let _ = log.send(end);
    assert!(socket.recv().await.is_none(), "it stays over");
}

/// Says what it hears, Pings and Pongs too.
#[get("/control")]
async fn control(upgrade: WebSocketUpgrade) -> Response {
    upgrade.control_frames(true).on_upgrade(async |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(Message::text(format!("{message:?}"))).await.is_err() {
                break;
            }
        }
    })
}

struct Served {
    channel: Channel,
    handle: Handle,
    log: mpsc::UnboundedReceiver<String>,
}

fn serve() -> Served {
    let (log, seen) = mpsc::unbounded_channel();
    let app = App::new(routes![
        echo,
        small,
        control,
        ..sending::routes(),
        ..silence::routes(),
        ..ending::routes(),
        ..http2::routes()
    ]);
    let (channel, handle) = Channel::serve(app.state(Site { log }));
    Served { channel, handle, log: seen }
}

impl Served {
    async fn open(&self, path: &str) -> Wire {
        self.open_with_room(path, 1 << 16).await
    }

    async fn open_with_room(&self, path: &str, room: usize) -> Wire {
        let mut wire = self.channel.connect(room);
        wire.send(format!("GET {path} HTTP/1.1\r\n{FIELDS}\r\n")).await;
        let reply = wire.reply_to_head().await;
        assert_eq!(reply.status, 101, "{}", reply.head);
        wire
    }

    /// What a handler saw next.
    async fn seen(&mut self) -> String {
        self.log.recv().await.unwrap()
    }

    /// Waits until all connections are closed.
    async fn closed(&self) {
        while self.handle.stats().connections_open > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;

/// A frame as a client sends it.
fn frame(first: u8, content: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [1, 2, 3, 0xFE];
    let mut frame = vec![first];
    match content.len() {
        short @ 0..=125 => frame.push(0x80 | u8::try_from(short).unwrap()),
        middling @ 126..=0xFFFF => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(middling).unwrap().to_be_bytes());
        }
        long => {
            frame.push(0x80 | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(content.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

fn close(code: u16, reason: &str) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}

impl<T: AsyncRead + AsyncWrite + Unpin> Wire<T> {
    /// The next frame of the server: its first byte, its content.
    async fn frame(&mut self) -> (u8, Vec<u8>) {
        let head = self.take(2).await;
        let length = match head[1] {
            126 => u64::from(u16::from_be_bytes(self.take(2).await.try_into().unwrap())),
            127 => u64::from_be_bytes(self.take(8).await.try_into().unwrap()),
            short => u64::from(short),
        };
        assert!(head[1] < 128, "a server does not mask");
        (head[0], self.take(usize::try_from(length).unwrap()).await)
    }

    /// A Close with this code.
    async fn close(&mut self, code: u16) {
        let (first, content) = self.frame().await;
        assert_eq!(first, CLOSE, "{content:?}");
        assert_eq!(content[..2], code.to_be_bytes(), "{:?}", String::from_utf8_lossy(&content[2..]));
    }

    /// The same, and then the end, whatever the peer says; while time is paused.
    async fn closed_with(&mut self, code: u16) {
        self.close(code).await;
        let start = tokio::time::Instant::now();
        assert_eq!(soon(self.rest()).await, b"", "after the Close");
        assert_eq!(start.elapsed().as_millis(), 0, "it waits for an answer");
    }

    /// The same, and then the end once the peer has closed its side: until then nobody reads what it sends but to be rid
    /// of it.
    async fn refused_with(&mut self, code: u16) {
        self.close(code).await;
        let start = tokio::time::Instant::now();
        let early = tokio::time::timeout(Duration::from_secs(1), self.rest()).await;
        assert!(early.is_err(), "it does not wait for the end");
        self.stream.shutdown().await.unwrap();
        assert_eq!(soon(self.rest()).await, b"", "after the Close");
        assert_eq!(start.elapsed().as_millis(), 1000, "it was not the end that it waited for");
    }

    /// The same, and then the end once the peer has answered it.
    async fn asked_to_close(&mut self, code: u16) {
        self.close(code).await;
        let start = tokio::time::Instant::now();
        let early = tokio::time::timeout(Duration::from_secs(1), self.rest()).await;
        assert!(early.is_err(), "it does not wait for an answer");
        self.send(close(code, "")).await;
        assert_eq!(soon(self.rest()).await, b"", "after the Close");
        assert_eq!(start.elapsed().as_millis(), 1000, "it was not the answer that it waited for");
    }
}

fn text(text: &str) -> (u8, Vec<u8>) {
    (TEXT, text.as_bytes().to_vec())
}
