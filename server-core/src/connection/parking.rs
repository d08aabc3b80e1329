//! A connection of HTTP/1 that has nothing to do, and keeps no more than it needs to know when that changes.
//!
//! hyper's two buffers of 8 KiB, its state, the room for a handler's future and for header fields are most of what a
//! connection takes. It is parked when the watchdog finds that it has been silent for a while, or the server that others
//! come; no request pays for that, save the first one after it, for which hyper's part is made anew.

use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use super::io::Watched;
use super::watchdog::{Order, Watchdog};

/// Waits for the peer: whether the connection goes on, since there is something to be read. All deadlines run on.
pub(super) fn poll<T>(io: &mut Watched<T>, dog: &mut Watchdog, cx: &mut Context<'_>) -> Poll<bool>
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    // What TLS has encrypted need not have left yet: hyper sees to it that it does, at the end, too.
    match io.poll_uncork(cx) {
        Poll::Ready(Ok(())) => {}
        Poll::Ready(Err(_)) => return Poll::Ready(false),
        Poll::Pending => return Poll::Ready(true),
    }
    loop {
        if let Poll::Ready(goes_on) = io.poll_hold(cx) {
            return Poll::Ready(goes_on);
        }
        match ready!(dog.poll(dog.watch().notices(), cx)) {
            Order::Leave | Order::Cut => return Poll::Ready(false),
            Order::Ask | Order::Park => {}
        }
    }
}
