//! Accepting, whatever happens.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::listener::Listener;

/// A listener that never fails.
pub(super) struct Accept {
    listener: Listener,
    /// How long to wait after the next failure; doubles with each, back to the least with a success.
    pause: Duration,
    /// The wait after the last failure.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Accept {
    /// Descriptors come free when a connection ends, often within milliseconds.
    const LEAST: Duration = Duration::from_millis(5);
    const MOST: Duration = Duration::from_secs(1);

    pub(super) fn new(listener: Listener) -> Self {
        Self { listener, pause: Self::LEAST, waiting: None }
    }

    /// The next connection, however long it takes.
    pub(super) fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(TcpStream, SocketAddr)> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            match ready!(self.listener.poll_accept(cx)) {
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
