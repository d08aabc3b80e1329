//! To and from the errors of other libraries.

use std::fmt;

use super::Error;

/// Any error of another library.
///
/// ```
/// use waypost::{BoxError, Error};
///
/// let cause: BoxError = "the disk is full".into();
/// let error = Error::internal(cause);
/// assert_eq!(error.cause().unwrap().to_string(), "the disk is full");
/// ```
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Any standard error is the server's: a 500 that hides it.
impl<E> From<E> for Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    fn from(source: E) -> Self {
        Self::internal(source)
    }
}

/// [`Error`] inside a [`BoxError`].
#[derive(Debug)]
pub(super) struct Boxable(pub(super) Error);

impl fmt::Display for Boxable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Boxable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

impl From<Error> for BoxError {
    fn from(error: Error) -> Self {
        Box::new(Boxable(error))
    }
}

impl From<Error> for Box<dyn std::error::Error> {
    fn from(error: Error) -> Self {
        Box::new(Boxable(error))
    }
}
