//! Between hyper's messages and ours.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
#[cfg(feature = "http2")]
use http::header::{self, Entry, HeaderValue};
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::watch::Busy;
use crate::body::Body;
use crate::error::Error;
use crate::response::Response;

/// A request with our body; nothing is copied.
pub(super) fn request(request: http::Request<hyper::body::Incoming>) -> http::Request<Body> {
    request.map(Body::incoming)
}

/// An HTTP/2 request as one of HTTP/1 would look to an application that is meant for both: with a `Host` field, which
/// `:authority` stands for (RFC 9113 section 8.3.1), and cookies in one field (section 8.2.3).
#[cfg(feature = "http2")]
pub(super) fn request_of_http2(mut request: http::Request<hyper::body::Incoming>) -> http::Request<Body> {
    let authority = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    if let (Some(host), Entry::Vacant(field)) = (authority, request.headers_mut().entry(header::HOST)) {
        field.insert(host);
    }
    let cookies: Vec<_> =
        request.headers().get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if cookies.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        request.headers_mut().insert(header::COOKIE, joined);
    }
    self::request(request)
}

/// A response for hyper. If its body is still to come, it holds what `busy` makes until then.
pub(super) fn response(response: Response, busy: impl FnOnce(bool) -> Option<Busy>) -> http::Response<Sent> {
    response.map(|body| match body.into_whole() {
        Ok(bytes) => Sent { bytes, source: None, _busy: busy(true) },
        Err(body) => Sent { bytes: Bytes::new(), source: Some(body), _busy: busy(false) },
    })
}

/// A response's body on its way out.
pub(super) struct Sent {
    /// What is there and not handed over.
    bytes: Bytes,
    /// Where more comes from.
    source: Option<Body>,
    /// Keeps the request in progress.
    _busy: Option<Busy>,
}

impl Sent {
    /// Longer pieces are handed over in parts, at no cost but a count: hyper copies what it sends over HTTP/1, and
    /// keeps the buffer.
    const PIECE: usize = 32 * 1024;

    /// What is there, or the first part of it.
    #[inline]
    fn piece(&mut self) -> Frame<Bytes> {
        if self.bytes.len() <= Self::PIECE {
            return Frame::data(std::mem::take(&mut self.bytes));
        }
        Frame::data(self.bytes.split_to(Self::PIECE))
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = Error;

    #[inline]
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        if !this.bytes.is_empty() {
            return Poll::Ready(Some(Ok(this.piece())));
        }
        let Some(source) = &mut this.source else { return Poll::Ready(None) };
        let Some(frame) = ready!(Pin::new(source).poll_frame(cx)?) else { return Poll::Ready(None) };
        Poll::Ready(Some(Ok(match frame.into_data() {
            Ok(data) => {
                this.bytes = data;
                this.piece()
            }
            Err(trailers) => trailers,
        })))
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty() && self.source.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        // Asked before the first piece only, when there is the one or the other.
        match &self.source {
            None => SizeHint::with_exact(self.bytes.len() as u64),
            Some(body) => body.size_hint(),
        }
    }
}
