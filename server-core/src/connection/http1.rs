//! HTTP/1.0 and 1.1 (RFC 9112) over hyper.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::{self, HeaderValue};
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite};

use super::admission::{self, Refusal};
use super::convert::{self, Sent};
use super::io::Watched;
use super::limits::Limits;
use super::linger::linger;
use super::watch::{Notices, Watch};
use super::watchdog::Watchdog;
use crate::respond::{Peer, Respond};
use crate::response::Response;

/// Serves HTTP/1 to its end, or until the peer's first bytes turn out to be HTTP/2: then the stream comes back, and
/// reading it begins with those bytes.
pub(super) async fn serve<T, A>(
    io: Watched<T>,
    app: &A,
    peer: &Peer,
    mut dog: Watchdog,
) -> Option<(Watched<T>, Watchdog)>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Respond,
{
    let watch = Arc::clone(dog.watch());
    // Borrows the app and the watch from this very future: no reference is counted for a request.
    let service = service_fn(|mut request| {
        watch.begin();
        // Each arm makes its answer whole, so that the future lies where it stays.
        match admission::http1(&mut request) {
            Ok(()) => {
                Answer::Application { answer: app.respond(convert::request(request), peer), watch: &watch }
            }
            Err(refusal) => Answer::Refusal { refusal, watch: &watch },
        }
    });
    let mut connection = builder(dog.limits()).serve_connection(TokioIo::new(io), service);

    let end = poll_fn(|cx| {
        if let Poll::Ready(_result) = Pin::new(&mut connection).poll(cx) {
            #[cfg(feature = "tracing")]
            if let Err(error) = _result {
                tracing::debug!(error = &error as &dyn std::error::Error, "connection failed");
            }
            return Poll::Ready(End::Done);
        }
        let notices = watch.notices();
        if !notices.is_empty() {
            if notices.contains(Notices::HTTP2) {
                return Poll::Ready(End::Http2);
            }
            // hyper is asked to flush once more. It reads after it has answered, which flushes, so this is only for
            // the day when it no longer does.
            if notices.contains(Notices::CORKED) {
                cx.waker().wake_by_ref();
            }
        }
        dog.poll_expired(notices, cx).map(|()| End::Expired)
    })
    .await;
    let io = || connection.into_parts().io.into_inner();
    match end {
        End::Http2 => return Some((io(), dog)),
        End::Done => linger(io(), dog).await,
        End::Expired => {}
    }
    None
}

/// How HTTP/1 came to its end.
enum End {
    /// The peer speaks HTTP/2.
    Http2,
    /// The last response is written, or there is none to be.
    Done,
    /// The peer's time is up.
    Expired,
}

pin_project! {
    /// The future of a response: an `async` block would keep what it awaits twice.
    #[project = AnswerProjection]
    enum Answer<'a, F> {
        Application {
            #[pin]
            answer: F,
            watch: &'a Arc<Watch>,
        },
        Refusal { refusal: Refusal, watch: &'a Arc<Watch> },
    }
}

impl<F: Future<Output = Response>> Future for Answer<'_, F> {
    type Output = Result<http::Response<Sent>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (answer, watch) = match self.project() {
            AnswerProjection::Application { answer, watch } => (answer, watch),
            AnswerProjection::Refusal { refusal, watch } => return Poll::Ready(Ok(refused(*refusal, watch))),
        };
        let response = ready!(answer.poll(cx));
        // What is all there needs no watching, and so no reference counted: how it gets out, the stream sees.
        let busy = |whole: bool| {
            if whole {
                watch.end();
                return None;
            }
            Some(watch.ending())
        };
        Poll::Ready(Ok(convert::response(response, busy)))
    }
}

/// The answer to a request that was refused. The connection is closed behind it: what follows may be meant for somebody
/// else, too.
#[cold]
#[inline(never)]
fn refused(refusal: Refusal, watch: &Watch) -> http::Response<Sent> {
    watch.end();
    let mut response = convert::response(refusal.response(), |_| None);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// hyper's settings for one connection; making it allocates nothing.
fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    builder
        // Without it hyper reads ahead before every response, into a fresh buffer (two allocations and some 600
        // instructions a request), to notice a client that has gone. The price: a handler is not cancelled then, it
        // runs to its end. A cheaper watch for the end of the stream belongs into `io`.
        .half_close(true)
        // Responses leave in one plain write; many of them together where `io` combines them.
        .writev(false)
        // The watchdog's task.
        .header_read_timeout(None)
        .max_header_size(limits.head_bytes)
        .max_buf_size(limits.buffer);
    builder
}
