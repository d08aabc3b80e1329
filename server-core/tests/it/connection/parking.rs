//! Idle connections of HTTP/1, which are parked: what is kept of them then, and that nobody notices.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, DuplexStream, ReadBuf};
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, rustls};
use waypost::{Body, Response};

use super::*;
use crate::raw::Channel;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A stream that remembers how much room it was offered to read into: hyper offers 8 KiB or more, and a parked
/// connection, which keeps no buffer, what a stack has.
struct Scope<T> {
    stream: T,
    offered: Arc<AtomicUsize>,
}

impl<T: AsyncRead + Unpin> AsyncRead for Scope<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.offered.store(buf.remaining(), SeqCst);
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Scope<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

struct Parkable<T = DuplexStream> {
    served: Served<T>,
    offered: Arc<AtomicUsize>,
}

fn parkable(app: impl Respond, limits: Limits) -> Parkable {
    parkable_with_room(app, limits, 1 << 16)
}

fn parkable_with_room(app: impl Respond, limits: Limits, room: usize) -> Parkable {
    let (client, server) = tokio::io::duplex(room);
    parkable_over(app, limits, client, server)
}

fn parkable_over<C, S>(app: impl Respond, limits: Limits, client: C, stream: S) -> Parkable<C>
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let offered = Arc::new(AtomicUsize::new(0));
    let stream = Scope { stream, offered: Arc::clone(&offered) };
    let watch = Arc::new(Watch::new());
    let (app, limits) = (Arc::new(app), Arc::new(limits));
    let task = tokio::spawn(serve(stream, app, Peer::default(), limits, Arc::clone(&watch), None, ()));
    Parkable { served: Served { wire: Wire::new(client), watch, task }, offered }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Parkable<T> {
    fn is_parked(&self) -> bool {
        self.offered.load(SeqCst) < 8 * 1024
    }

    /// Asks it to park, and looks whether it did.
    async fn park(&self) -> bool {
        settle().await;
        self.served.watch.park();
        settle().await;
        self.is_parked()
    }

    async fn get(&mut self) {
        self.served.wire.send(GET).await;
        assert_eq!(self.served.wire.reply().await.text(), "hello");
    }

    async fn get_and_park(&mut self) {
        self.get().await;
        assert!(!self.is_parked());
        assert!(self.park().await);
    }
}

fn idle() -> Parkable {
    parkable(Site::default(), Limits::default())
}

#[tokio::test(start_paused = true)]
async fn goes_on_when_something_comes() {
    let mut peer = idle();
    peer.get_and_park().await;
    // Asked again, it stays.
    assert!(peer.park().await);
    // In two pieces, at every place.
    for cut in 1..GET.len() {
        peer.served.wire.send(&GET[..cut]).await;
        settle().await;
        assert!(!peer.is_parked());
        peer.served.wire.send(&GET[cut..]).await;
        assert_eq!(peer.served.wire.reply().await.text(), "hello");
        assert!(peer.park().await, "{cut}");
    }
    // Several at once, the last of them in two pieces.
    peer.served.wire.send(format!("{GET}{GET}{}", &GET[..20])).await;
    for _ in 0..2 {
        assert_eq!(peer.served.wire.reply().await.text(), "hello");
    }
    peer.served.wire.send(&GET[20..]).await;
    assert_eq!(peer.served.wire.reply().await.text(), "hello");
    assert!(peer.park().await);
    // More than a parked connection takes at a time.
    let body = vec![b'x'; 100_000];
    let head = format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
    peer.served.wire.send([head.as_bytes(), &body].concat()).await;
    assert_eq!(peer.served.wire.reply().await.body, body);
    assert!(peer.park().await);
    let requests = 1 + (GET.len() - 1) + 3 + 1;
    let received = (requests - 1) * GET.len() + head.len() + body.len();
    assert_eq!(peer.served.watch.requests_http1(), requests as u64);
    assert_eq!(peer.served.watch.received(), received as u64);
}

#[tokio::test(start_paused = true)]
async fn goes_on_for_http1_0() {
    let mut peer = idle();
    for _ in 0..3 {
        peer.served.wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").await;
        let reply = peer.served.wire.reply().await;
        assert_eq!((reply.text(), reply.header("connection").as_deref()), ("hello", Some("keep-alive")));
        assert!(peer.park().await);
    }
    peer.served.wire.send("GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(peer.served.wire.reply().await.text(), "hello");
    assert_eq!(peer.served.end().await, 0);
}

/// The buffer may hold whole requests that hyper has not got to, and the beginning of one.
#[tokio::test(start_paused = true)]
async fn loses_nothing_of_what_was_read() {
    const COUNT: usize = 200;
    let mut peer = idle();
    peer.served.wire.send(GET.repeat(COUNT) + &GET[..9]).await;
    for _ in 0..COUNT {
        peer.served.watch.park();
        tokio::task::yield_now().await;
        assert_eq!(peer.served.wire.reply().await.text(), "hello");
    }
    for _ in 0..3 {
        peer.park().await;
    }
    peer.served.wire.send(&GET[9..]).await;
    assert_eq!(peer.served.wire.reply().await.text(), "hello");
    assert!(peer.park().await);
    assert_eq!(peer.served.watch.requests_http1(), COUNT as u64 + 1);
}

/// Nobody asks where no other connections come: then it is silence that parks.
#[tokio::test(start_paused = true)]
async fn comes_with_silence_and_goes_with_the_next_request() {
    let mut peer = idle();
    for pause in [31, 40, 55] {
        peer.get().await;
        settle().await;
        assert!(!peer.is_parked());
        wait(pause).await;
        assert!(peer.is_parked(), "{pause}");
    }
}

#[tokio::test(start_paused = true)]
async fn puts_off_no_deadline() {
    for asked in [false, true] {
        let mut peer = idle();
        peer.get().await;
        for _ in 0..55 {
            if asked {
                assert!(peer.park().await);
            }
            wait(1).await;
        }
        let start = Instant::now();
        assert!(peer.served.wire.rest().await.is_empty());
        let idle = 55 + start.elapsed().as_secs();
        assert!((60..=75).contains(&idle), "{idle} s");
        assert!(peer.is_parked());
        assert_eq!(peer.served.end().await, 0);
    }
    // That of a head runs from its first byte.
    let mut peer = idle();
    peer.get_and_park().await;
    wait(30).await;
    peer.served.wire.send(&GET[..9]).await;
    let start = Instant::now();
    assert!(peer.served.wire.rest().await.is_empty());
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn ends_with_the_peer_or_when_asked_to() {
    let mut peer = idle();
    peer.get_and_park().await;
    drop(peer.served.wire);
    peer.served.task.await.unwrap();

    let mut peer = idle();
    peer.get_and_park().await;
    peer.served.watch.leave();
    assert!(peer.served.wire.rest().await.is_empty());
    assert_eq!(peer.served.end().await, 0);

    // What has come by then is answered.
    let mut peer = idle();
    peer.get_and_park().await;
    peer.served.wire.send(GET).await;
    peer.served.watch.leave();
    let reply = peer.served.wire.reply().await;
    assert_eq!((reply.text(), reply.header("connection").as_deref()), ("hello", Some("close")));
    assert!(peer.served.wire.rest().await.is_empty());
    assert_eq!(peer.served.end().await, 0);
}

#[tokio::test(start_paused = true)]
async fn is_not_forgotten_by_the_limit_on_requests() {
    let mut peer = parkable(Site::default(), Limits { requests: Some(3), ..Limits::default() });
    for _ in 0..2 {
        peer.get_and_park().await;
    }
    peer.served.wire.send(GET).await;
    assert_eq!(peer.served.wire.reply().await.header("connection").as_deref(), Some("close"));
    assert_eq!(peer.served.end().await, 0);
}

#[tokio::test(start_paused = true)]
async fn is_for_those_that_are_idle() {
    // Nothing has come.
    let mut peer = idle();
    assert!(!peer.park().await);
    // A part of a head.
    peer.served.wire.send(&GET[..9]).await;
    assert!(!peer.park().await);
    peer.served.wire.send(&GET[9..]).await;
    assert_eq!(peer.served.wire.reply().await.text(), "hello");
    // A handler. (Whether its client has gone is looked for with as little room as a parked connection offers.)
    peer.served.wire.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    peer.park().await;
    assert_eq!(peer.served.wire.reply().await.text(), "slow");
    // A part of a body, of which the handler has the rest to come.
    peer.served.wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe").await;
    assert!(!peer.park().await);
    peer.served.wire.send("llo").await;
    assert_eq!(peer.served.wire.reply().await.text(), "hello");
    // A response on its way.
    peer.served.wire.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
    peer.park().await;
    assert_eq!(peer.served.wire.reply().await.text(), "drip ".repeat(5));
    assert!(peer.park().await);

    // One that the peer does not take.
    let mut peer = parkable_with_room(Site::default(), Limits::default(), 1 << 10);
    peer.served.wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(!peer.park().await);
    assert_eq!(peer.served.wire.reply().await.body.len(), 1 << 20);
    assert!(peer.park().await);
}

/// Answers at once, and goes on reading.
struct Later;

impl Respond for Later {
    async fn respond(&self, request: http::Request<Body>, _peer: &Peer) -> Response {
        tokio::spawn(request.into_body().bytes());
        Response::new("later".into())
    }
}

#[tokio::test(start_paused = true)]
async fn is_not_for_those_whose_body_outlives_its_response() {
    let mut peer = parkable(Later, Limits::default());
    peer.served.wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe").await;
    assert_eq!(peer.served.wire.reply().await.text(), "later");
    assert!(peer.served.watch.is_busy());
    assert!(!peer.park().await);
}

/// So many that most are parked because others have come.
#[tokio::test(start_paused = true)]
async fn is_counted_and_ended_by_a_server_as_any() {
    const COUNT: u64 = 200;
    let (channel, handle) = Channel::serve(Site::default());
    let mut wires = Vec::new();
    for _ in 0..COUNT {
        let mut wire = channel.connect(1 << 12);
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");
        wires.push(wire);
    }
    settle().await;
    for wire in &mut wires {
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");
    }
    let stats = handle.stats();
    assert_eq!((stats.connections_open, stats.requests_http1), (COUNT, 2 * COUNT));
    // The first come are among those who go.
    drop(wires.drain(..50));
    settle().await;
    assert_eq!(handle.stats().connections_open, COUNT - 50);
    // Silence parks all of them.
    wait(45).await;
    let start = Instant::now();
    let drained = handle.shutdown(Duration::from_secs(30)).await;
    assert_eq!((drained.connections, start.elapsed().as_secs()), (0, 0));
    for mut wire in wires {
        assert!(wire.rest().await.is_empty());
    }
    assert_eq!(handle.stats().requests_http1, 2 * COUNT);
}

#[tokio::test(start_paused = true)]
async fn is_not_for_http2() {
    let peer = idle();
    let (mut sender, connection, watch, task) = peer.served.http2().await;
    for _ in 0..3 {
        let response = sender.send_request(get("/")).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
        watch.park();
        settle().await;
    }
    drop(sender);
    connection.await.unwrap().unwrap();
    task.await.unwrap();
}

/// A peer of TLS, over a wire of which each direction takes `room` bytes.
async fn parkable_over_tls(room: usize) -> Parkable<TlsStream<DuplexStream>> {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.into())
        .unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (near, far) = tokio::io::duplex(room);
    let connector = TlsConnector::from(Arc::new(client));
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let name = "a.example".try_into().unwrap();
    let (client, server) = tokio::join!(connector.connect(name, near), acceptor.accept(far));
    parkable_over(Site::default(), Limits::default(), client.unwrap(), server.unwrap())
}

#[tokio::test(start_paused = true)]
async fn keeps_a_session_of_tls() {
    // So little room that an answer leaves in pieces.
    for room in [256, 1 << 16] {
        let mut peer = parkable_over_tls(room).await;
        for _ in 0..3 {
            peer.get_and_park().await;
        }
        peer.served.wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
        peer.served.watch.park();
        assert_eq!(peer.served.wire.reply().await.body.len(), 1 << 20);
        assert!(peer.park().await);
        peer.served.watch.leave();
        // With a notice of the end, or reading it would be an error.
        assert_eq!(peer.served.wire.stream.read(&mut [0]).await.unwrap(), 0);
        peer.served.task.await.unwrap();
    }
}

/// What TLS has encrypted and the peer not taken is on its way, too.
#[tokio::test(start_paused = true)]
async fn is_not_for_those_who_take_their_time() {
    let mut peer = parkable_over_tls(4096).await;
    peer.served.wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    peer.served.wire.reply_to_head().await;
    for _ in 0..128 {
        assert_eq!(peer.served.wire.take(1 << 13).await, [b'x'; 1 << 13]);
        wait(1).await;
    }
    assert!(peer.park().await);
    // Who takes nothing for half a minute is given up, and not only when a connection without requests would be.
    peer.served.wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let start = Instant::now();
    peer.served.task.await.unwrap();
    assert!((30..=45).contains(&start.elapsed().as_secs()));
}

/// What TLS has taken of an answer, and the peer not yet, leaves even if the connection is asked to park, and to end.
#[tokio::test(start_paused = true)]
async fn is_not_before_the_last_of_an_answer_has_left() {
    const LAST: usize = 32 << 10;
    let mut peer = parkable_over_tls(256).await;
    peer.served.wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    peer.served.wire.reply_to_head().await;
    peer.served.wire.take((1 << 20) - LAST).await;
    assert!(!peer.park().await);
    peer.served.watch.leave();
    settle().await;
    assert_eq!(peer.served.wire.take(LAST).await, [b'x'; LAST]);
    assert_eq!(peer.served.wire.stream.read(&mut [0]).await.unwrap(), 0);
    peer.served.task.await.unwrap();
}
