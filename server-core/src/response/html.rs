//! HTML documents.

use http::HeaderValue;

use super::into_response::typed;
use super::{IntoResponse, Response};
use crate::body::Body;

/// Text sent as `text/html; charset=utf-8`. Nothing is escaped.
///
/// ```
/// use waypost::{Html, IntoResponse};
///
/// let response = Html("<h1>Hello</h1>").into_response();
/// assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Html<T>(pub T);

impl<T: Into<Body>> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        const TYPE: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
        typed(TYPE, self.0.into())
    }
}
