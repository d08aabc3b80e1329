//! HTML documents.

use http::HeaderValue;

use super::into_response::{leave_typed, typed};
use super::{IntoResponse, Response, Slot};
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

const TYPE: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

impl<T: Into<Body>> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        typed(TYPE, self.0.into())
    }

    fn leave(self, slot: &mut Slot) {
        leave_typed(slot, TYPE, self.0.into());
    }
}
