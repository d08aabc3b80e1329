//! What is on its way to the peer.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncWrite;

/// Frames in their order. Small ones are gathered, so that many leave in one write; of large ones the content is not
/// copied, so that a message to many clients is one. Nothing is allocated until something is sent, and what has room
/// for more than a little is given back when all has left.
///
/// What a server sends is not masked (RFC 6455 section 5.1): a frame is its head and the content as it is.
#[derive(Default)]
pub(super) struct Outbox {
    /// In front of the tail.
    queue: VecDeque<Bytes>,
    tail: BytesMut,
    /// Of both.
    len: usize,
}

/// What a frame is about (RFC 6455 section 5.2).
#[derive(Clone, Copy)]
pub(super) enum Opcode {
    Text = 1,
    Binary = 2,
    Ping = 9,
    Pong = 10,
}

/// From here on, content is handed over and not copied.
const LARGE: usize = 2048;

/// What is kept for the next message.
const KEPT: usize = 4096;

/// How many pieces leave in one write, at most.
const PIECES: usize = 16;

impl Outbox {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a message as one frame.
    pub(super) fn push(&mut self, opcode: Opcode, content: Bytes) {
        const FINAL: u8 = 0x80;
        let mut head = [FINAL | opcode as u8; 10];
        let length = content.len();
        let head = if let Ok(short @ 0..=125) = u8::try_from(length) {
            head[1] = short;
            &head[..2]
        } else if let Ok(length) = u16::try_from(length) {
            head[1] = 126;
            head[2..4].copy_from_slice(&length.to_be_bytes());
            &head[..4]
        } else {
            head[1] = 127;
            head[2..].copy_from_slice(&(length as u64).to_be_bytes());
            &head[..]
        };
        self.push_bytes(head);
        if length < LARGE {
            return self.push_bytes(&content);
        }
        self.len += length;
        self.queue.push_back(self.tail.split().freeze());
        self.queue.push_back(content);
    }

    /// Adds what are frames already.
    pub(super) fn push_bytes(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        self.len += bytes.len();
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Writes once; how much has left.
    pub(super) fn poll_write(
        &mut self,
        mut stream: Pin<&mut impl AsyncWrite>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let written = if self.queue.is_empty() {
            ready!(stream.as_mut().poll_write(cx, &self.tail))?
        } else if stream.is_write_vectored() {
            let mut pieces = [IoSlice::new(&[]); PIECES];
            let parts = self.queue.iter().map(|part| &**part).chain([&*self.tail]);
            let count = parts.zip(&mut pieces).map(|(part, piece)| *piece = IoSlice::new(part)).count();
            ready!(stream.as_mut().poll_write_vectored(cx, &pieces[..count]))?
        } else {
            ready!(stream.as_mut().poll_write(cx, &self.queue[0]))?
        };
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.advance(written);
        Poll::Ready(Ok(written))
    }

    fn advance(&mut self, mut bytes: usize) {
        self.len -= bytes;
        while let Some(first) = self.queue.front_mut() {
            if bytes < first.len() {
                return first.advance(bytes);
            }
            bytes -= first.len();
            self.queue.pop_front();
        }
        self.tail.advance(bytes);
        // What has left is in front of what is free: the whole counts.
        if self.is_empty() && self.tail.try_reclaim(KEPT + 1) {
            self.tail = BytesMut::new();
        }
    }
}
