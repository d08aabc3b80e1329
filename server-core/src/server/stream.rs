//! A connection's bytes, whatever they travel on.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use crate::duplex::Duplex;

/// An accepted stream. One type for all of them, so that HTTP is compiled once; telling them apart is a branch.
pub(super) enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    /// From a listener of the application's own.
    Other(Box<dyn Duplex>),
    #[cfg(feature = "_tls")]
    Tls(Box<super::tls::TlsStream<Stream>>),
}

impl Stream {
    /// Waits until the peer has sent something, or has gone, where that can be known without reading.
    #[cfg(feature = "_tls")]
    pub(super) async fn readable(&mut self) -> io::Result<()> {
        match self {
            // Other than `readable` it is not deceived by what has been read already.
            Self::Tcp(stream) => stream.peek(&mut [0]).await.map(drop),
            #[cfg(unix)]
            Self::Unix(stream) => stream.readable().await,
            Self::Other(_) | Self::Tls(_) => Ok(()),
        }
    }

    /// The same stream, of which these bytes have been read already.
    pub(super) fn after(self, read: Vec<u8>) -> Self {
        if read.is_empty() {
            return self;
        }
        Self::Other(Box::new(After { read: io::Cursor::new(read), stream: self }))
    }
}

/// A stream that begins with what was read of it too early.
struct After {
    read: io::Cursor<Vec<u8>>,
    stream: Stream,
}

impl AsyncRead for After {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.read.position() < this.read.get_ref().len() as u64 {
            return Pin::new(&mut this.read).poll_read(cx, buf);
        }
        Pin::new(&mut this.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for After {
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

/// The same call on whichever it is.
macro_rules! each {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream {
            Stream::Tcp($inner) => $call,
            #[cfg(unix)]
            Stream::Unix($inner) => $call,
            Stream::Other($inner) => $call,
            #[cfg(feature = "_tls")]
            Stream::Tls($inner) => $call,
        }
    };
}

impl AsyncRead for Stream {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(&mut *self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    #[inline]
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(&mut *self, stream => Pin::new(stream).poll_write(cx, buf))
    }

    #[inline]
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(&mut *self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(&mut *self, stream => Pin::new(stream).poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        each!(self, stream => stream.is_write_vectored())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(&mut *self, stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }
}
