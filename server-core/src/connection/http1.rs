//! HTTP/1.0 and 1.1 (RFC 9112) over hyper.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::server::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::application::Application;
use super::io::Watched;
use super::limits::Limits;
use super::linger::linger;
use super::parking;
use super::requests::{Requests, Shared};
use super::watch::Notices;
use super::watchdog::{Order, Watchdog};
use crate::respond::Peer;
use crate::upgrade::{Serve, Upgraded};

/// Serves HTTP/1 to its end, or until the peer's first bytes turn out to be HTTP/2: then there is no end, and reading the
/// stream begins with those bytes. The stream is always put back.
pub(super) async fn serve<T>(
    stream: &mut Option<Watched<T>>,
    app: &dyn Application,
    peer: &Peer,
    dog: &mut Watchdog,
) -> Option<End>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shared = Shared::new(Arc::clone(dog.watch()), Arc::clone(dog.limits()));
    let shared = &shared;
    let watch = &shared.watch;
    let service = Requests { app, peer, shared };

    // Once, and again each time that a parked connection goes on.
    loop {
        let stop = {
            // Boxed, so that a parked connection does not carry the room for it.
            let connect = |io| Box::new(builder(dog.limits()).serve_connection(TokioIo::new(io), service));
            let Some(mut connection) = stream.take().map(connect) else { return Some(End::Closed) };
            let stop = poll_fn(|cx| {
                loop {
                    let was_left = watch.is_body_left();
                    if let Poll::Ready(result) = Pin::new(&mut *connection).poll(cx) {
                        #[cfg(feature = "tracing")]
                        if let Err(error) = &result {
                            tracing::debug!(error = error as &dyn std::error::Error, "connection failed");
                        }
                        return Poll::Ready(Stop::End(match result {
                            Ok(()) if shared.may_be_sending() => End::Unread,
                            Ok(()) => End::Closed,
                            // What could not be read was answered.
                            Err(error) if error.is_parse() => End::Unread,
                            Err(_) => End::Broken,
                        }));
                    }
                    // By now hyper has read over what was there of it, or reads no more.
                    if was_left {
                        watch.forget_body();
                    }
                    let notices = watch.notices();
                    if !notices.is_empty() {
                        if notices.contains(Notices::HTTP2.and(Notices::GONE)) {
                            let gone = notices.contains(Notices::GONE);
                            return Poll::Ready(if gone { Stop::End(End::Closed) } else { Stop::Http2 });
                        }
                        // hyper is asked to flush once more. It reads after it has answered, which flushes, so this is
                        // only for the day when it no longer does.
                        if notices.contains(Notices::CORKED) {
                            cx.waker().wake_by_ref();
                        }
                    }
                    match ready!(dog.poll(notices, cx)) {
                        Order::Leave => Pin::new(&mut *connection).graceful_shutdown(),
                        Order::Cut if watch.is_busy() => return Poll::Ready(Stop::End(End::Broken)),
                        Order::Cut => return Poll::Ready(Stop::End(End::Late)),
                        Order::Park if shared.is_idle() => return Poll::Ready(Stop::Park),
                        Order::Ask | Order::Park => {}
                    }
                }
            })
            .await;
            let parts = (*connection).into_parts();
            // Who still has one gets no more of it.
            watch.end_body();
            let mut io = parts.io.into_inner();
            let handover = match stop {
                Stop::End(End::Closed | End::Unread) => shared.take_handover(),
                _ => None,
            };
            if let Some(serve) = handover {
                watch.hand_over();
                *stream = Some(io.hand_over(&parts.read_buf));
                return Some(End::HandOver(serve));
            }
            if matches!(stop, Stop::Park) {
                io.rest(&parts.read_buf);
                shared.rest();
            }
            *stream = Some(io);
            stop
        };
        match stop {
            Stop::Http2 => return None,
            Stop::End(end) => return Some(end),
            Stop::Park => {}
        }
        if let Some(io) = stream
            && !poll_fn(|cx| parking::poll(io, dog, cx)).await
        {
            return Some(End::Late);
        }
    }
}

/// Why hyper is done with the stream.
enum Stop {
    /// It speaks HTTP/2.
    Http2,
    /// Nothing is to be done until the peer says something.
    Park,
    End(End),
}

/// How a connection of HTTP/1 ends.
pub(super) enum End {
    /// As it should, or the peer has gone.
    Closed,
    /// As it should, save that the peer may still be sending what nobody wanted.
    Unread,
    /// In the middle of something.
    Broken,
    /// In the middle of nothing.
    Late,
    /// It goes on as something else.
    HandOver(Box<Serve>),
}

impl End {
    /// Does what is to be done before the stream is dropped.
    pub(super) async fn finish<T>(self, mut io: Watched<T>, mut dog: Watchdog)
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match self {
            Self::HandOver(serve) => {
                // The answer first, which is HTTP and has to be taken in time.
                let answered = poll_fn(|cx| {
                    loop {
                        if let Poll::Ready(result) = io.poll_uncork(cx) {
                            return Poll::Ready(result.is_ok());
                        }
                        match ready!(dog.poll(dog.watch().notices(), cx)) {
                            Order::Cut => return Poll::Ready(false),
                            Order::Leave | Order::Ask | Order::Park => {}
                        }
                    }
                })
                .await;
                // What comes now is nobody's business here.
                drop(dog);
                if answered {
                    serve(Upgraded::new(io)).await;
                }
            }
            Self::Unread => linger(io, dog).await,
            // Where a request asked for an upgrade, or for a tunnel, hyper leaves the stream as it is, and with it the
            // answer.
            Self::Closed if io.holds_output() => linger(io, dog).await,
            Self::Closed => {}
            // The answers to earlier requests are whole: what there is room for leaves. One that was cut short must not
            // seem to have ended well.
            Self::Broken => now(|cx| io.poll_uncork(cx)).await,
            Self::Late => now(|cx| Pin::new(&mut io).poll_shutdown(cx)).await,
        }
    }
}

/// Does what can be done without waiting.
async fn now(mut act: impl FnMut(&mut Context<'_>) -> Poll<io::Result<()>>) {
    poll_fn(|cx| {
        let _ = act(cx);
        Poll::Ready(())
    })
    .await;
}

/// hyper's settings for one connection; making it allocates nothing.
fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    builder
        // Without it hyper reads ahead before every response, into a fresh buffer (two allocations and some 600
        // instructions a request), to notice a client that has gone. `io` does it at less cost.
        .half_close(true)
        // Responses leave in one plain write; many of them together where `io` combines them.
        .writev(false)
        // The watchdog's task.
        .header_read_timeout(None)
        .max_header_size(limits.head_bytes)
        .max_buf_size(limits.buffer);
    if limits.fields != Limits::FIELDS {
        builder.max_headers(limits.fields);
    }
    builder
}
