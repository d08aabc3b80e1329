//! hyper's request body, inside [`Body`]: the one place outside `connection/` that names hyper, so that a body
//! straight from the socket needs no box.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::pace::{Pace, Reader};
use super::{Body, Kind};
use crate::error::Error;

pub(super) struct Incoming {
    body: hyper::body::Incoming,
    /// Until the body ends. Dropped after it: once nobody reads, hyper knows.
    reader: Option<Reader>,
}

impl Body {
    /// Takes the body of a request that hyper has read the head of. Where there is one, the connection keeps its pace.
    #[inline]
    pub(crate) fn incoming(body: hyper::body::Incoming, pace: impl FnOnce() -> Arc<Pace>) -> Self {
        if body.is_end_stream() {
            return Self::empty();
        }
        let reader = Some(Reader::new(pace()));
        Self { kind: Kind::Incoming(Incoming { body, reader }), remaining: u64::MAX }
    }
}

impl Incoming {
    /// After an error it must not be polled again.
    pub(super) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        // After the last byte hyper is not asked for the end: over HTTP/1, where the answer was sent before, it would be
        // told with the next request, and as an error if there is none.
        let Some(reader) = &self.reader else { return Poll::Ready(None) };
        reader.ask();
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            return Poll::Ready(Some(Err(ready!(reader.poll_wait(cx)))));
        };
        let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
        reader.move_on(data.map_or(0, Bytes::len));
        if frame.is_none() || self.body.is_end_stream() {
            self.reader.take().into_iter().for_each(Reader::end);
        } else if matches!(frame, Some(Err(_))) {
            self.reader = None;
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Error::body_failed)))
    }

    /// Its reader waits no more.
    pub(super) fn look_away(&self) {
        if let Some(reader) = &self.reader {
            reader.stop();
        }
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Incoming {
    /// Looks whether it was all there, and only nobody wanted it: hyper is one piece ahead. Then no more of it is to come.
    fn drop(&mut self) {
        if self.reader.as_ref().is_some_and(Reader::may_look)
            && let Poll::Ready(frame) =
                Pin::new(&mut self.body).poll_frame(&mut Context::from_waker(Waker::noop()))
            && (frame.is_none() || self.body.is_end_stream())
        {
            self.reader.take().into_iter().for_each(Reader::see_end);
        }
    }
}
