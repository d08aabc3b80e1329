//! What a request is lent while it is answered.

use super::peer::SpareLink;
use crate::response::Slot;

/// The place for a response, and what the next request of the same peer need not ask for. Over HTTP/1 the requests of a
/// connection have one in turn.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Seat {
    pub(crate) slot: Slot,
    pub(crate) link: SpareLink,
}

impl Seat {
    pub(crate) const fn new() -> Self {
        Self { slot: Slot::new(), link: SpareLink::NONE }
    }
}
