//! Between hyper's messages and ours.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
#[cfg(feature = "http2")]
use http::header::{self, Entry, HeaderValue};
use http_body::{Body as HttpBody, Frame, SizeHint};

#[cfg(feature = "http2")]
use super::admission::Known;
use crate::body::{Body, Pace};
use crate::error::Error;
use crate::response::Response;

/// A request with our body, whose pace is kept if there is one; nothing is copied.
#[inline]
pub(super) fn request(
    request: http::Request<hyper::body::Incoming>,
    pace: impl FnOnce() -> Arc<Pace>,
) -> http::Request<Body> {
    request.map(|body| Body::incoming(body, pace))
}

/// An HTTP/2 request as one of HTTP/1 would look to an application that is meant for both: with a `Host` field, which
/// `:authority` stands for (RFC 9113 section 8.3.1), and cookies in one field (section 8.2.3).
#[cfg(feature = "http2")]
pub(super) fn request_of_http2(
    mut request: http::Request<hyper::body::Incoming>,
    known: &Known,
    pace: impl FnOnce() -> Arc<Pace>,
) -> http::Request<Body> {
    let authority = request.uri().authority().and_then(|host| known.field(host.as_str()));
    if let (Some(host), Entry::Vacant(field)) = (authority, request.headers_mut().entry(header::HOST)) {
        field.insert(host);
    }
    let mut cookies = request.headers().get_all(header::COOKIE).iter();
    if let (Some(first), Some(second)) = (cookies.next(), cookies.next()) {
        let all: Vec<_> = [first, second].into_iter().chain(cookies).map(HeaderValue::as_bytes).collect();
        if let Ok(joined) = HeaderValue::from_bytes(&all.join(&b"; "[..])) {
            request.headers_mut().insert(header::COOKIE, joined);
        }
    }
    self::request(request, pace)
}

/// A response for hyper, whose body, whole or still to come, goes through what `outlet` makes.
#[inline]
pub(super) fn response<O: Outlet>(
    response: Response,
    outlet: impl FnOnce(bool) -> O,
) -> http::Response<Sent<O>> {
    // In two parts, each of which is moved in a few registers: the whole is not.
    let (head, body) = response.into_parts();
    let sent = match body.into_whole() {
        Ok(bytes) => Sent { bytes, source: None, outlet: outlet(true) },
        Err(body) => Sent { bytes: Bytes::new(), source: Some(body), outlet: outlet(false) },
    };
    http::Response::from_parts(head, sent)
}

/// Where a body's bytes go.
pub(super) trait Outlet: Unpin {
    /// They, as the protocol is given them.
    type Data: Buf;

    fn hand_over(&self, bytes: Bytes) -> Self::Data;

    /// The body's source has nothing at the moment.
    fn wait(&self) {}
}

/// A response's body on its way out.
pub(super) struct Sent<O> {
    /// What is there and not handed over.
    bytes: Bytes,
    /// Where more comes from.
    source: Option<Body>,
    /// Keeps the request in progress.
    outlet: O,
}

impl<O: Outlet> Sent<O> {
    /// Longer pieces are handed over in parts, at no cost but a count: hyper copies what it sends over HTTP/1, and
    /// keeps the buffer.
    const PIECE: usize = 32 * 1024;

    /// What is there, or the first part of it.
    #[inline]
    fn piece(&mut self) -> Frame<O::Data> {
        let piece = match self.bytes.len() <= Self::PIECE {
            true => std::mem::take(&mut self.bytes),
            false => self.bytes.split_to(Self::PIECE),
        };
        Frame::data(self.outlet.hand_over(piece))
    }
}

impl<O: Outlet> HttpBody for Sent<O> {
    type Data = O::Data;
    type Error = Error;

    #[inline]
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<O::Data>, Error>>> {
        let this = &mut *self;
        if !this.bytes.is_empty() {
            return Poll::Ready(Some(Ok(this.piece())));
        }
        let Some(source) = &mut this.source else { return Poll::Ready(None) };
        let Poll::Ready(frame) = Pin::new(source).poll_frame(cx)? else {
            this.outlet.wait();
            return Poll::Pending;
        };
        let Some(frame) = frame else { return Poll::Ready(None) };
        Poll::Ready(match frame.into_data() {
            Ok(data) => {
                this.bytes = data;
                Some(Ok(this.piece()))
            }
            Err(frame) => frame.into_trailers().ok().map(|trailers| Ok(Frame::trailers(trailers))),
        })
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
