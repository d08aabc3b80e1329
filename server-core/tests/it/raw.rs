//! A client that speaks in bytes, and an app to speak to.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use waypost::{Body, Error, Handle, Listener, Peer, Respond, Response, Server};

/// What every connection of HTTP/2 begins with (RFC 9113 section 3.4).
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection seen from the client's end.
pub(crate) struct Wire<T = DuplexStream> {
    pub(crate) stream: T,
    /// Received and not yet looked at.
    seen: Vec<u8>,
}

/// A response as it was on the wire.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// Serves `site` to a wire in memory, of which each direction takes `room` bytes.
pub(crate) fn connect_with_room(site: Site, room: usize) -> (Wire, JoinHandle<()>) {
    let (client, server) = tokio::io::duplex(room);
    let task = tokio::spawn(Server::serve_connection(server, Arc::new(site), Peer::new(None)));
    (Wire::new(client), task)
}

pub(crate) fn connect(site: Site) -> Wire {
    connect_with_room(site, 1 << 16).0
}

/// Over a real socket.
pub(crate) mod tcp {
    use std::net::SocketAddr;

    use tokio::net::TcpStream;
    use waypost::Handle;

    use super::Wire;

    pub(crate) fn port(handle: &Handle) -> SocketAddr {
        handle.addr().tcp().unwrap()
    }

    pub(crate) async fn connect(handle: &Handle) -> Wire<TcpStream> {
        Wire::new(TcpStream::connect(port(handle)).await.unwrap())
    }
}

/// A server whose connections are in memory, so that time can be paused.
pub(crate) struct Channel(mpsc::UnboundedSender<DuplexStream>);

/// Its end of them.
pub(crate) struct Accepting(mpsc::UnboundedReceiver<DuplexStream>);

impl Channel {
    pub(crate) fn new() -> (Self, Accepting) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), Accepting(receiver))
    }

    pub(crate) fn serve(app: impl Respond) -> (Self, Handle) {
        let (channel, accepting) = Self::new();
        let server = Server::builder().listener(accepting).bind().unwrap();
        (channel, server.spawn(app).unwrap())
    }

    /// A connection of which each direction takes `room` bytes.
    pub(crate) fn connect(&self, room: usize) -> Wire {
        let (client, stream) = tokio::io::duplex(room);
        self.0.send(stream).unwrap();
        Wire::new(client)
    }
}

impl Listener for Accepting {
    type Stream = DuplexStream;

    async fn accept(&mut self) -> std::io::Result<(DuplexStream, Peer)> {
        match self.0.recv().await {
            Some(stream) => Ok((stream, Peer::default())),
            None => std::future::pending().await,
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Wire<T> {
    pub(crate) fn new(stream: T) -> Self {
        Self { stream, seen: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// The next response to a request that was not HEAD: by `Content-Length`, by chunks, or to the end.
    pub(crate) async fn reply(&mut self) -> Reply {
        let mut reply = self.reply_to_head().await;
        let length = reply.header("content-length").map(|length| length.parse().unwrap());
        if reply.status < 200 || reply.status == 204 || reply.status == 304 {
        } else if let Some(length) = length {
            reply.body = self.take(length).await;
        } else if reply.header("transfer-encoding").as_deref() == Some("chunked") {
            loop {
                let line = self.line().await;
                let size = usize::from_str_radix(line.trim(), 16).unwrap();
                reply.body.extend(self.take(size).await);
                assert_eq!(self.line().await, "\r\n");
                if size == 0 {
                    break;
                }
            }
        } else {
            reply.body = self.rest().await;
        }
        reply
    }

    /// The next response to a HEAD request.
    pub(crate) async fn reply_to_head(&mut self) -> Reply {
        let mut head = String::new();
        loop {
            let line = self.line().await;
            if line == "\r\n" {
                break;
            }
            head += &line;
        }
        let status = head.split(' ').nth(1).unwrap_or_else(|| panic!("no status: {head:?}")).parse().unwrap();
        Reply { status, head, body: Vec::new() }
    }

    /// Whatever comes until the peer closes.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let _ = self.stream.read_to_end(&mut self.seen).await;
        std::mem::take(&mut self.seen)
    }

    /// What has come within a moment (of paused time).
    pub(crate) async fn pending(&mut self) -> Vec<u8> {
        let _ =
            tokio::time::timeout(Duration::from_millis(50), async { while self.more().await > 0 {} }).await;
        std::mem::take(&mut self.seen)
    }

    async fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.seen.windows(2).position(|pair| pair == b"\r\n") {
                return String::from_utf8(self.seen.drain(..end + 2).collect()).unwrap();
            }
            assert!(self.more().await > 0, "closed after {:?}", String::from_utf8_lossy(&self.seen));
        }
    }

    /// So many bytes.
    pub(crate) async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.seen.len() < length {
            assert!(self.more().await > 0, "closed after {} of {length} bytes", self.seen.len());
        }
        self.seen.drain(..length).collect()
    }

    async fn more(&mut self) -> usize {
        self.stream.read_buf(&mut self.seen).await.unwrap()
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.head.lines().skip(1).find_map(|line| {
            let (n, value) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// An app with a path for every manner of answering.
#[derive(Clone, Default)]
pub(crate) struct Site {
    /// Requests whose handler runs.
    pub(crate) running: Arc<AtomicUsize>,
    /// Requests whose handler has begun.
    pub(crate) begun: Arc<AtomicUsize>,
}

impl Respond for Site {
    async fn respond(&self, request: http::Request<Body>, _peer: &Peer) -> Response {
        let _running = Running::new(&self.running);
        self.begun.fetch_add(1, SeqCst);
        let (head, body) = request.into_parts();
        match head.uri.path() {
            "/" => Response::new("hello".into()),
            "/method" => Response::new(head.method.to_string().into()),
            "/empty" => Response::new(Body::empty()),
            "/echo" => match body.bytes().await {
                Ok(bytes) => Response::new(bytes.into()),
                Err(error) => waypost::IntoResponse::into_response(error),
            },
            "/stream-back" => Response::new(body),
            "/ignore" => Response::new("ignored".into()),
            // Five pieces, one every five minutes.
            "/stream" => {
                Response::new(Body::new(Drip { left: 5, every: Duration::from_secs(300), sleep: None }))
            }
            "/burst" => Response::new(Body::new(Drip { left: 3, every: Duration::ZERO, sleep: None })),
            "/slow" => {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                Response::new("slow".into())
            }
            "/forever" => std::future::pending().await,
            "/large" => Response::new(vec![b'x'; 1 << 20].into()),
            "/panic" => panic!("a handler that panics"),
            other => {
                let mut response = Response::new(other.to_owned().into());
                *response.status_mut() = http::StatusCode::NOT_FOUND;
                response
            }
        }
    }
}

struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// A body that comes a piece at a time.
struct Drip {
    left: u32,
    every: Duration,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl http_body::Body for Drip {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if !self.every.is_zero() {
            let every = self.every;
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(every)));
            std::task::ready!(sleep.as_mut().poll(cx));
            self.sleep = None;
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"drip ")))))
    }
}
