//! Streams of HTTP/2 that come together: who waits for whom.

use std::io;
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, mpsc};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::task::block_in_place;

use super::*;

/// What a client says first, and requests for `paths` behind it.
fn flight(paths: &[&str]) -> Vec<u8> {
    let mut bytes = [PREFACE, b"\0\0\0\x04\0\0\0\0\0"].concat();
    for (path, id) in paths.iter().zip((1_u8..).step_by(2)) {
        let fields = [b"\x82\x86\x41\x01a\x44", &[path.len() as u8][..], path.as_bytes()].concat();
        // HEADERS, with END_STREAM and END_HEADERS.
        bytes.extend([0, 0, fields.len() as u8, 1, 5, 0, 0, 0, id]);
        bytes.extend(fields);
    }
    bytes
}

/// Reads until `count` streams have ended; returns what DATA frames held, in the order of their coming.
async fn bodies(stream: &mut DuplexStream, count: usize) -> Vec<String> {
    let mut ended = Vec::new();
    while ended.len() < count {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let mut content = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut content).await.unwrap();
        assert_ne!(head[3], 3, "RST_STREAM");
        // DATA with END_STREAM.
        if head[3] == 0 && head[4] & 1 == 1 {
            ended.push(String::from_utf8(content).unwrap());
        }
    }
    ended
}

/// Handlers that hold their threads.
struct Holding {
    go: mpsc::Sender<()>,
    gone: Mutex<mpsc::Receiver<()>>,
    /// One waits for the other.
    waits: Notify,
}

impl Holding {
    fn new() -> Arc<Self> {
        let (go, gone) = mpsc::channel();
        Arc::new(Self { go, gone: Mutex::new(gone), waits: Notify::new() })
    }
}

impl waypost::Respond for Holding {
    async fn respond<'a>(&'a self, request: http::Request<waypost::Body>, _: &'a Peer) -> waypost::Response {
        let text = match request.uri().path() {
            // Not for as long as it takes until something else wakes the connection.
            "/wait" => {
                self.waits.notify_one();
                match block_in_place(|| self.gone.lock().unwrap().recv_timeout(Duration::from_secs(4))) {
                    Ok(()) => "met",
                    Err(_) => "alone",
                }
            }
            "/go" => {
                self.go.send(()).unwrap();
                "went"
            }
            _ => {
                std::thread::sleep(Duration::from_millis(20));
                "slow"
            }
        };
        waypost::Response::new(text.into())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_holds_a_thread_does_not_hold_the_connection() {
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let app = Holding::new();
    tokio::spawn(Server::serve_connection(server, Arc::clone(&app), Peer::new(None)));
    let all = flight(&["/wait", "/go"]);
    let first = flight(&["/wait"]).len();
    client.write_all(&all[..first]).await.unwrap();
    app.waits.notified().await;
    client.write_all(&all[first..]).await.unwrap();
    let mut bodies = bodies(&mut client, 2).await;
    bodies.sort();
    assert_eq!(bodies, ["met", "went"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_holds_a_thread_does_not_hold_those_that_came_with_it() {
    for paths in [&["/wait", "/go"][..], &["/slow", "/wait", "/wait", "/go", "/go"]] {
        let (mut client, server) = tokio::io::duplex(1 << 16);
        tokio::spawn(Server::serve_connection(server, Holding::new(), Peer::new(None)));
        client.write_all(&flight(paths)).await.unwrap();
        let bodies = bodies(&mut client, paths.len()).await;
        assert!(!bodies.contains(&"alone".to_owned()), "{bodies:?}");
    }
}

/// Counts the writes.
struct Counted(DuplexStream, Arc<AtomicUsize>);

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.1.fetch_add(1, SeqCst);
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

async fn few_writes() -> bool {
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let writes = Arc::new(AtomicUsize::new(0));
    let server = Counted(server, writes.clone());
    tokio::spawn(Server::serve_connection(server, Arc::new(Site::default()), Peer::new(None)));
    client.write_all(&flight(&["/"; 12])).await.unwrap();
    assert_eq!(bodies(&mut client, 12).await, ["hello"; 12]);
    writes.load(SeqCst) <= 4
}

/// Who is kept waiting by the machine may try again.
async fn answers_leave_together() {
    let mut tries = 0;
    while !few_writes().await {
        tries += 1;
        assert!(tries < 100);
    }
}

#[tokio::test]
async fn answers_leave_together_on_one_thread() {
    answers_leave_together().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn answers_leave_together_with_threads() {
    tokio::spawn(answers_leave_together()).await.unwrap();
}

/// A body that comes at once, from a source that panics when it is dropped.
struct Dropping;

struct Source(Option<&'static str>);

impl futures_util::Stream for Source {
    type Item = Result<&'static str, waypost::BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "a destructor that panics");
    }
}

impl waypost::Respond for Dropping {
    async fn respond<'a>(&'a self, request: http::Request<waypost::Body>, _: &'a Peer) -> waypost::Response {
        waypost::Response::new(match request.uri().path() {
            "/drop" => waypost::Body::from_stream(Source(Some("dropped"))),
            _ => "whole".into(),
        })
    }
}

async fn a_destructor_that_panics() {
    let (mut client, server) = tokio::io::duplex(1 << 16);
    tokio::spawn(Server::serve_connection(server, Arc::new(Dropping), Peer::new(None)));
    client.write_all(&flight(&["/drop", "/", "/drop", "/"])).await.unwrap();
    let bodies = bodies(&mut client, 4).await;
    assert_eq!(bodies.iter().filter(|body| *body == "whole").count(), 2, "{bodies:?}");
}

#[tokio::test]
async fn a_destructor_that_panics_ends_its_stream_only() {
    a_destructor_that_panics().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_destructor_that_panics_ends_its_stream_only_with_threads() {
    a_destructor_that_panics().await;
}

/// The end is seen in the same poll in which the requests have come: behind them is more than is read at a time.
#[tokio::test]
async fn requests_that_come_with_the_end_leave_nothing_behind() {
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let site = Site::default();
    let app = Arc::new(site.clone());
    client.write_all(&flight(&["/forever", "/", "/forever"])).await.unwrap();
    // Frames of a type that nobody knows (RFC 9113 section 5.5).
    let unknown = [&[0, 0x3e, 0x80, 0x20, 0, 0, 0, 0, 0][..], &[0; 0x3e80]].concat();
    client.write_all(&[&unknown[..], &unknown].concat()).await.unwrap();
    drop(client);
    Server::serve_connection(server, Arc::clone(&app), Peer::new(None)).await;
    // Their tasks end in their turn.
    tokio::task::yield_now().await;
    assert_eq!(site.running.load(SeqCst), 0);
    assert_eq!(Arc::strong_count(&app), 1);
}
