//! The request's scratch space: text that had to be made (an escape decoded, say), kept for as long as the request.
//!
//! What a request already holds is borrowed from its own bytes. The rare value that is not in those bytes as it should
//! be read, because it is escaped, is decoded once, kept here and borrowed from here. A request without escapes never
//! allocates anything for it.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Keeps text and bytes for as long as it lives and lends them out through a shared reference.
///
/// Unused it is two words and no allocation. Keeping something costs constant time, whatever is kept already.
#[derive(Default)]
pub(crate) struct Scratch(OnceLock<Box<Shelves>>);

impl Scratch {
    /// Keeps `text` and lends it for as long as the scratch space is borrowed.
    pub(crate) fn keep(&self, text: String) -> &str {
        self.shelves().texts.keep(text)
    }

    /// Keeps `bytes` and lends them for as long as the scratch space is borrowed.
    #[cfg(any(test, feature = "json"))]
    pub(crate) fn keep_bytes(&self, bytes: Vec<u8>) -> &[u8] {
        self.shelves().blobs.get_or_init(Box::default).keep(bytes)
    }

    fn shelves(&self) -> &Shelves {
        self.0.get_or_init(Box::default)
    }
}

impl fmt::Debug for Scratch {
    /// What is kept is a client's data, and is not shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self
            .0
            .get()
            .map_or(0, |shelves| shelves.texts.len() + shelves.blobs.get().map_or(0, |blobs| blobs.len()));
        formatter.debug_struct("Scratch").field("kept", &kept).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Shelves {
    texts: Shelf<String>,
    /// Rare enough (a format that hands out transient bytes) to be worth its own allocation.
    blobs: OnceLock<Box<Shelf<Vec<u8>>>>,
}

/// Slots in the first bucket, which is part of the shelf; each further bucket holds this many times the one before.
const GROWTH: usize = 4;
/// Buckets beyond the first. Together they hold 5.7 thousand million slots of 32 bytes, more than memory does.
const BUCKETS: usize = 15;

/// A list that grows behind a shared reference. Nothing ever moves once it is in its slot, and a slot is set only once:
/// that is what lets `keep` return a borrow of it.
struct Shelf<T> {
    /// How many slots are given out.
    len: AtomicUsize,
    first: [OnceLock<T>; GROWTH],
    rest: [OnceLock<Box<[OnceLock<T>]>>; BUCKETS],
}

impl<T> Shelf<T> {
    fn keep(&self, value: T) -> &T {
        // Each call gets a number of its own, so the slot below is empty; slots publish their value themselves.
        let (bucket, offset) = place(self.len.fetch_add(1, Ordering::Relaxed));
        let slots = match bucket.checked_sub(1) {
            None => &self.first[..],
            Some(rest) => self.rest[rest]
                .get_or_init(|| (0..GROWTH.pow(rest as u32 + 2)).map(|_| OnceLock::new()).collect()),
        };
        slots[offset].get_or_init(|| value)
    }

    fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            len: AtomicUsize::new(0),
            first: [const { OnceLock::new() }; GROWTH],
            rest: [const { OnceLock::new() }; BUCKETS],
        }
    }
}

/// The bucket of slot `n`, and its place there. Buckets hold 4, 16, 64, … slots, so bucket b begins at
/// (4^(b + 1) - 4) / 3.
fn place(n: usize) -> (usize, usize) {
    let bucket = (3 * n + GROWTH).ilog(GROWTH) as usize - 1;
    (bucket, n - (GROWTH.pow(bucket as u32 + 1) - GROWTH) / 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_shared<T: Send + Sync>() {}

    #[test]
    fn is_small_and_shared() {
        is_shared::<Scratch>();
        assert!(size_of::<Scratch>() <= 16);
    }

    #[test]
    fn slots_follow_one_another() {
        let mut expected = (0, 0);
        for n in 0..100_000 {
            assert_eq!(place(n), expected, "{n}");
            expected.1 += 1;
            if expected.1 == GROWTH.pow(expected.0 as u32 + 1) {
                expected = (expected.0 + 1, 0);
            }
        }
    }

    #[test]
    fn lends_what_it_was_given() {
        let scratch = Scratch::default();
        let kept: Vec<&str> = (0..100_000).map(|n| scratch.keep(n.to_string())).collect();
        let bytes = scratch.keep_bytes(vec![1, 2, 3]);
        for (n, text) in kept.into_iter().enumerate() {
            assert_eq!(text, n.to_string());
        }
        assert_eq!(bytes, [1, 2, 3]);
        assert_eq!(format!("{scratch:?}"), "Scratch { kept: 100001, .. }");
    }

    #[test]
    fn threads_share_it() {
        let scratch = Scratch::default();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let scratch = &scratch;
                scope.spawn(move || {
                    let kept: Vec<_> = (0..5_000).map(|n| scratch.keep(format!("{thread}/{n}"))).collect();
                    for (n, text) in kept.into_iter().enumerate() {
                        assert_eq!(text, format!("{thread}/{n}"));
                    }
                });
            }
        });
    }
}
