//! Where a response is left.

use super::Response;
use crate::body::Body;
use crate::error::Error;

/// The place for one request's response, which everything on the request's way is lent.
///
/// A response is 160 bytes, and each future that returned it to the next would move it once more.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Slot(Option<Response>);

impl Slot {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// With a response in it already.
    #[cfg(feature = "http1")]
    pub(crate) fn with(response: Response) -> Box<Self> {
        Box::new(Self(Some(response)))
    }

    /// Leaves the response here.
    #[inline]
    pub fn fill(&mut self, response: Response) {
        self.0 = Some(response);
    }

    /// Makes a response where it is to lie.
    #[inline]
    pub(crate) fn begin(&mut self, body: Body) -> &mut Response {
        self.0.insert(Response::new(body))
    }

    /// The response that was left.
    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut Response {
        self.0.get_or_insert_with(nobody)
    }

    /// The response that was left, for whoever owns the slot.
    #[inline]
    pub(crate) fn into_response(self) -> Response {
        match self.0 {
            Some(response) => response,
            None => nobody(),
        }
    }

    /// Takes the response that was left.
    #[inline]
    pub(crate) fn take(&mut self) -> Response {
        match self.0.take() {
            Some(response) => response,
            None => nobody(),
        }
    }
}

/// For a slot that was not filled, which whoever is lent it does before it is done.
#[cold]
fn nobody() -> Response {
    super::IntoResponse::into_response(Error::internal("nobody answered a request"))
}
