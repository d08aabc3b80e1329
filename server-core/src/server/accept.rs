//! Accepting, whatever happens.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use super::listener::Listening;
use super::stream::Stream;
use crate::respond::Peer;

/// Listening sockets, of which none fails and each gets its turn.
pub(super) struct Acceptor {
    sockets: Vec<Patient>,
    /// Whose turn it is.
    next: usize,
}

impl Acceptor {
    pub(super) fn new(sockets: Vec<Listening>) -> Self {
        Self { sockets: sockets.into_iter().map(Patient::new).collect(), next: 0 }
    }

    /// Takes leave of listeners of the application's own; tells how many others there are.
    pub(super) fn keep_system_sockets(&mut self) -> usize {
        self.sockets.retain(|patient| !matches!(patient.socket, Listening::Custom(_)));
        self.sockets.len()
    }

    /// The next connection, however long it takes.
    pub(super) fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(Stream, Peer)> {
        for _ in 0..self.sockets.len() {
            self.next = (self.next + 1) % self.sockets.len();
            if let Poll::Ready(accepted) = self.sockets[self.next].poll_accept(cx) {
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    }
}

/// A listening socket that waits after a failure.
struct Patient {
    socket: Listening,
    /// How long to wait after the next failure; doubles with each, back to the least with a success.
    pause: Duration,
    /// The wait after the last failure.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    /// Descriptors come free when a connection ends, often within milliseconds.
    const LEAST: Duration = Duration::from_millis(5);
    const MOST: Duration = Duration::from_secs(1);

    fn new(socket: Listening) -> Self {
        Self { socket, pause: Self::LEAST, waiting: None }
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(Stream, Peer)> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            match ready!(self.socket.poll_accept(cx)) {
                Ok(accepted) => {
                    self.pause = Self::LEAST;
                    return Poll::Ready(accepted);
                }
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => self.back_off(&error),
            }
        }
    }

    /// The process or the system has run out of something (EMFILE, ENFILE, ENOBUFS, ENOMEM), or something unknown
    /// happened: trying again at once would spin, for the connection stays in the queue.
    #[cold]
    fn back_off(&mut self, _error: &io::Error) {
        #[cfg(feature = "tracing")]
        tracing::warn!(error = _error as &dyn std::error::Error, pause = ?self.pause, "cannot accept connections");
        self.waiting = Some(Box::pin(sleep(self.pause)));
        self.pause = (self.pause * 2).min(Self::MOST);
    }
}

/// Whether it concerns only the connection that was to be accepted, which is gone (accept(2), "Error handling").
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::Interrupted
    )
}
