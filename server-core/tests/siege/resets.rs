//! Peers that reset their connection at every byte of an answer, or a stream in the middle of one; and a neighbour to whom
//! nothing happens.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::SockRef;
use waypost::config::Config;
use waypost::{Handle, Server};

use crate::site;
use crate::tools::{PATIENCE, PREFACE, ask_once, frame, until};

const HTTP1: &[u8] = b"GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n";
const LARGE_HTTP1: &[u8] = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n";

/// :method GET or POST, :scheme http, :path, :authority (RFC 7541 appendices A and C).
const PIECES: &[u8] = b"\x82\x86\x44\x07/pieces\x41\x01a";
const LARGE: &[u8] = b"\x82\x86\x44\x06/large\x41\x01a";
const ECHO: &[u8] = b"\x83\x86\x44\x05/echo\x41\x01a";

/// Bytes of `/large`.
const MIB: usize = 1 << 20;

/// An increment that nothing here comes near to.
const PLENTY: [u8; 4] = [0x3F, 0, 0, 0];

/// Preface, SETTINGS with windows that are never full, and a GET on the first stream.
fn http2(fields: &[u8]) -> Vec<u8> {
    let settings = [&[0, 4], &PLENTY[..]].concat();
    [PREFACE, &frame(4, 0, 0, &settings), &frame(8, 0, 0, &PLENTY), &frame(1, 5, 1, fields)].concat()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn send(address: SocketAddr, request: &[u8]) -> TcpStream {
    let mut stream = connect(address);
    stream.write_all(request).unwrap();
    stream
}

/// Lets the neighbour take its time, however slow the machine is.
fn serve() -> (Handle, SocketAddr) {
    let mut config = Config::default();
    let times = &mut config.timeouts;
    for time in [&mut times.body_gap, &mut times.rate_grace, &mut times.ping] {
        *time = Duration::MAX;
    }
    let server = Server::builder().config(config).tcp("127.0.0.1:0").bind().unwrap();
    let handle = server.spawn(site::app()).unwrap();
    let address = handle.addr().tcp().unwrap();
    (handle, address)
}

/// How many bytes come until they end in `end`.
fn length(address: SocketAddr, request: &[u8], end: &[u8]) -> usize {
    let mut stream = send(address, request);
    let mut seen = Vec::new();
    while !seen.ends_with(end) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
    seen.len()
}

/// Reads so many bytes of the answer and resets the connection.
fn reset_after(address: SocketAddr, request: &[u8], bytes: usize) {
    let mut stream = send(address, request);
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    stream.read_exact(&mut vec![0; bytes]).unwrap();
}

/// A connection of HTTP/2 with a request in progress on its first stream: of its body, one half was sent.
struct Neighbour(TcpStream);

impl Neighbour {
    fn begin(address: SocketAddr) -> Self {
        let mut neighbour = Self(connect(address));
        // The window of a stream has room for everything, that of the connection is opened as its bytes come.
        let settings = [&[0, 4], &PLENTY[..]].concat();
        neighbour.0.write_all(&[PREFACE, &frame(4, 0, 0, &settings)].concat()).unwrap();
        neighbour.send(1, 4, 1, ECHO);
        neighbour.send(0, 0, 1, b"one half, ");
        neighbour
    }

    fn send(&mut self, kind: u8, flags: u8, stream: u8, payload: &[u8]) {
        self.0.write_all(&frame(kind, flags, stream, payload)).unwrap();
    }

    /// The next frame of a stream: kind, flags, stream, payload. Nothing may come for the connection but what it begins with.
    fn next(&mut self) -> (u8, u8, u8, Vec<u8>) {
        loop {
            let mut head = [0; 9];
            self.0.read_exact(&mut head).unwrap();
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.0.read_exact(&mut payload).unwrap();
            let (kind, flags, stream) = (head[3], head[4], head[8]);
            match (stream, kind) {
                (0, 4) if flags == 0 => self.send(4, 1, 0, &[]),
                (0, 4 | 8) => {}
                (0, _) => panic!("frame {kind} for the connection: {payload:?}"),
                _ => {
                    if kind == 0 && length > 0 {
                        self.send(8, 0, 0, &length.to_be_bytes());
                    }
                    return (kind, flags, stream, payload);
                }
            }
        }
    }

    /// Asks for what is large on a stream of its own and resets that after so many bytes.
    fn reset_a_stream_after(&mut self, stream: u8, bytes: usize) {
        self.send(1, 5, stream, LARGE);
        let mut seen = 0;
        while seen <= bytes {
            let (kind, _, of, payload) = self.next();
            match kind {
                // What was on its way when an earlier one was reset.
                0 if of != stream => assert!(of > 1 && of < stream),
                0 => seen += payload.len(),
                kind => assert_eq!((kind, of), (1, stream), "HEADERS"),
            }
        }
        assert!(seen < MIB);
        // CANCEL
        self.send(3, 0, stream, &[0, 0, 0, 8]);
    }

    /// Sends the other half and expects all of it back.
    fn finish(mut self) {
        self.send(0, 1, 1, b"and the other");
        let mut body = Vec::new();
        loop {
            let (kind, flags, stream, payload) = self.next();
            match (kind, stream) {
                // :status 200 comes first, as it is in the static table.
                (1, 1) => assert_eq!(payload[0], 0x88),
                (0, 1) => body.extend(payload),
                (0, 3..) => continue,
                other => panic!("{other:?}: {payload:?}"),
            }
            if flags & 1 != 0 {
                break;
            }
        }
        assert_eq!(body, b"one half, and the other");
    }
}

/// One connection is left, and one request.
async fn only_the_neighbour(handle: &Handle) {
    until("all others are gone", || handle.stats().connections_open == 1).await;
    until("all other requests are over", || handle.stats().requests_open == 1).await;
}

async fn blocking<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(what).await.unwrap()
}

async fn resets(request: Vec<u8>, end: &'static [u8], large: Vec<u8>) -> usize {
    let (handle, address) = serve();
    let neighbour = blocking(move || Neighbour::begin(address)).await;
    until("the neighbour has begun", || handle.stats().requests_open == 1).await;
    let length = blocking(move || {
        let length = length(address, &request, end);
        (0..=length).for_each(|bytes| reset_after(address, &request, bytes));
        length
    })
    .await;
    only_the_neighbour(&handle).await;
    // In the middle of what does not fit into the system's buffers, too.
    let resets = blocking(move || {
        let points = (0..MIB).step_by(64 * 1024);
        points.map(|bytes| reset_after(address, &large, bytes + 7)).count()
    })
    .await;
    only_the_neighbour(&handle).await;
    blocking(|| neighbour.finish()).await;
    until("the neighbour is gone", || handle.stats().connections_open == 0).await;
    ask_once(address).await;
    let stats = handle.stats();
    assert_eq!((stats.connections_refused, stats.requests_open), (0, 0));
    // With the neighbour, the one that measured, one at each byte and before the first, and the last.
    assert_eq!(stats.connections_accepted, (2 + length + 1 + resets + 1) as u64);
    length
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http1_at_every_byte() {
    let length = resets(HTTP1.to_vec(), b"\r\n0\r\n\r\n", LARGE_HTTP1.to_vec()).await;
    println!("an answer of HTTP/1 was reset after each of its {length} bytes");
    assert!(length > 100, "{length}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_at_every_byte() {
    let length = resets(http2(PIECES), b"\0\0\0\0\x01\0\0\0\x01", http2(LARGE)).await;
    println!("an answer of HTTP/2 was reset after each of its {length} bytes");
    assert!(length > 100, "{length}");
}

/// On one connection, beside a stream to which nothing happens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_within_an_answer() {
    let (handle, address) = serve();
    let neighbour = blocking(move || {
        let mut neighbour = Neighbour::begin(address);
        for (stream, bytes) in (3..).step_by(2).zip((0..MIB - 64 * 1024).step_by(64 * 1024)) {
            neighbour.reset_a_stream_after(stream, bytes + 7);
        }
        neighbour
    })
    .await;
    only_the_neighbour(&handle).await;
    blocking(|| neighbour.finish()).await;
    until("the neighbour is gone", || handle.stats().connections_open == 0).await;
    let stats = handle.stats();
    assert_eq!((stats.connections_accepted, stats.requests(), stats.requests_open), (1, 16, 0));
}
