//! Where connections come from.

mod custom;
#[cfg(all(unix, feature = "socket-activation"))]
pub(super) mod inherited;
mod tcp;
#[cfg(unix)]
mod unix;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::task::{Context, Poll, ready};

pub use custom::Listener;
#[cfg(unix)]
pub(super) use unix::UnixSocket;

use custom::PollAccept;

use super::config::Tcp;
use super::stream::Stream;
use crate::respond::Peer;

/// What a server listens on.
///
/// ```
/// use waypost::Server;
///
/// # fn main() -> waypost::Result<()> {
/// let server = Server::builder().tcp("127.0.0.1:0").bind()?;
/// let address = server.addr();
/// assert_ne!(address.tcp().unwrap().port(), 0);
/// assert!(address.to_string().starts_with("127.0.0.1:"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// A TCP socket, with its real port.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
    /// A [`Listener`] of the application's own, by the name it gives itself.
    Other(String),
}

impl Address {
    /// The address of a TCP socket.
    ///
    /// ```
    /// use waypost::Address;
    ///
    /// assert!(Address::Tcp(([127, 0, 0, 1], 3000).into()).tcp().is_some());
    /// assert_eq!(Address::Unix("/run/app.sock".into()).tcp(), None);
    /// ```
    #[must_use]
    pub fn tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            _ => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// A socket that listens and belongs to no runtime yet.
pub(super) enum Bound {
    Tcp {
        socket: std::net::TcpListener,
        address: SocketAddr,
        /// By whoever opened it, who must find all connections on this one socket.
        handed_down: bool,
    },
    #[cfg(unix)]
    Unix(UnixSocket),
    Custom {
        listener: Box<dyn PollAccept>,
        name: String,
    },
}

impl Bound {
    pub(super) fn tcp(address: SocketAddr, settings: &Tcp, share: bool) -> io::Result<Self> {
        tcp::bind(address, settings, share)
            .and_then(|socket| Ok(Self::Tcp { address: socket.local_addr()?, socket, handed_down: false }))
            .map_err(|error| explain(format!("cannot listen on {address}"), error))
    }

    /// A TCP socket that listens already.
    pub(super) fn from_std(socket: std::net::TcpListener, settings: &Tcp) -> io::Result<Self> {
        let address = socket.local_addr()?;
        tcp::prepare(&socket, settings)?;
        Ok(Self::Tcp { socket, address, handed_down: true })
    }

    pub(super) fn custom(listener: impl Listener) -> Self {
        let name = listener.name();
        Self::Custom { listener: custom::erase(listener), name }
    }

    pub(super) fn address(&self) -> Address {
        match self {
            Self::Tcp { address, .. } => Address::Tcp(*address),
            #[cfg(unix)]
            Self::Unix(socket) => Address::Unix(socket.path().to_owned()),
            Self::Custom { name, .. } => Address::Other(name.clone()),
        }
    }

    /// Another one on the same address, for a runtime of its own, if there can be one.
    pub(super) fn another(&self, settings: &Tcp) -> io::Result<Option<Self>> {
        match self {
            Self::Tcp { socket, address, handed_down } => {
                if !handed_down && let Ok(other) = Self::tcp(*address, settings, true) {
                    return Ok(Some(other));
                }
                let socket = socket.try_clone()?;
                Ok(Some(Self::Tcp { socket, address: *address, handed_down: *handed_down }))
            }
            #[cfg(unix)]
            Self::Unix(socket) => socket.another().map(|socket| Some(Self::Unix(socket))),
            Self::Custom { .. } => Ok(None),
        }
    }

    /// Gives it to the current runtime.
    pub(super) fn listen(self, _settings: &Tcp) -> io::Result<Listening> {
        Ok(match self {
            Self::Tcp { socket, .. } => Listening::Tcp {
                socket: tokio::net::TcpListener::from_std(socket)?,
                #[cfg(not(target_os = "linux"))]
                settings: _settings.clone(),
            },
            #[cfg(unix)]
            Self::Unix(socket) => {
                let (socket, file) = socket.into_parts();
                Listening::Unix { socket: tokio::net::UnixListener::from_std(socket)?, _file: file }
            }
            Self::Custom { listener, .. } => Listening::Custom(listener),
        })
    }
}

/// A listening socket of a runtime.
pub(super) enum Listening {
    Tcp {
        socket: tokio::net::TcpListener,
        /// For each connection.
        #[cfg(not(target_os = "linux"))]
        settings: Tcp,
    },
    #[cfg(unix)]
    Unix {
        socket: tokio::net::UnixListener,
        /// Removed with the last socket of this address.
        _file: std::sync::Arc<unix::SocketFile>,
    },
    Custom(Box<dyn PollAccept>),
}

impl Listening {
    pub(super) fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, Peer)>> {
        Poll::Ready(Ok(match self {
            #[cfg(target_os = "linux")]
            Self::Tcp { socket } => {
                let (stream, address) = ready!(socket.poll_accept(cx))?;
                (Stream::Tcp(stream), Peer::new(Some(address)))
            }
            #[cfg(not(target_os = "linux"))]
            Self::Tcp { socket, settings } => {
                let (stream, address) = ready!(socket.poll_accept(cx))?;
                tcp::prepare_accepted(&stream, settings);
                (Stream::Tcp(stream), Peer::new(Some(address)))
            }
            #[cfg(unix)]
            Self::Unix { socket, .. } => {
                let (stream, _) = ready!(socket.poll_accept(cx))?;
                (Stream::Unix(stream), Peer::unix())
            }
            Self::Custom(listener) => return listener.poll_accept(cx),
        }))
    }
}

/// An I/O error that says what was tried.
pub(super) fn explain(what: impl Into<String>, source: io::Error) -> io::Error {
    io::Error::new(source.kind(), Explained { what: what.into(), source })
}

#[derive(Debug)]
struct Explained {
    what: String,
    source: io::Error,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.source)
    }
}

impl std::error::Error for Explained {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
