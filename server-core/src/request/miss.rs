//! What the app found out where it found no route.

use http::HeaderValue;

/// Why a request has no route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// 404.
    NotFound,
    /// 405 (RFC 9110 section 15.5.6), with what is allowed.
    MethodNotAllowed(HeaderValue),
    /// 204 to OPTIONS (RFC 9110 section 9.3.7), with what is allowed.
    Options(HeaderValue),
    /// 308 to the path with or without its trailing slash.
    Redirect(String),
}
