//! Output held back for a moment, so that answers to pipelined requests leave in one write.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

/// A small buffer in front of a stream.
#[derive(Debug, Default)]
pub(super) struct Cork {
    bytes: Vec<u8>,
    /// How many of them the stream has taken.
    sent: usize,
}

impl Cork {
    /// What is held back at most; longer writes pass by. Kept from one request to the next, so it is small.
    const ROOM: usize = 4 * 1024;

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bytes are held back.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Holds back `bytes`, if there is room.
    pub(super) fn take(&mut self, bytes: &[u8]) -> bool {
        let fits = bytes.len() <= Self::ROOM - self.bytes.len();
        if fits {
            self.bytes.extend_from_slice(bytes);
        }
        fits
    }

    /// Gives what was held back to `stream`; ready when it is empty.
    pub(super) fn poll_release<T>(&mut self, stream: &mut T, cx: &mut Context<'_>) -> Poll<io::Result<()>>
    where
        T: AsyncWrite + Unpin,
    {
        while self.sent < self.bytes.len() {
            match ready!(Pin::new(&mut *stream).poll_write(cx, &self.bytes[self.sent..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.sent += written,
            }
        }
        self.bytes.clear();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }
}
