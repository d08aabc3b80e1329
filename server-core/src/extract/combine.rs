//! Extractors round extractors.

use crate::error::Error;
use crate::extract::{BodyUse, Context, Extraction, FromRequest};

/// `None` where the value is [missing](Error::is_missing); malformed is still an error.
impl<'r, S, T: FromRequest<'r, S> + Send + 'r> FromRequest<'r, S> for Option<T> {
    const BODY: BodyUse = T::BODY;
    const TAKES_PATH: bool = T::TAKES_PATH;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        T::from_request(context).then(|result| match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        })
    }
}

/// Every failure is the handler's to answer.
impl<'r, S, T: FromRequest<'r, S> + Send + 'r> FromRequest<'r, S> for Result<T, Error> {
    const BODY: BodyUse = T::BODY;
    const TAKES_PATH: bool = T::TAKES_PATH;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        T::from_request(context).then(Ok)
    }
}
