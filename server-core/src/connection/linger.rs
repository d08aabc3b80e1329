//! Closing in a way that the peer still gets the last answer (RFC 9112 section 9.6).

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::io::Watched;
use super::watch::Notices;
use super::watchdog::{Order, Watchdog};

/// How much of a request nobody wanted is read over.
const BYTES: usize = 256 * 1024;

/// Ends a connection of which the protocol is done: lets go what is held back, and reads over what the peer still
/// sends until it closes its side, which is what it does when it sees that ours is closed.
///
/// A socket that is dropped while there is something to be read resets the connection, and the reset may overtake an
/// answer such as 413. What a peer may send meanwhile is bounded, and so is the time.
pub(super) async fn linger<T>(mut io: Watched<T>, mut dog: Watchdog)
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    dog.take_leave();
    // Where a request asked for an upgrade, or for a tunnel, hyper has left the stream open, and in it the answer.
    let mut is_shut = !io.holds_output();
    let mut left = BYTES;
    poll_fn(|cx| {
        loop {
            let step = if is_shut {
                let mut scrap = [MaybeUninit::uninit(); 4096];
                let mut scrap = ReadBuf::uninit(&mut scrap);
                Pin::new(&mut io).poll_read(cx, &mut scrap).map_ok(|()| scrap.filled().len())
            } else {
                Pin::new(&mut io).poll_shutdown(cx).map_ok(|()| {
                    is_shut = true;
                    1
                })
            };
            match step {
                Poll::Ready(Ok(read @ 1..)) if read < left => left -= read,
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => match ready!(dog.poll(Notices::NONE, cx)) {
                    Order::Cut => return Poll::Ready(()),
                    Order::Leave | Order::Ask | Order::Park => {}
                },
            }
        }
    })
    .await;
}
