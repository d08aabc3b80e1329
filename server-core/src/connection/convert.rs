//! Between hyper's messages and ours.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::watch::Busy;
use crate::body::Body;
use crate::error::Error;
use crate::response::Response;

/// A request with our body; nothing is copied.
pub(super) fn request(request: http::Request<hyper::body::Incoming>) -> http::Request<Body> {
    request.map(Body::incoming)
}

/// A response for hyper, in progress until its body has been handed over.
pub(super) fn response(response: Response, busy: Option<Busy>) -> http::Response<Sent> {
    response.map(|body| Sent { body, rest: Bytes::new(), _busy: busy })
}

/// A response's body on its way out.
pub(super) struct Sent {
    body: Body,
    /// What is left of a long piece.
    rest: Bytes,
    /// Keeps the request in progress.
    _busy: Option<Busy>,
}

impl Sent {
    /// Longer pieces are handed over in parts, at no cost but a count: hyper copies what it sends over HTTP/1, and
    /// keeps the buffer.
    const PIECE: usize = 32 * 1024;
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        if !this.rest.is_empty() {
            let piece = this.rest.split_to(Self::PIECE.min(this.rest.len()));
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        let mut frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if let Some(data) = frame.as_mut().and_then(|frame| frame.as_mut().ok()).and_then(Frame::data_mut)
            && data.len() > Self::PIECE
        {
            this.rest = data.split_off(Self::PIECE);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // Asked before the first piece only.
        self.body.size_hint()
    }
}
