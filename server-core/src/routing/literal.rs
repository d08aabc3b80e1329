//! Paths without parameters, found by a hash.

use crate::octets::eight_at;

/// Literal paths and what they stand for.
///
/// A literal path is always the one that wins: literal text goes before a parameter in every segment. So the tree need
/// not be walked for it.
pub(super) struct Literals {
    /// Open addressing with linear probing, at most half full; as many as a power of two.
    slots: Box<[Option<Literal>]>,
    /// Which lengths there are, by their remainder of 64: so that paths with parameters mostly pass by.
    lengths: u64,
}

struct Literal {
    hash: u64,
    path: Box<str>,
    value: u32,
}

impl Literals {
    /// From paths that differ.
    pub(super) fn new(paths: Vec<(String, u32)>) -> Self {
        let mut slots: Box<[_]> = (0..(2 * paths.len()).next_power_of_two()).map(|_| None).collect();
        let mut lengths = 0;
        for (path, value) in paths {
            lengths |= 1 << (path.len() % 64);
            let hash = hash(&path);
            let mut at = place(hash, slots.len());
            while slots[at].is_some() {
                at = (at + 1) % slots.len();
            }
            slots[at] = Some(Literal { hash, path: path.into(), value });
        }
        Self { slots, lengths }
    }

    #[inline]
    pub(super) fn find(&self, path: &str) -> Option<u32> {
        if self.lengths >> (path.len() % 64) & 1 == 0 {
            return None;
        }
        let hash = hash(path);
        let mut at = place(hash, self.slots.len());
        while let Some(literal) = self.slots.get(at)? {
            if literal.hash == hash && *literal.path == *path {
                return Some(literal.value);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }
}

/// Where the search for a hash begins: its high bits are the best mixed.
#[inline]
fn place(hash: u64, slots: usize) -> usize {
    (hash >> 32) as usize & (slots - 1)
}

/// Which paths there are is the program's choice, and no request adds one: it need not be a keyed hash.
#[inline]
fn hash(path: &str) -> u64 {
    let bytes = path.as_bytes();
    let mut hash = bytes.len() as u64;
    let mut at = 0;
    while at < bytes.len() {
        // The odd number nearest to 2^64 over the golden ratio.
        hash = (hash ^ eight_at(bytes, at)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash ^= hash >> 32;
        at += 8;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_it_was_given() {
        let paths: Vec<_> = (0..2_000).map(|n| format!("/{:0width$}/x", n, width = n % 90)).collect();
        let paths: std::collections::BTreeSet<_> = paths.into_iter().collect();
        let literals = Literals::new(paths.iter().cloned().zip(0..).collect());
        for (path, n) in paths.iter().zip(0..) {
            assert_eq!(literals.find(path), Some(n));
            assert_eq!(literals.find(&format!("{path}y")), None);
        }
        assert_eq!(literals.find(""), None);
        assert_eq!(Literals::new(Vec::new()).find("/"), None);
    }
}
