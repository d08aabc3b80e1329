//! A listening socket.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use tokio::net::{TcpListener, TcpStream, ToSocketAddrs, lookup_host};

/// A TCP socket that listens.
#[derive(Debug)]
pub(super) struct Listener {
    socket: TcpListener,
    /// Asked once: the question can fail, a server's address cannot.
    address: SocketAddr,
}

impl Listener {
    /// Binds the first of the addresses that can be bound.
    pub(super) async fn bind(addresses: impl ToSocketAddrs) -> io::Result<Self> {
        let addresses =
            lookup_host(addresses).await.map_err(|error| explain("cannot resolve the address", error))?;
        let mut failure = None;
        for address in addresses {
            match TcpListener::bind(address).await.and_then(Self::new) {
                Ok(listener) => return Ok(listener),
                Err(error) => failure = Some(explain(format!("cannot listen on {address}"), error)),
            }
        }
        Err(failure.unwrap_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "the name to listen on has no address")
        }))
    }

    pub(super) fn from_std(socket: std::net::TcpListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        TcpListener::from_std(socket).and_then(Self::new)
    }

    fn new(socket: TcpListener) -> io::Result<Self> {
        Ok(Self { address: socket.local_addr()?, socket })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        self.socket.poll_accept(cx)
    }
}

/// An I/O error that says what was tried.
fn explain(what: impl Into<String>, source: io::Error) -> io::Error {
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
