//! HTML documents.

use super::into_response::typed;
use super::{IntoResponse, Response};
use crate::body::Body;

/// Text sent as `text/html; charset=utf-8`. Nothing is escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Html<T>(pub T);

impl<T: Into<Body>> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        typed("text/html; charset=utf-8", self.0.into())
    }
}
