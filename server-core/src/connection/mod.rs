//! One connection, from its first byte to its close.
//!
//! It knows how to speak HTTP and how long to wait for a peer; it does not know sockets (any stream will do) and not
//! what answers (any [`Application`]). hyper is named in this folder and nowhere else, save for the body
//! that comes straight from it.
//!
//! ```text
//! stream → io (counts, holds back, combines) → protocol → http1 | http2 (hyper) → admission → convert → Application
//!                     └──────── watch ─────────┴───────────┴── watchdog (one alarm a connection)
//! ```

// What only the other protocol uses.
#![cfg_attr(not(all(feature = "http1", feature = "http2")), allow(dead_code))]

#[cfg(not(any(feature = "http1", feature = "http2")))]
compile_error!("feature `server` needs a protocol to serve: enable `http1`, `http2` or both");

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::respond::{Peer, Respond};

mod admission;
mod allowance;
mod application;
mod convert;
mod cork;
mod deadline;
#[cfg(feature = "http1")]
mod http1;
#[cfg(feature = "http2")]
mod http2;
mod io;
mod length;
mod limits;
#[cfg(feature = "http1")]
mod linger;
#[cfg(feature = "http1")]
mod parking;
mod parties;
mod protocol;
#[cfg(feature = "http1")]
mod requests;
mod stream;
#[cfg(feature = "http2")]
mod tasks;
mod timer;
#[cfg(feature = "http2")]
mod tunnel;
mod turn;
mod watch;
mod watchdog;

pub(crate) use application::Application;
pub use limits::Limits;
pub use protocol::Spoken;
pub use watch::Watch;

use io::Watched;
use watchdog::Watchdog;

/// Serves the peer behind `stream` until it goes, breaks the protocol, outstays a deadline or was asked to leave.
///
/// What protocol is spoken its first bytes tell, unless `spoken` says so.
///
/// Dropping the future closes the connection at once. HTTP/2 streams are tasks of the runtime, which drops those that
/// still run as soon as it gets to them: `held` is not dropped before the last of them.
pub fn serve<T, A, H>(
    stream: T,
    app: Arc<A>,
    peer: Peer,
    limits: Arc<Limits>,
    watch: Arc<Watch>,
    spoken: Option<Spoken>,
    held: H,
) -> impl Future<Output = ()> + Send + 'static
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Respond,
    H: Send + Sync + 'static,
{
    serve_any(stream, app, peer, limits, watch, spoken, held)
}

/// As [`serve`], with an application whose type is forgotten.
#[expect(clippy::manual_async_fn, reason = "states that the future is `Send`")]
pub(crate) fn serve_any<T, H>(
    stream: T,
    app: Arc<dyn Application>,
    peer: Peer,
    limits: Arc<Limits>,
    watch: Arc<Watch>,
    spoken: Option<Spoken>,
    held: H,
) -> impl Future<Output = ()> + Send + 'static
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Send + Sync + 'static,
{
    async move {
        let http1 = cfg!(feature = "http1") && limits.http1;
        let may_be_http2 = limits.http2_prior_knowledge || spoken == Some(Spoken::Http2);
        let http2 = cfg!(feature = "http2") && limits.http2 && may_be_http2;
        // Where only one is spoken, there is nothing to find out; but who says HTTP/2 to HTTP/1 is told.
        let spoken = if http1 { spoken } else { spoken.or(Some(Spoken::Http2)) };
        if !(if spoken == Some(Spoken::Http2) { http2 } else { http1 }) {
            return;
        }
        #[cfg_attr(not(feature = "http1"), expect(unused_mut))]
        let mut dog = Watchdog::new(Arc::clone(&watch), limits);
        #[cfg_attr(not(feature = "http1"), expect(unused_mut))]
        let mut io = Some(Watched::new(stream, watch, spoken));

        #[cfg(feature = "http1")]
        if spoken != Some(Spoken::Http2) {
            // Lent: a future keeps room for what it is given, and again for what it makes of it.
            let end = http1::serve(&mut io, &*app, &peer, &mut dog).await;
            if let Some(end) = end {
                let Some(io) = io else { return };
                return Box::pin(end.finish(io, dog)).await;
            }
        }
        let Some(io) = io else { return };
        // Boxed, so that a connection of HTTP/1 does not carry the room for it.
        #[cfg(feature = "http2")]
        if http2 {
            return Box::pin(http2::serve(io, app, peer, dog, held)).await;
        }
        Box::pin(refuse_http2(io, dog)).await;
        drop(held);
    }
}

/// A preface is a request line of a version that is not served (RFC 9110 section 15.6.6).
async fn refuse_http2<T: AsyncRead + AsyncWrite + Unpin>(mut io: Watched<T>, dog: Watchdog) {
    const REFUSAL: &[u8] =
        b"HTTP/1.1 505 HTTP Version Not Supported\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    io.hold_back(REFUSAL);
    let refuse = poll_fn(|cx| Pin::new(&mut io).poll_shutdown(cx));
    let _ = tokio::time::timeout(dog.limits().farewell, refuse).await;
}
