//! A server before it is bound.

use std::fmt;
use std::io;
use std::net::ToSocketAddrs;
#[cfg(unix)]
use std::path::PathBuf;

use super::Server;
use super::config::Config;
#[cfg(unix)]
use super::listener::UnixSocket;
#[cfg(all(unix, feature = "socket-activation"))]
use super::listener::inherited;
use super::listener::{Bound, Listener, explain};
use super::shared::Running;
use crate::error::Result;

/// What a server is to listen on and how it is to behave.
///
/// ```
/// use waypost::{Server, config::Config};
///
/// # fn main() -> waypost::Result<()> {
/// let server = Server::builder()
///     .config(Config::default())
///     .tcp("127.0.0.1:0")
///     .tcp("[::1]:0")
///     .bind()?;
/// assert_eq!(server.addrs().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use]
pub struct Builder {
    config: Config,
    /// In the order they were named; bound last, when all settings are known.
    places: Vec<Place>,
}

enum Place {
    /// The first of the addresses that can be bound.
    Tcp(io::Result<Vec<std::net::SocketAddr>>),
    TcpSocket(std::net::TcpListener),
    #[cfg(unix)]
    Unix {
        path: PathBuf,
        mode: Option<u32>,
    },
    #[cfg(unix)]
    UnixSocket(std::os::unix::net::UnixListener),
    #[cfg(all(unix, feature = "socket-activation"))]
    Inherited,
    Custom(Bound),
}

impl Builder {
    /// Sets how it behaves.
    ///
    /// ```
    /// use waypost::{Server, config::Config};
    ///
    /// let mut config = Config::default();
    /// config.limits.connections = 100;
    /// let builder = Server::builder().config(config);
    /// ```
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Listens on a TCP address, in addition to what was named before. Port 0 takes a free one.
    ///
    /// Of several addresses, such as those of a name, the first that can be bound is taken. A name is resolved here,
    /// and that may block; an address is not.
    ///
    /// ```
    /// let builder = waypost::Server::builder().tcp(("127.0.0.1", 3000)).tcp("[::1]:3000");
    /// ```
    pub fn tcp(mut self, address: impl ToSocketAddrs) -> Self {
        let addresses = address.to_socket_addrs().map(Iterator::collect);
        self.places.push(Place::Tcp(addresses));
        self
    }

    /// Listens on a TCP socket that was bound elsewhere, such as one handed down by a service manager.
    ///
    /// ```
    /// let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    /// let address = socket.local_addr().unwrap();
    /// let server = waypost::Server::builder().tcp_socket(socket).bind().unwrap();
    /// assert_eq!(server.addr().tcp(), Some(address));
    /// ```
    pub fn tcp_socket(mut self, socket: std::net::TcpListener) -> Self {
        self.places.push(Place::TcpSocket(socket));
        self
    }

    /// Listens on a Unix socket at `path`, to which `mode` (such as `0o660`) says who may connect; without it the
    /// process's umask does.
    ///
    /// It is made under a name beside `path`, which is some characters longer (the system limits that, often to 107
    /// bytes), and takes its place when it listens. The file is removed when the server ends. One that is there already and that nobody listens behind, left by a
    /// program that was killed, is replaced; anything else at `path` is an error.
    ///
    /// ```no_run
    /// let builder = waypost::Server::builder().unix("/run/app/http.sock", Some(0o660));
    /// ```
    #[cfg(unix)]
    #[cfg_attr(docsrs, doc(cfg(unix)))]
    pub fn unix(mut self, path: impl Into<PathBuf>, mode: Option<u32>) -> Self {
        self.places.push(Place::Unix { path: path.into(), mode });
        self
    }

    /// Listens on a Unix socket that was bound elsewhere. Its file, if it has one, stays.
    ///
    /// ```no_run
    /// # fn main() -> std::io::Result<()> {
    /// let socket = std::os::unix::net::UnixListener::bind("/run/app/http.sock")?;
    /// let builder = waypost::Server::builder().unix_socket(socket);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(unix)]
    #[cfg_attr(docsrs, doc(cfg(unix)))]
    pub fn unix_socket(mut self, socket: std::os::unix::net::UnixListener) -> Self {
        self.places.push(Place::UnixSocket(socket));
        self
    }

    /// Listens on the sockets that a service manager has opened for the process and handed down in the environment
    /// (`LISTEN_FDS` and `LISTEN_PID`, as systemd's `sd_listen_fds(3)` has it): TCP and Unix sockets, in their order.
    /// A process that is replaced this way refuses no connection, for the socket stays open.
    ///
    /// If there are none, nothing is added. They are handed out once in a process: [`bind`](Self::bind) removes the
    /// variables from the environment. No other thread may use the environment meanwhile, which in Rust is up to nobody
    /// to prevent: bind before there are threads, that is, before the runtime is made, and serve with
    /// [`Server::run`], or [`Server::serve`] on a runtime made afterwards.
    ///
    /// ```no_run
    /// # fn main() -> waypost::Result<()> {
    /// let server = waypost::Server::builder().inherited().bind()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(all(unix, feature = "socket-activation"))]
    #[cfg_attr(docsrs, doc(cfg(all(unix, feature = "socket-activation"))))]
    pub fn inherited(mut self) -> Self {
        self.places.push(Place::Inherited);
        self
    }

    /// Takes connections from a listener of the application's own.
    ///
    /// ```
    /// use tokio::io::DuplexStream;
    /// use waypost::{Listener, Peer, Server};
    ///
    /// /// To which nobody comes.
    /// struct Nowhere;
    ///
    /// impl Listener for Nowhere {
    ///     type Stream = DuplexStream;
    ///
    ///     async fn accept(&mut self) -> std::io::Result<(DuplexStream, Peer)> {
    ///         std::future::pending().await
    ///     }
    /// }
    ///
    /// # fn main() -> waypost::Result<()> {
    /// let server = Server::builder().tcp("127.0.0.1:0").listener(Nowhere).bind()?;
    /// assert_eq!(server.addrs().len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// With [`Workers::per_core`](crate::config::Workers::per_core) its connections are all served by the first
    /// thread.
    pub fn listener(mut self, listener: impl Listener) -> Self {
        self.places.push(Place::Custom(Bound::custom(listener)));
        self
    }

    /// Binds all sockets. Needs no runtime.
    ///
    /// ```
    /// let server = waypost::Server::builder().tcp("127.0.0.1:0").bind().unwrap();
    /// assert!(waypost::Server::builder().bind().is_err()); // nothing to listen on
    /// ```
    ///
    /// # Errors
    ///
    /// When a setting has a value that no server can be run with, nothing was named to listen on, or one of the addresses cannot be resolved or bound. The error says which,
    /// and its [`cause`](crate::Error::cause) is the [`std::io::Error`].
    pub fn bind(self) -> Result<Server> {
        let Self { config, places } = self;
        config.check()?;
        let mut sockets = Vec::with_capacity(places.len());
        for place in places {
            place.bind(&config, &mut sockets)?;
        }
        let addresses: Vec<_> = sockets.iter().map(Bound::address).collect();
        if addresses.is_empty() {
            return Err(invalid("the server has nothing to listen on").into());
        }
        if !config.protocols.http1 && !config.protocols.http2 {
            return Err(invalid("the server has no protocol to speak").into());
        }
        Ok(Server {
            sockets,
            running: Running::new(config, addresses),
            until: None,
            #[cfg(feature = "_tls")]
            tls: None,
        })
    }
}

impl Place {
    fn bind(self, config: &Config, sockets: &mut Vec<Bound>) -> io::Result<()> {
        sockets.push(match self {
            Self::Tcp(addresses) => {
                let addresses =
                    addresses.map_err(|error| explain("cannot resolve the address to listen on", error))?;
                let mut failure = invalid("the name to listen on has no address");
                for address in addresses {
                    match Bound::tcp(address, &config.tcp, config.workers.per_core) {
                        Ok(bound) => {
                            sockets.push(bound);
                            return Ok(());
                        }
                        Err(error) => failure = error,
                    }
                }
                return Err(failure);
            }
            Self::TcpSocket(socket) => Bound::from_std(socket, &config.tcp)?,
            #[cfg(unix)]
            Self::Unix { path, mode } => Bound::Unix(UnixSocket::bind(&path, mode, config.tcp.backlog)?),
            #[cfg(unix)]
            Self::UnixSocket(socket) => Bound::Unix(UnixSocket::from_std(socket)?),
            #[cfg(all(unix, feature = "socket-activation"))]
            Self::Inherited => {
                sockets.extend(inherited::sockets(&config.tcp)?);
                return Ok(());
            }
            Self::Custom(bound) => bound,
        });
        Ok(())
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).field("places", &self.places.len()).finish()
    }
}
