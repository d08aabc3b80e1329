//! What can be a response.

use std::any::Any;
use std::borrow::Cow;
use std::convert::Infallible;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Body as HttpBody;

use super::{Failure, IntoResponseParts, Response, Slot, fields};
use crate::body::Body;
use crate::error::{BoxError, Error};

/// Turns a handler's result into a response.
///
/// | type | status | `Content-Type` |
/// |---|---|---|
/// | `&'static str`, `String`, `Cow<'static, str>` | 200 | `text/plain; charset=utf-8` |
/// | `&'static [u8]`, `Vec<u8>`, `Bytes` | 200 | `application/octet-stream` |
/// | [`Html<T>`](crate::Html), [`Json<T>`](crate::Json) | 200 | `text/html; charset=utf-8`, `application/json` |
/// | `()`, [`Body`], [`http::Response<B>`] | 200, or as set | none, or as set |
/// | [`StatusCode`], [`Redirect`](crate::Redirect) | itself | none |
/// | [`HeaderMap`], `[(name, value); N]` | 200 | as set |
/// | [`Error`] | its own | `application/problem+json` (RFC 9457) |
/// | `Result<T, E>` | of either | of either |
/// | `Option<T>` | of `T`; `None` is a 404 problem | |
/// | `(P, …, T)` | of `T`, changed by each [`IntoResponseParts`]: a status, header fields | |
///
/// In a tuple a status is that of a success: an [`Error`] in the last place keeps its own.
///
/// Static text and bytes are never copied. Of text, only `&'static str` is a response by itself: the body is sent after
/// the handler has returned, so text borrowed from the request or the state is returned as a `String`
/// (`name.to_owned()`).
///
/// ```
/// use waypost::{IntoResponse, Response, http::StatusCode};
///
/// /// So many seconds, and the client may come again.
/// struct Later(u32);
///
/// impl IntoResponse for Later {
///     fn into_response(self) -> Response {
///         (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", self.0.to_string())], "later").into_response()
///     }
/// }
///
/// let response = Later(30).into_response();
/// assert_eq!(response.status(), 503);
/// assert_eq!(response.headers()["retry-after"], "30");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a response",
    label = "a handler cannot return this",
    note = "return text, bytes, `Json<T>`, `Html<T>`, a `StatusCode`, a tuple of them, or implement `IntoResponse`"
)]
pub trait IntoResponse {
    /// Makes the response.
    ///
    /// ```
    /// use waypost::{IntoResponse, http::StatusCode};
    ///
    /// assert_eq!("hello".into_response().headers()["content-type"], "text/plain; charset=utf-8");
    /// assert_eq!(StatusCode::NO_CONTENT.into_response().status(), 204);
    /// ```
    fn into_response(self) -> Response;

    /// As [`into_response`](Self::into_response), where the response is to lie: the usual ones are made there.
    #[doc(hidden)]
    #[inline]
    fn leave(self, slot: &mut Slot)
    where
        Self: Sized,
    {
        slot.fill(self.into_response());
    }
}

impl<B> IntoResponse for http::Response<B>
where
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    fn into_response(self) -> Response {
        self.map(Body::new)
    }

    #[inline]
    fn leave(self, slot: &mut Slot) {
        // Most are of the type that it is to have: there is nothing to be converted then.
        let mut response = Some(self);
        match (&mut response as &mut dyn Any).downcast_mut::<Option<Response>>() {
            Some(own) => slot.put(own),
            None => {
                if let Some(response) = response {
                    slot.fill(response.into_response());
                }
            }
        }
    }
}

impl IntoResponse for Body {
    fn into_response(self) -> Response {
        Response::new(self)
    }
}

impl IntoResponse for () {
    fn into_response(self) -> Response {
        Response::new(Body::empty())
    }
}

impl IntoResponse for Infallible {
    fn into_response(self) -> Response {
        match self {}
    }
}

impl IntoResponse for StatusCode {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self;
        response
    }
}

impl IntoResponse for HeaderMap {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = self;
        response
    }
}

/// Header fields without a body. Text that is no header name or value makes it a 500.
impl<K, V, const N: usize> IntoResponse for [(K, V); N]
where
    Self: IntoResponseParts,
{
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// A response of one type. It is judged where the constant is; at run time that would cost eleven instructions a letter.
pub(crate) fn typed(content_type: HeaderValue, body: Body) -> Response {
    let mut slot = Slot::new();
    leave_typed(&mut slot, content_type, body);
    slot.into_response()
}

/// The same, where it is to lie.
pub(crate) fn leave_typed(slot: &mut Slot, content_type: HeaderValue, body: Body) {
    let headers = slot.begin(body).headers_mut();
    // A map that never had room needs no dropping, which would look for it in three places.
    std::mem::forget(std::mem::replace(headers, fields::take()));
    headers.insert(header::CONTENT_TYPE, content_type);
}

macro_rules! into_response {
    ($content_type:literal: $($source:ty),*) => { $(
        impl IntoResponse for $source {
            fn into_response(self) -> Response {
                const TYPE: HeaderValue = HeaderValue::from_static($content_type);
                typed(TYPE, Body::from(self))
            }

            fn leave(self, slot: &mut Slot) {
                const TYPE: HeaderValue = HeaderValue::from_static($content_type);
                leave_typed(slot, TYPE, Body::from(self));
            }
        }
    )* };
}

into_response!("text/plain; charset=utf-8": &'static str, String);
into_response!("application/octet-stream": &'static [u8], Vec<u8>, Box<[u8]>, Bytes, BytesMut);

impl<const N: usize> IntoResponse for &'static [u8; N] {
    fn into_response(self) -> Response {
        self.as_slice().into_response()
    }
}

impl IntoResponse for Cow<'static, str> {
    fn into_response(self) -> Response {
        match self {
            Cow::Borrowed(text) => text.into_response(),
            Cow::Owned(text) => text.into_response(),
        }
    }
}

impl<T: IntoResponse, E: IntoResponse> IntoResponse for Result<T, E> {
    fn into_response(self) -> Response {
        match self {
            Ok(value) => value.into_response(),
            Err(error) => error.into_response(),
        }
    }

    #[inline]
    fn leave(self, slot: &mut Slot) {
        match self {
            Ok(value) => value.leave(slot),
            Err(error) => error.leave(slot),
        }
    }
}

impl<T: IntoResponse> IntoResponse for Option<T> {
    fn into_response(self) -> Response {
        match self {
            Some(value) => value.into_response(),
            None => Error::not_found().into_response(),
        }
    }

    #[inline]
    fn leave(self, slot: &mut Slot) {
        match self {
            Some(value) => value.leave(slot),
            None => Error::not_found().leave(slot),
        }
    }
}

macro_rules! tuples {
    ($($part:ident)*) => {
        impl<$($part: IntoResponseParts,)* T: IntoResponse> IntoResponse for ($($part,)* T,) {
            #[allow(non_snake_case)]
            fn into_response(self) -> Response {
                let ($($part,)* value,) = self;
                let (mut parts, body) = value.into_response().into_parts();
                let failed = parts.extensions.get::<Failure>().map(|_| parts.status);
                $(
                    if let Err(error) = $part.apply(&mut parts) {
                        return error.into_response();
                    }
                )*
                parts.status = failed.unwrap_or(parts.status);
                Response::from_parts(parts, body)
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
