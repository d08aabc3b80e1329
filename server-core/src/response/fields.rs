//! Header maps that are used again.
//!
//! hyper takes a response's map for the next request of the connection; the request's own would be thrown away, and the
//! next response would have a new one made: two allocations. So a request's map, once it is answered, waits for the
//! next response that its thread makes.

use std::cell::Cell;

use http::HeaderMap;

thread_local! {
    /// One is enough where a response is made before the next request's map comes.
    static SPARE: Cell<Option<HeaderMap>> = const { Cell::new(None) };
}

/// What a map may have room for, to be kept: some 8 KiB.
const LARGEST: usize = 64;

/// An empty map, perhaps with room.
#[inline]
pub(crate) fn take() -> HeaderMap {
    // A thread at its end has none.
    SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default()
}

/// Keeps the room of a map that nobody needs any more; what is in it is dropped.
#[inline]
pub(crate) fn give_back(mut fields: HeaderMap) {
    if (1..=LARGEST).contains(&fields.capacity()) {
        fields.clear();
        let _ = SPARE.try_with(|spare| spare.set(Some(fields)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_a_map_is_gone() {
        let mut fields = HeaderMap::new();
        fields.insert("a", "secret".parse().unwrap());
        fields.append("a", "other".parse().unwrap());
        let room = fields.capacity();
        give_back(fields);
        let again = take();
        assert!(again.is_empty() && again.capacity() == room);
        assert_eq!(take().capacity(), 0);
    }

    #[test]
    fn large_ones_are_not_kept() {
        give_back(HeaderMap::with_capacity(2 * LARGEST));
        assert_eq!(take().capacity(), 0);
    }
}
