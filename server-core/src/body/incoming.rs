//! hyper's request body, inside [`Body`]: the one place outside `connection/` that names hyper, so that a body
//! straight from the socket needs no box.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::{Body, Kind};
use crate::error::Error;

pub(super) struct Incoming(hyper::body::Incoming);

impl Body {
    /// Takes the body of a request that hyper has read the head of.
    pub(crate) fn incoming(body: hyper::body::Incoming) -> Self {
        if body.is_end_stream() {
            return Self::empty();
        }
        Self { kind: Kind::Incoming(Incoming(body)), remaining: u64::MAX }
    }
}

impl Incoming {
    pub(super) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.0).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Error::body_failed)))
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
