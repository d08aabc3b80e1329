//! One connection, from its first byte to its close.
//!
//! It knows how to speak HTTP and how long to wait for a peer; it does not know sockets (any stream will do) and not
//! what answers (anything that is [`Respond`]). hyper is named in this folder and nowhere else, save for the body
//! that comes straight from it.
//!
//! ```text
//! stream → io (counts, holds back, combines) → protocol → http1 | http2 (hyper) → admission → convert → Respond
//!                     └──────── watch ─────────┴───────────┴── watchdog (one alarm a connection)
//! ```

// What only the other protocol uses.
#![cfg_attr(not(all(feature = "http1", feature = "http2")), allow(dead_code))]

#[cfg(not(any(feature = "http1", feature = "http2")))]
compile_error!("feature `server` needs a protocol to serve: enable `http1`, `http2` or both");

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::respond::{Peer, Respond};

mod admission;
mod convert;
mod cork;
#[cfg(feature = "http1")]
mod http1;
#[cfg(feature = "http2")]
mod http2;
mod io;
mod limits;
#[cfg(feature = "http1")]
mod linger;
mod protocol;
mod timer;
mod watch;
mod watchdog;

pub(crate) use limits::Limits;

use io::Watched;
use watch::Watch;
use watchdog::Watchdog;

/// Serves the peer behind `stream` until it goes, breaks the protocol or outstays a deadline.
///
/// Dropping the future closes the connection at once; what HTTP/2 streams of it still run is dropped by the runtime
/// as soon as it notices.
#[expect(clippy::manual_async_fn, reason = "states that the future is `Send`")]
pub(crate) fn serve<T, A>(
    stream: T,
    app: Arc<A>,
    peer: Peer,
    limits: Arc<Limits>,
) -> impl Future<Output = ()> + Send + 'static
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Respond,
{
    async move {
        let watch = Arc::new(Watch::new());
        let dog = Watchdog::new(Arc::clone(&watch), limits);
        let io = Watched::new(stream, watch);

        #[cfg(feature = "http1")]
        let Some((io, dog)) = http1::serve(io, &*app, &peer, dog).await else { return };

        // Boxed, so that a connection of HTTP/1 does not carry the room for it.
        #[cfg(feature = "http2")]
        Box::pin(http2::serve(io, app, peer, dog)).await;
        // Without HTTP/2 its preface is answered by closing.
        #[cfg(not(feature = "http2"))]
        drop((io, dog));
    }
}
