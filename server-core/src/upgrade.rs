//! Connections that stop speaking HTTP.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderValue, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::body::Body;
use crate::duplex::Duplex;
use crate::response::Response;

/// A client's wish to speak another protocol on its connection (RFC 9110 section 7.8), as an argument of a handler.
///
/// ```
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use waypost::{App, Response, Server, Upgrade, get, routes};
///
/// /// Sends back what it is sent.
/// #[get("/echo")]
/// async fn echo(upgrade: Upgrade) -> Response {
///     upgrade.accept("echo", |mut stream| async move {
///         let (mut read, mut write) = tokio::io::split(&mut stream);
///         let _ = tokio::io::copy(&mut read, &mut write).await;
///     })
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
/// let handle = Server::bind("127.0.0.1:0").await?.spawn(App::new(routes![echo]))?;
///
/// let mut client = tokio::net::TcpStream::connect(handle.addr().to_string()).await?;
/// client.write_all(b"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello").await?;
/// let mut reply = vec![0; 64 * 1024];
/// let mut length = 0;
/// while !reply[..length].ends_with(b"hello") {
///     length += client.read(&mut reply[length..]).await?;
/// }
/// assert!(reply.starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
/// # Ok(())
/// # }
/// ```
///
/// A request that asks for nothing is answered 426; `Option<Upgrade>` is `None` then. Only a [`Server`](crate::Server)
/// can do it: in process and under other servers the answer is 501.
///
/// In HTTP/2 a stream takes the place of the connection, and the wish is an extended CONNECT (RFC 8441). It comes to the
/// route as the GET that it would have been in HTTP/1.1, and handlers need not know the difference. A route that takes
/// no notice of the wish is not taken at its word: where it answers with a success, the client is answered 501.
///
/// # CONNECT
///
/// A CONNECT request (RFC 9110 section 9.3.6) asks for a tunnel to a host and a port. A server answers it 501, unless its
/// application has a route for CONNECT at `/`, which is all the path that such a request has: then its `Upgrade` is the
/// wish for that tunnel, with no [`protocols`](Self::protocols). The target is `head.uri().authority()`, always with a
/// port from 1 to 65535, and `head.uri()` has nothing else. Whom to connect to is the handler's to say, and it should be
/// slow to: a proxy for all is one for attacks on what lies behind it.
///
/// ```
/// use tokio::net::TcpStream;
/// use waypost::http::StatusCode;
/// use waypost::{App, Error, Head, Response, Upgrade, route, routes};
///
/// /// A tunnel to one server and no other.
/// #[route(CONNECT, "/")]
/// async fn proxy(head: &Head, upgrade: Upgrade) -> waypost::Result<Response> {
///     let target = head.uri().authority().map(|target| target.as_str()).unwrap_or_default();
///     if target != "db.internal:5432" {
///         return Err(Error::new(StatusCode::FORBIDDEN));
///     }
///     let unreachable = |_| Error::new(StatusCode::BAD_GATEWAY);
///     let mut server = TcpStream::connect(target).await.map_err(unreachable)?;
///     Ok(upgrade.accept("", async move |mut client| {
///         let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
///     }))
/// }
///
/// let app = App::new(routes![proxy]);
/// # let _ = app;
/// ```
///
/// Only what [`accept`](Self::accept) answers makes a tunnel: any other success becomes a 501. Over HTTP/1 the connection is
/// closed behind every other answer, since what the client has sent for the tunnel is not to be taken for requests
/// (RFC 9931): also behind a 407, after which a client comes back on another one.
pub struct Upgrade {
    wanted: HeaderValue,
    kind: Kind,
}

/// How a client asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// By `Upgrade`.
    Field,
    /// By an extended CONNECT.
    Extended,
    /// By a plain one.
    Connect,
}

/// In a request of HTTP/2: what an extended CONNECT asks for. There is no other way to have one.
#[derive(Clone, Debug)]
pub(crate) struct Extended(HeaderValue);

#[cfg(feature = "http2")]
impl Extended {
    pub(crate) fn new(protocol: &str) -> Option<Self> {
        HeaderValue::from_str(protocol).ok().map(Self)
    }
}

impl Upgrade {
    pub(crate) fn new(wanted: HeaderValue) -> Self {
        Self { wanted, kind: Kind::Field }
    }

    pub(crate) fn extended(Extended(wanted): Extended) -> Self {
        Self { wanted, kind: Kind::Extended }
    }

    /// By a plain CONNECT, which names no protocol.
    pub(crate) fn connect() -> Self {
        Self { wanted: HeaderValue::from_static(""), kind: Kind::Connect }
    }

    /// Whether it is by an extended CONNECT.
    #[cfg(feature = "ws")]
    pub(crate) fn is_extended(&self) -> bool {
        self.kind == Kind::Extended
    }

    /// The protocols that the client would speak, in its order of preference, such as `websocket`.
    ///
    /// ```
    /// use waypost::{Error, Response, Upgrade, get};
    ///
    /// #[get("/echo")]
    /// async fn echo(upgrade: Upgrade) -> waypost::Result<Response> {
    ///     if !upgrade.protocols().any(|protocol| protocol.eq_ignore_ascii_case("echo")) {
    ///         return Err(Error::bad_request("this is for `echo` alone"));
    ///     }
    ///     Ok(upgrade.accept("echo", |_stream| async {}))
    /// }
    /// ```
    pub fn protocols(&self) -> impl Iterator<Item = &str> {
        let wanted = self.wanted.to_str().unwrap_or_default();
        wanted.split(',').map(str::trim).filter(|protocol| !protocol.is_empty())
    }

    /// Answers 101 (Switching Protocols; in HTTP/2, 200), and has `serve` speak `protocol` when the answer is on its way.
    /// To CONNECT it answers 200, and `protocol` is not said.
    ///
    /// The connection belongs to `serve` from then on, and ends with it. No deadline of HTTP's holds it any more. It
    /// counts as a request in progress: a server that ends waits for it, and cuts it after its own deadline, so take
    /// [`Shutdown`](crate::Shutdown) along and listen to it.
    ///
    /// ```
    /// use tokio::io::AsyncWriteExt;
    /// use waypost::{Response, Shutdown, Upgrade, get};
    ///
    /// #[get("/clock")]
    /// async fn clock(upgrade: Upgrade, shutdown: Shutdown) -> Response {
    ///     upgrade.accept("clock", async move |mut stream| {
    ///         shutdown.requested().await;
    ///         let _ = stream.write_all(b"the last tick").await;
    ///     })
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// If `protocol` is no field value: a constant that is.
    pub fn accept<F, S>(self, protocol: &'static str, serve: F) -> Response
    where
        F: FnOnce(Upgraded) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let mut response = Response::new(Body::empty());
        let protocol = HeaderValue::from_static(protocol);
        if self.kind != Kind::Connect {
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
            response.headers_mut().insert(UPGRADE, protocol);
        }
        let serve: Box<Serve> = Box::new(|stream| Box::pin(serve(stream)));
        response.extensions_mut().insert(Handover(Arc::new(Mutex::new(Some(serve)))));
        response
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Upgrade").field(&self.wanted).finish()
    }
}

pub(crate) type Serve = dyn FnOnce(Upgraded) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send;

/// In a response: who takes the connection over. (An extension must be `Clone`; it is taken once.)
#[derive(Clone)]
struct Handover(Arc<Mutex<Option<Box<Serve>>>>);

/// Who takes the connection over when this response is on its way.
#[cold]
pub(crate) fn take_handover(response: &mut Response) -> Option<Box<Serve>> {
    let handover = response.extensions_mut().remove::<Handover>()?;
    handover.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Who takes over what a CONNECT asked for, if that was promised. The answer turns into a success with nothing that would
/// be content, or tell of any: what follows it is the tunnel's (RFC 9110 section 9.3.6).
#[cold]
pub(crate) fn take_tunnel(response: &mut Response) -> Option<Box<Serve>> {
    let status = response.status();
    if !status.is_success() && status != StatusCode::SWITCHING_PROTOCOLS {
        return None;
    }
    let serve = take_handover(response)?;
    if !status.is_success() {
        *response.status_mut() = StatusCode::OK;
    }
    for field in [CONNECTION, UPGRADE, CONTENT_LENGTH, TRANSFER_ENCODING] {
        response.headers_mut().remove(field);
    }
    *response.body_mut() = Body::empty();
    Some(serve)
}

/// A connection that has stopped speaking HTTP: both directions of its bytes, within TLS if it was.
///
/// ```
/// use tokio::io::AsyncWriteExt;
/// use waypost::{Response, Upgrade, get};
///
/// #[get("/greeting")]
/// async fn greeting(upgrade: Upgrade) -> Response {
///     upgrade.accept("greeting", async |mut stream| {
///         let _ = stream.write_all(b"hello").await;
///         let _ = stream.shutdown().await;
///     })
/// }
/// ```
pub struct Upgraded {
    stream: Box<dyn Duplex>,
}

impl Upgraded {
    pub(crate) fn new(stream: impl Duplex + 'static) -> Self {
        Self { stream: Box::new(stream) }
    }
}

impl AsyncRead for Upgraded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Upgraded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgraded").finish_non_exhaustive()
    }
}
