//! A `Content-Length` of the application's own, held to what the body really has.
//!
//! hyper trusts it. Over HTTP/1 a wrong one would make a client take a part of one response for the beginning of the
//! next, or wait for what never comes.

#[cfg(feature = "http2")]
use http::StatusCode;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};

#[cfg(feature = "http2")]
use crate::body::Body;
use crate::response::Response;

/// Has the field say how long the body is, if it is there.
#[inline]
pub(super) fn settle(response: &mut Response) {
    // A walk over a few names costs less than to look one up.
    if response.headers().keys().any(|name| *name == CONTENT_LENGTH) {
        settle_promised(response);
    }
}

/// A body that knows its length has that one. Of a stream that does not, hyper keeps the promise: it sends no more than
/// was promised, and breaks off where there is less. HTTP/2 lets the client judge.
#[cold]
fn settle_promised(response: &mut Response) {
    // In an answer to HEAD, and in a 304, it is another body's.
    if response.body().is_empty() {
        return;
    }
    let promised = promised(response.headers());
    match response.body().len() {
        Some(known) if promised != Some(known) => {
            report("a response's Content-Length is not the length of its body");
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(known));
        }
        None if promised.is_none() => {
            report("a response's Content-Length is no length");
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        _ => {}
    }
}

/// Has an answer without content be without: one to HEAD, a 204, a 304 (RFC 9110 section 6.4.1). A body that is not
/// there has no length, save that of one that is left out. HTTP/1 is put right by hyper.
#[cfg(feature = "http2")]
pub(super) fn settle_nothing(response: &mut Response, is_head: bool) {
    let is_none = matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if (is_head || is_none) && !response.body().is_empty() {
        match response.body().len() {
            _ if is_none => drop(response.headers_mut().remove(CONTENT_LENGTH)),
            Some(length) => drop(response.headers_mut().insert(CONTENT_LENGTH, length.into())),
            None => {}
        }
        *response.body_mut() = Body::empty();
    }
    let is_left_out = is_head || response.status() == StatusCode::NOT_MODIFIED;
    if response.body().is_empty() && !is_left_out {
        response.headers_mut().remove(CONTENT_LENGTH);
    }
}

/// The one number (RFC 9110 section 8.6).
fn promised(headers: &HeaderMap) -> Option<u64> {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let digits = value.to_str().ok()?;
    // What `u64` would take besides digits is a sign.
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn report(_what: &'static str) {
    #[cfg(feature = "tracing")]
    tracing::error!("{_what}");
}
