//! hyper's request body, inside [`Body`]: the one place outside `connection/` that names hyper, so that a body
//! straight from the socket needs no box.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::pace::Pace;
use super::{Body, Kind};
use crate::error::Error;

pub(super) struct Incoming {
    body: hyper::body::Incoming,
    pace: Arc<Pace>,
}

impl Body {
    /// Takes the body of a request that hyper has read the head of. Where there is one, the connection keeps its pace.
    #[inline]
    pub(crate) fn incoming(body: hyper::body::Incoming, pace: impl FnOnce() -> Arc<Pace>) -> Self {
        if body.is_end_stream() {
            return Self::empty();
        }
        Self { kind: Kind::Incoming(Incoming { body, pace: pace() }), remaining: u64::MAX }
    }
}

impl Incoming {
    /// After an error it must not be polled again.
    pub(super) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            return Poll::Ready(Some(Err(ready!(self.pace.poll_wait(cx)))));
        };
        let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
        self.pace.move_on(data.map_or(0, Bytes::len));
        Poll::Ready(frame.map(|frame| frame.map_err(Error::body_failed)))
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Incoming {
    /// Who has given up waiting does not wait.
    fn drop(&mut self) {
        if self.pace.is_waiting() {
            self.pace.stop();
        }
    }
}
