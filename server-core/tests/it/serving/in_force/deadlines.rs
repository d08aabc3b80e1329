//! Deadlines: the others are never over.

use std::fmt::Write as _;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::*;

/// A peer that one deadline is for.
struct Peer {
    /// The deadline.
    name: &'static str,
    sends: Vec<u8>,
    /// What it gets when the time is over; nothing but the end, if this is empty.
    gets: &'static [u8],
    /// What must be set besides, in JSON.
    besides: &'static str,
}

/// Sooner than by any default.
const SOON: Duration = Duration::from_secs(8);

const PROXY: &str = "PROXY UNKNOWN\r\n";
const POST: &str = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";

fn peers() -> Vec<Peer> {
    let peer = |name, sends: &[u8], gets| Peer {
        name,
        sends: [PROXY.as_bytes(), sends].concat(),
        gets,
        besides: "",
    };
    let stuck = [PREFACE, b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\x01", &head(1, 2, "/large", WHOLE)].concat();
    let quiet = [PREFACE, SETTINGS, &head(1, 2, "/forever", WHOLE)].concat();
    let some = [POST.as_bytes(), &[b'x'; 10_000]].concat();
    vec![
        Peer { sends: Vec::new(), ..peer("handshake", b"", b"") },
        peer("first_byte", b"", b""),
        peer("head", b"GET / HT", b""),
        peer("keep_alive", GET.as_bytes(), b""),
        // Each byte is worth a second here.
        peer("body_gap", &some, b"HTTP/1.1 408 "),
        peer("rate_grace", POST.as_bytes(), b"HTTP/1.1 408 "),
        // RST_STREAM.
        peer("write_stall", &stuck, b"\0\0\x04\x03\0\0\0\0\x01"),
        peer("handler", b"GET /forever HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 503 "),
        // PING.
        peer("ping", &quiet, b"\0\0\x08\x06\0"),
        Peer { besides: r#", "ping": "50ms""#, ..peer("pong", &quiet, b"") },
    ]
}

/// All for ever, but this one, and what else is said.
fn only(name: &str, besides: &str) -> Handle {
    let mut timeouts = format!(r#""{name}": "50ms"{besides}"#);
    for other in [
        "handshake",
        "first_byte",
        "head",
        "keep_alive",
        "body_gap",
        "rate_grace",
        "write_stall",
        "ping",
        "pong",
    ] {
        if !timeouts.contains(&format!("{other:?}")) {
            write!(timeouts, r#", "{other}": "never""#).unwrap();
        }
    }
    if !timeouts.contains("min_rate") {
        timeouts += r#", "min_rate": 1"#;
    }
    let proxies = r#""proxies": { "trusted": ["127.0.0.1"], "protocol": "required" }"#;
    spawn_set(&format!(r#"{{ "timeouts": {{ {timeouts} }}, {proxies} }}"#))
}

/// A peer, connected.
struct Line<T> {
    stream: T,
    seen: Vec<u8>,
    has_ended: bool,
}

impl Line<TcpStream> {
    async fn open(handle: &Handle, peer: &Peer) -> Self {
        let mut line = Self::new(TcpStream::connect(port(handle)).await.unwrap());
        line.stream.write_all(&peer.sends).await.unwrap();
        line
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Line<T> {
    fn new(stream: T) -> Self {
        Self { stream, seen: Vec::new(), has_ended: false }
    }

    fn is_over(&self, peer: &Peer) -> bool {
        let gets = peer.gets;
        self.has_ended || !gets.is_empty() && self.seen.windows(gets.len()).any(|part| part == gets)
    }

    async fn until_over(&mut self, peer: &Peer) {
        while !self.is_over(peer) {
            self.has_ended = !matches!(self.stream.read_buf(&mut self.seen).await, Ok(1..));
        }
    }

    /// Reads what is there.
    async fn look(&mut self) {
        let look = std::pin::pin!(self.stream.read_buf(&mut self.seen));
        if let Ok(read) = tokio::time::timeout(Duration::from_millis(1), look).await {
            self.has_ended = !matches!(read, Ok(1..));
        }
    }
}

#[tokio::test]
async fn each_ends_its_own_peers() {
    let peers = peers();
    let ends = peers.iter().map(async |peer| {
        let handle = only(peer.name, peer.besides);
        let mut line = Line::open(&handle, peer).await;
        let wait = tokio::time::timeout(SOON, line.until_over(peer)).await;
        let seen = String::from_utf8_lossy(&line.seen);
        assert!(wait.is_ok(), "`{}` does not end its peer: {seen:?}", peer.name);
        assert!(peer.gets.is_empty() || !line.has_ended, "`{}`: {seen:?}", peer.name);
    });
    futures_util::future::join_all(ends).await;
}

/// What the bytes of a request's body are worth.
#[tokio::test]
async fn the_least_rate_of_a_body() {
    let peers = peers();
    let body = peers.iter().find(|peer| peer.name == "body_gap").unwrap();
    let strict = only("rate_grace", r#", "min_rate": 4294967295"#);
    let mut line = Line::open(&strict, body).await;
    tokio::time::timeout(SOON, line.until_over(body)).await.expect("it is over");
}

/// What the bytes of a response are worth. One peer lets the server send less than would do by default, and is borne; the
/// other far more, which is not enough.
#[tokio::test(start_paused = true)]
async fn the_least_rate_of_a_response() {
    let peers = peers();
    let peer = peers.iter().find(|peer| peer.name == "write_stall").unwrap();
    for (rate, bytes, is_enough) in [(0, 1, true), (1_000_000, 1000, false)] {
        let (channel, accepting) = Channel::new();
        let text = format!(r#"{{ "timeouts": {{ "write_stall": "400ms", "min_rate": {rate} }} }}"#);
        let server = settings(&text).listener(accepting).bind().unwrap();
        let _handle = server.spawn(Site::default()).unwrap();
        let mut line = Line::new(channel.connect(1 << 16).stream);
        line.stream.write_all(&peer.sends[PROXY.len()..]).await.unwrap();
        // Of the stream and of the connection, every 10 ms; ten times as long as one that takes nothing is borne.
        let room = u32::to_be_bytes(bytes);
        for _ in 0..400 {
            line.stream.write_all(&[frame(8, 0, 0, &room), frame(8, 0, 1, &room)].concat()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
            line.look().await;
        }
        assert_eq!(!line.is_over(peer), is_enough, "{text}");
    }
}

/// Before the delay is over all goes on as it did; then idle connections end, and what is in progress goes on, for as long
/// as it may.
#[tokio::test(start_paused = true)]
async fn the_end() {
    for (delay, deadline) in [(20, Some(30)), (20, None), (0, Some(30))] {
        let (channel, accepting) = Channel::new();
        let text = deadline.map_or("never".to_owned(), |seconds| format!("{seconds}s"));
        let text = format!(r#"{{ "drain": {{ "delay": "{delay}s", "deadline": "{text}" }} }}"#);
        let server = settings(&text).listener(accepting).bind().unwrap();
        let handle = server.handle();
        let (ask, asked) = oneshot::channel::<()>();
        let server = server.shutdown_on(async { drop(asked.await) });
        let site = Site::default();
        tokio::spawn(server.serve(site.clone()));
        let mut busy = channel.connect(1 << 16);
        busy.send("GET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let mut idle = channel.connect(1 << 16);
        idle.send(GET).await;
        assert_eq!(idle.reply().await.status, 200);
        let start = tokio::time::Instant::now();
        ask.send(()).unwrap();
        if delay > 0 {
            tokio::time::sleep(Duration::from_secs(delay - 1)).await;
            let mut new = channel.connect(1 << 16);
            new.send(GET).await;
            assert_eq!(new.reply().await.header("connection"), None, "{text}");
        }
        assert!(soon(idle.rest()).await.is_empty());
        assert_eq!(start.elapsed().as_secs(), delay, "{text}");
        if deadline.is_none() {
            tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
            assert_eq!((site.running.load(SeqCst), handle.stats().requests_open), (1, 1));
            drop(handle.shutdown(Duration::ZERO));
        }
        assert_eq!(soon(handle.ended()).await.requests, 1);
        if let Some(deadline) = deadline {
            assert_eq!(start.elapsed().as_secs(), delay + deadline, "{text}");
        }
    }
}
