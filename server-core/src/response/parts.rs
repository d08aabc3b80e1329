//! What changes a response's head.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::response::Parts;
use http::{Extensions, StatusCode};

use crate::error::{BoxError, Error};

/// What may stand before the last element of a tuple that is a response: it changes the head that the last one made.
///
/// ```
/// use waypost::{IntoResponse, http::StatusCode};
///
/// let response = (StatusCode::CREATED, [("location", "/users/7")], "made").into_response();
/// assert_eq!(response.status(), 201);
/// assert_eq!(response.headers()["location"], "/users/7");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not change a response's head",
    label = "only the last element of a response tuple can be a body",
    note = "before it may stand a `StatusCode`, a `HeaderMap`, or an array of `(name, value)` header fields"
)]
pub trait IntoResponseParts {
    /// Changes the head.
    ///
    /// ```
    /// use waypost::{Error, IntoResponse, IntoResponseParts, http::HeaderValue, http::response::Parts};
    ///
    /// /// For so many seconds.
    /// struct Cached(u32);
    ///
    /// impl IntoResponseParts for Cached {
    ///     fn apply(self, parts: &mut Parts) -> Result<(), Error> {
    ///         let value = HeaderValue::try_from(format!("max-age={}", self.0))?;
    ///         parts.headers.insert("cache-control", value);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let response = (Cached(60), "hello").into_response();
    /// assert_eq!(response.headers()["cache-control"], "max-age=60");
    /// ```
    ///
    /// # Errors
    ///
    /// Text that is no header name or value (RFC 9110 section 5): the response becomes a 500.
    fn apply(self, parts: &mut Parts) -> Result<(), Error>;
}

impl IntoResponseParts for StatusCode {
    fn apply(self, parts: &mut Parts) -> Result<(), Error> {
        parts.status = self;
        Ok(())
    }
}

/// Fields replace those of the same name; a name given twice is sent twice.
impl IntoResponseParts for HeaderMap {
    fn apply(self, parts: &mut Parts) -> Result<(), Error> {
        parts.headers.extend(self);
        Ok(())
    }
}

/// Fields replace those of the same name.
impl<K, V, const N: usize> IntoResponseParts for [(K, V); N]
where
    K: TryInto<HeaderName, Error: Into<BoxError>>,
    V: TryInto<HeaderValue, Error: Into<BoxError>>,
{
    fn apply(self, parts: &mut Parts) -> Result<(), Error> {
        for (name, value) in self {
            let name = name.try_into().map_err(Error::internal)?;
            let value = value.try_into().map_err(Error::internal)?;
            parts.headers.insert(name, value);
        }
        Ok(())
    }
}

impl IntoResponseParts for Extensions {
    fn apply(self, parts: &mut Parts) -> Result<(), Error> {
        parts.extensions.extend(self);
        Ok(())
    }
}

impl<T: IntoResponseParts> IntoResponseParts for Option<T> {
    fn apply(self, parts: &mut Parts) -> Result<(), Error> {
        self.map_or(Ok(()), |part| part.apply(parts))
    }
}
