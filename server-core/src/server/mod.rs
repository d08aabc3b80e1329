//! Sockets: binds them, accepts connections and keeps them served.
//!
//! It knows sockets and tasks; what is spoken on a connection is [`connection`](crate::connection)'s matter, what is
//! answered is that of a [`Respond`].

use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::task::JoinSet;

use crate::connection;
use crate::error::Result;
use crate::respond::{Peer, Respond};

mod accept;
mod config;
mod listener;
#[cfg(feature = "_tls")]
mod tls;

#[cfg(feature = "_tls")]
pub use tls::{ClientAuth, Tls, TlsCertificate, TlsError, TlsReloader};

use accept::Accept;
use config::Config;
use listener::Listener;

/// Serves an app on a socket: HTTP/1.0, HTTP/1.1 and HTTP/2 with prior knowledge, on one port.
///
/// ```no_run
/// use waypost::{App, Server, get, routes};
///
/// #[get("/hello/{name}")]
/// async fn hello(name: &str) -> String {
///     format!("Hello, {name}!\n")
/// }
///
/// #[tokio::main]
/// async fn main() -> waypost::Result<()> {
///     Server::bind("127.0.0.1:3000").await?.serve(App::new(routes![hello])).await
/// }
/// ```
///
/// It runs on the caller's runtime, reads no environment, installs no signal handler and holds nothing global: several
/// can run in one process.
///
/// # What a peer may take
///
/// | | at most | then |
/// |---|---|---|
/// | from the connection to the first byte, and until the protocol is known | 10 s | closed |
/// | an HTTP/1 request's head, from its first byte to its last | 10 s | closed |
/// | between requests; in HTTP/2, without an open stream | 60 s, and up to 15 s more | closed; in HTTP/2 after GOAWAY |
/// | a request's head in HTTP/1 | 32 KiB, 100 fields | 431 |
/// | a request's head in HTTP/2 | 16 KiB | 431 or the stream reset |
/// | streams at once in HTTP/2 | 200 | refused |
///
/// How long a handler runs, and how slowly a body goes in or out, is not limited.
///
/// When a client goes away in the middle of a request, its handler is dropped in HTTP/2 and runs to its end in HTTP/1
/// (whose clients may close their sending side and still want the answer).
pub struct Server {
    listener: Listener,
    config: Config,
    #[cfg(feature = "_tls")]
    acceptor: Option<tls::Acceptor>,
}

impl Server {
    /// Listens on a TCP address; port 0 takes a free one, which [`local_addr`](Self::local_addr) tells.
    ///
    /// Of several addresses, such as those of a name, the first that can be bound is taken.
    ///
    /// # Errors
    ///
    /// When the address cannot be resolved or bound. The error says which, and its [`cause`](crate::Error::cause) is
    /// the [`std::io::Error`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or in one without I/O and time.
    pub async fn bind(address: impl ToSocketAddrs) -> Result<Self> {
        Ok(Self::new(Listener::bind(address).await?))
    }

    /// Takes over a socket that is already listening, such as one handed down by a service manager.
    ///
    /// ```
    /// use waypost::Server;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    /// let address = listener.local_addr().unwrap();
    /// let server = Server::from_std(listener).unwrap();
    /// assert_eq!(server.local_addr(), address);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the socket is none that can be served.
    ///
    /// # Panics
    ///
    /// As [`bind`](Self::bind).
    pub fn from_std(listener: std::net::TcpListener) -> Result<Self> {
        Ok(Self::new(Listener::from_std(listener)?))
    }

    fn new(listener: Listener) -> Self {
        Self {
            listener,
            config: Config::default(),
            #[cfg(feature = "_tls")]
            acceptor: None,
        }
    }

    /// Speaks TLS on every connection, and nothing without.
    ///
    /// A handshake that takes longer than 10 seconds, or fails, ends its connection.
    ///
    /// ```no_run
    /// use waypost::{Server, Tls};
    ///
    /// # async fn example(app: impl waypost::Respond) -> waypost::Result<()> {
    /// let tls = Tls::from_pem_files("fullchain.pem", "privkey.pem")?;
    /// Server::bind("[::]:443").await?.tls(tls)?.serve(app).await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the settings cannot be put in force.
    #[cfg(feature = "_tls")]
    #[cfg_attr(docsrs, doc(cfg(any(feature = "tls", feature = "tls-ring"))))]
    pub fn tls(mut self, tls: Tls) -> Result<Self> {
        self.acceptor = Some(tls.acceptor(cfg!(feature = "http1"), cfg!(feature = "http2"))?);
        Ok(self)
    }

    /// The address it listens on, with the real port.
    ///
    /// ```
    /// use waypost::Server;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = Server::bind("127.0.0.1:0").await.unwrap();
    /// assert_ne!(server.local_addr().port(), 0);
    /// # }
    /// ```
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Serves `app`, without end: neither a failure to accept nor what happens on a connection stops it.
    ///
    /// Dropping the future stops accepting and drops all connections with the requests on them:
    ///
    /// ```no_run
    /// # async fn example(server: waypost::Server, app: impl waypost::Respond) {
    /// use std::time::Duration;
    ///
    /// let an_hour = tokio::time::timeout(Duration::from_secs(3600), server.serve(app));
    /// assert!(an_hour.await.is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// None at present.
    #[expect(clippy::manual_async_fn, reason = "states that the future is `Send`")]
    pub fn serve<A: Respond>(self, app: A) -> impl Future<Output = Result<()>> + Send {
        async move {
            let app = Arc::new(app);
            let mut accept = Accept::new(self.listener);
            let mut connections = JoinSet::new();
            loop {
                let (stream, address) = poll_fn(|cx| {
                    // Takes leave of those that have ended, or their memory would stay until the next one comes. How
                    // they ended is of no interest here; a panic has been reported by the panic hook.
                    while let Poll::Ready(Some(_)) = connections.poll_join_next(cx) {}
                    accept.poll_accept(cx)
                })
                .await;
                prepare(&stream);
                let limits = Arc::clone(&self.config.connection);
                #[cfg(feature = "_tls")]
                if let Some(acceptor) = &self.acceptor {
                    let handshake = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream));
                    let app = app.clone();
                    connections.spawn(async move {
                        if let Ok(Ok((stream, info))) = handshake.await {
                            let peer = Peer::new(Some(address)).with_tls(info);
                            connection::serve(stream, app, peer, limits).await;
                        }
                    });
                    continue;
                }
                connections.spawn(connection::serve(stream, app.clone(), Peer::new(Some(address)), limits));
            }
        }
    }

    /// Serves one connection over any stream, as [`serve`](Self::serve) does. For benches and tests.
    #[doc(hidden)]
    pub fn serve_connection<T, A>(
        stream: T,
        app: Arc<A>,
        peer: Peer,
    ) -> impl Future<Output = ()> + Send + 'static
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        A: Respond,
    {
        connection::serve(stream, app, peer, Config::default().connection)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("local_addr", &self.local_addr()).finish_non_exhaustive()
    }
}

/// How long a TLS handshake may take.
#[cfg(feature = "_tls")]
const HANDSHAKE: std::time::Duration = std::time::Duration::from_secs(10);

/// Makes a socket ready to serve.
fn prepare(stream: &TcpStream) {
    // Without it a response waits for the client's delayed ACK, up to 40 ms. It fails only for a peer that has gone.
    let _ = stream.set_nodelay(true);
}
