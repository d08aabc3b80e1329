//! Where a response is left.

use std::cell::Cell;

use super::{IntoResponse, Response};
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

    /// Leaves the response here.
    #[inline]
    pub fn fill(&mut self, response: Response) {
        self.0 = Some(response);
    }

    /// Moves a response here.
    #[inline]
    pub(crate) fn put(&mut self, response: &mut Option<Response>) {
        self.0 = response.take();
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

    /// Leaves the response here, for whoever was lent the slot.
    #[inline]
    pub(crate) fn filled(&mut self, response: Response) -> Answered<'_> {
        self.fill(response);
        Answered::Left(self)
    }

    /// The response that was left, for whoever owns the slot.
    #[inline]
    pub(crate) fn into_response(mut self) -> Response {
        self.take()
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

/// What a step of a request's way is done with: the slot in which the response lies.
///
/// It comes back from whom it was lent to, so that the step before need not keep it.
#[doc(hidden)]
#[derive(Debug)]
pub enum Answered<'a> {
    /// The one that was lent.
    Left(&'a mut Slot),
    /// Another: a function that returns a response loses the slot that was lent to it.
    Made(Box<Slot>),
}

thread_local! {
    /// A slot that was made for a response is used again: one is enough, since what was made is taken out at once.
    static SPARE: Cell<Option<Box<Slot>>> = const { Cell::new(None) };
}

impl Answered<'_> {
    /// A response, left in a slot of its own.
    #[inline]
    pub fn made(response: impl IntoResponse) -> Self {
        // A thread at its end has none.
        let mut slot = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default();
        response.leave(&mut slot);
        Self::Made(slot)
    }

    #[cfg(feature = "compression")]
    pub(crate) fn get_mut(&mut self) -> &mut Response {
        match self {
            Self::Left(slot) => slot.get_mut(),
            Self::Made(slot) => slot.get_mut(),
        }
    }

    #[inline]
    pub(crate) fn into_response(self) -> Response {
        match self {
            Self::Left(slot) => slot.take(),
            Self::Made(mut slot) => {
                let response = slot.take();
                let _ = SPARE.try_with(|spare| spare.set(Some(slot)));
                response
            }
        }
    }
}

/// For a slot that was not filled, which whoever is lent it does before it is done.
#[cold]
fn nobody() -> Response {
    IntoResponse::into_response(Error::internal("nobody answered a request"))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn spare() -> Option<Box<Slot>> {
        SPARE.take()
    }

    #[test]
    fn what_was_made_is_taken_and_its_slot_kept() {
        let made = Answered::made(StatusCode::CREATED);
        assert!(spare().is_none());
        assert_eq!(made.into_response().status(), 201);
        let kept = spare().unwrap();
        assert!(kept.0.is_none());
        SPARE.set(Some(kept));
        // It is used again, and gone with who does not look into it.
        drop(Answered::made(StatusCode::GONE));
        assert!(spare().is_none());
    }

    #[test]
    fn what_was_left_is_taken_out_of_the_slot() {
        let mut slot = Slot::new();
        assert_eq!(slot.filled(StatusCode::CREATED.into_response()).into_response().status(), 201);
        assert_eq!(slot.into_response().status(), 500);
    }
}
