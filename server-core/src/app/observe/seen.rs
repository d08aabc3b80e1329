//! A request that is watched, until the last byte of its response.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::Observer;
use super::attributes::End;
#[cfg(feature = "metrics")]
use super::measure::Measured;
use crate::body::Body;
use crate::error::BoxError;
use crate::request::Head;
use crate::response::Response;
use crate::routing::Route;

/// A request under way. It is told of when this is dropped.
pub(super) struct Seen {
    end: End,
    #[cfg(feature = "metrics")]
    measured: Option<Measured>,
    /// Disabled where nobody listens. It closes after all else.
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
pub(super) type Entered<'a> = tracing::span::Entered<'a>;
#[cfg(not(feature = "tracing"))]
pub(super) type Entered<'a> = std::marker::PhantomData<&'a ()>;

impl Seen {
    /// `None` where nobody listens.
    #[inline(never)]
    pub(super) fn new(observer: &Observer, head: &Head, route: Option<&Route>) -> Option<Box<Self>> {
        #[cfg(feature = "tracing")]
        let span = observer.trace.as_ref().map_or_else(tracing::Span::none, |trace| trace.span(head, route));
        #[cfg(feature = "metrics")]
        let measured = observer.metrics.map(|_| Measured::begin(head, route));
        #[cfg(all(feature = "tracing", feature = "metrics"))]
        let is_seen = !span.is_disabled() || measured.is_some();
        #[cfg(all(feature = "tracing", not(feature = "metrics")))]
        let is_seen = !span.is_disabled();
        #[cfg(not(feature = "tracing"))]
        let is_seen = measured.is_some();
        is_seen.then(|| {
            Box::new(Self {
                end: End::Cancelled(None),
                #[cfg(feature = "metrics")]
                measured,
                #[cfg(feature = "tracing")]
                span,
            })
        })
    }

    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        #[cfg(feature = "tracing")]
        return self.span.enter();
        #[cfg(not(feature = "tracing"))]
        std::marker::PhantomData
    }

    /// Sees the response. A body that is all there is as good as sent.
    pub(super) fn answered(mut self: Box<Self>, response: &mut Response) {
        let status = response.status();
        #[cfg(feature = "tracing")]
        super::trace::answered(&self.span, status);
        self.end = End::Sent(status);
        let is_bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let body = response.body();
        if is_bodiless || body.is_end_stream() || !body.buffered().is_empty() {
            return;
        }
        self.end = End::Cancelled(Some(status));
        let announced = || response.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        let remaining = body.len().or_else(announced);
        let body = std::mem::take(response.body_mut());
        *response.body_mut() = Body::boxed(Box::pin(Watched { body, remaining, status, seen: Some(self) }));
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        #[cfg(feature = "tracing")]
        super::trace::ended(&self.span, self.end);
        #[cfg(feature = "metrics")]
        if let Some(measured) = self.measured.take() {
            measured.end(self.end);
        }
    }
}

/// A body that tells of its end.
struct Watched {
    body: Body,
    /// The bytes that are still to come, where it is known: a body may be dropped once it has given them, and is not
    /// asked for its end.
    remaining: Option<u64>,
    status: StatusCode,
    seen: Option<Box<Seen>>,
}

impl Watched {
    fn end(&mut self, end: End) {
        if let Some(mut seen) = self.seen.take() {
            seen.end = end;
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let frame = {
            let _inside = this.seen.as_ref().map(|seen| seen.enter());
            ready!(Pin::new(&mut this.body).poll_frame(cx))
        };
        let is_broken = matches!(frame, Some(Err(_)));
        if let (Some(Ok(frame)), Some(remaining)) = (&frame, &mut this.remaining)
            && let Some(data) = frame.data_ref()
        {
            *remaining = remaining.saturating_sub(data.len() as u64);
        }
        if is_broken {
            this.end(End::Broken(this.status));
        } else if frame.is_none() || this.remaining == Some(0) || this.body.is_end_stream() {
            this.end(End::Sent(this.status));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A panic in the stream is a failure of the body, and not a client's leave.
impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.end(End::Broken(self.status));
        }
    }
}
