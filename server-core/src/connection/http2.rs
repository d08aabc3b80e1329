//! HTTP/2 (RFC 9113) over hyper.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use hyper::rt::Executor;
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::admission;
use super::convert;
use super::io::Watched;
use super::limits::Limits;
use super::watchdog::Watchdog;
use crate::respond::{Peer, Respond};

/// Serves HTTP/2 to its end.
pub(super) async fn serve<T, A>(io: Watched<T>, app: Arc<A>, peer: Peer, mut dog: Watchdog)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Respond,
{
    let watch = Arc::clone(dog.watch());
    // Streams are tasks of their own and may outlive this future: they share what they need.
    let shared = Arc::new((app, peer));
    let service = service_fn({
        let watch = Arc::clone(&watch);
        move |request| {
            let busy = watch.begin_stream();
            let shared = Arc::clone(&shared);
            async move {
                let (app, peer) = &*shared;
                let response = match admission::http2(&request) {
                    Ok(()) => app.respond(convert::request_of_http2(request), peer).await,
                    Err(refusal) => refusal.response(),
                };
                Ok::<_, Infallible>(convert::response(response, |_| Some(busy)))
            }
        }
    });
    let mut connection = pin!(builder(dog.limits()).serve_connection(TokioIo::new(io), service));

    let mut leaving = false;
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(_result) = connection.as_mut().poll(cx) {
                #[cfg(feature = "tracing")]
                if let Err(error) = _result {
                    tracing::debug!(error = &error as &dyn std::error::Error, "connection failed");
                }
                return Poll::Ready(());
            }
            if dog.poll_expired(watch.notices(), cx).is_pending() {
                return Poll::Pending;
            }
            if leaving {
                return Poll::Ready(());
            }
            // GOAWAY first (section 6.8), so that a request on its way is known not to have been served.
            leaving = true;
            connection.as_mut().graceful_shutdown();
            dog.leave();
        }
    })
    .await;
}

/// hyper's settings for one connection. Its caps on floods (resets, CONTINUATION, empty frames) are left as they are.
/// It sends no PINGs: a peer without open streams is told to go by the watchdog, whatever it answers, and with PINGs
/// hyper reads the clock for every frame.
fn builder(limits: &Limits) -> Builder<Spawn> {
    let mut builder = Builder::new(Spawn);
    builder.max_concurrent_streams(limits.streams).max_header_list_size(limits.header_list);
    builder
}

/// Runs each stream as a task of the current runtime. They end with their connection: h2 wakes them when it goes.
#[derive(Clone, Copy)]
struct Spawn;

impl<F> Executor<F> for Spawn
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, stream: F) {
        tokio::spawn(stream);
    }
}
