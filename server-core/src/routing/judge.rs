//! The rule by which two routes may not stand in one program, at compile time and at run time alike.
//!
//! Two routes of the same host clash when either
//!
//! - their paths are equal but for the names of parameters, and they name a common method
//!   ([`ANY`](MethodSet::ANY) meets only `ANY`); or
//! - their segments agree up to a position where both have a wildcard, and those two may not be siblings, whatever
//!   the methods. Segments never clash with literal ones. Among the wildcards of one position,
//!
//! | may not stand beside          | `{x}` | `{*x}` | `{x}s` | `p{x}` | `p{x}s`        |
//! |-------------------------------|-------|--------|--------|--------|----------------|
//! | `{x}` parameter               |       | ×      |        |        |                |
//! | `{*x}` catch-all              | ×     |        | ×      |        |                |
//! | `{x}s` with a suffix          |       | ×      |        | ×      | ×              |
//! | `p{x}` with a prefix          |       |        | ×      |        | ×              |
//! | `p{x}s` with both             |       |        | ×      | ×      | × if different |
//!
//! This is what matchit accepts when routes are inserted in the order `lookup.rs` gives them; in other orders
//! matchit accepts a few sets more and refuses a few of these (`routing/tests/judge.rs` holds the two together).
//!
//! The relation is pairwise, but comparing all pairs is quadratic and rustc's `long_running_const_eval` fires at
//! 300 routes. So [`Judge`] hashes instead: one entry per path with the methods claimed there, one per position
//! with the kinds of wildcard that stand there. Only after a clash does [`clash`] compare texts, to name the pair.

use super::table::MethodSet;
use crate::request::Captures;

/// Most parameters a full path may have: what `Captures` has room for.
pub(crate) const MAX_PARAMETERS: u8 = Captures::MAX as u8;

/// One route as the judge sees it; the path is full and in normal form.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub(crate) host: Option<&'a str>,
    pub(crate) path: &'a [u8],
    pub(crate) methods: MethodSet,
    /// A fallback clashes only with a fallback of the same path, which is its prefix.
    pub(crate) fallback: bool,
}

/// Why two routes may not stand in one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    SameRequests,
    ParameterAndCatchAll,
    SuffixAndCatchAll,
    PrefixAndSuffix,
    BothAndOther,
    TooManyParameters,
    BadPrefix,
}

impl Why {
    /// The end of the sentence that names the routes.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Why::SameRequests => " match the same requests",
            Why::ParameterAndCatchAll => {
                " cannot stand side by side: a parameter and a catch-all begin at the same place"
            }
            Why::SuffixAndCatchAll => {
                " cannot stand side by side: a parameter with a suffix and a catch-all begin at the same place"
            }
            Why::PrefixAndSuffix => {
                " cannot stand side by side: in one segment, a parameter has a prefix and another a suffix"
            }
            Why::BothAndOther => {
                " cannot stand side by side: a parameter with prefix and suffix must be the only one of its \
                 segment with either"
            }
            Why::TooManyParameters => " has more than 16 parameters",
            Why::BadPrefix => " must start with `/`, not end with `/`, and hold no catch-all",
        }
    }
}

/// What the judge has to say to one more route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fine,
    /// It clashes with a route that was there before.
    Clash,
    /// The hash table is too small; begin again with a larger one.
    Full,
    TooManyParameters,
    BadPrefix,
}

// ---------------------------------------------------------------------------------------------- kinds of segment

const LITERAL: u8 = 0;
const PARAMETER: u8 = 1;
const CATCH_ALL: u8 = 1 << 1;
const SUFFIX: u8 = 1 << 2;
const PREFIX: u8 = 1 << 3;
const BOTH: u8 = 1 << 4;

/// The kinds that may not be siblings of `kind`. Two different [`BOTH`] may not either; that needs their texts.
const fn refused_beside(kind: u8) -> u8 {
    match kind {
        PARAMETER => CATCH_ALL,
        CATCH_ALL => PARAMETER | SUFFIX,
        SUFFIX => CATCH_ALL | PREFIX | BOTH,
        PREFIX => SUFFIX | BOTH,
        BOTH => SUFFIX | PREFIX,
        _ => 0,
    }
}

// What has been seen of a segment.
const WILDCARD: u8 = 1;
const ALL: u8 = 1 << 1;
const BEFORE: u8 = 1 << 2;
const AFTER: u8 = 1 << 3;

const fn kind_of(shape: u8) -> u8 {
    if shape & WILDCARD == 0 {
        return LITERAL;
    }
    if shape & ALL != 0 {
        return CATCH_ALL;
    }
    match shape & (BEFORE | AFTER) {
        0 => PARAMETER,
        AFTER => SUFFIX,
        BEFORE => PREFIX,
        _ => BOTH,
    }
}

// ------------------------------------------------------------------------------------------------- the fast judge

/// A place in the tree of paths: what has been read so far, as hashes.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    host: u64,
    path: u64,
    parameters: u8,
}

/// Polynomial hashes modulo the largest prime below 2⁶⁴: reading on from a prefix's hash is composition for free,
/// and the chance that any two of 10,000 routes collide is below 10⁻⁹.
const PRIME: u128 = (1 << 64) - 59;
const BASE: u128 = 0x9b8e_34c1_9d27_f5a3;

// Never literal text in normal form, so they can stand for a whole parameter of any name.
const ANY_PARAMETER: u8 = b'{';
const ANY_CATCH_ALL: u8 = b'}';

const fn step(hash: u64, byte: u8) -> u64 {
    ((hash as u128 * BASE + byte as u128) % PRIME) as u64
}

impl Place {
    /// No host, no prefix.
    pub(crate) const ROOT: Self = Self { host: 0, path: 1, parameters: 0 };

    pub(crate) const fn is_root(self) -> bool {
        self.path == Self::ROOT.path
    }

    /// The same path bound to `host` (case-insensitive, RFC 3986 §6.2.2.1).
    #[must_use]
    pub(crate) const fn at_host(self, host: &str) -> Self {
        let bytes = host.as_bytes();
        let mut hash = 1;
        let mut i = 0;
        while i < bytes.len() {
            hash = step(hash, bytes[i].to_ascii_lowercase());
            i += 1;
        }
        Self { host: hash, path: self.path, parameters: self.parameters }
    }
}

/// Which table of the judge an entry belongs to.
const PATH: u64 = 1;
const SIBLINGS: u64 = 2;
const FALLBACK: u64 = 3;

/// A hash table of claims over storage that the caller lends: arrays in a constant, vectors at run time.
///
/// Both slices have the same length, a power of two, and begin as zeros.
pub(crate) struct Judge<'s> {
    keys: &'s mut [u64],
    values: &'s mut [u64],
    used: usize,
}

impl<'s> Judge<'s> {
    pub(crate) const fn new(keys: &'s mut [u64], values: &'s mut [u64]) -> Self {
        Self { keys, values, used: 0 }
    }

    /// Reads `text` on from `place`; with `claim`, its wildcards are claimed and may clash.
    pub(crate) const fn read(&mut self, place: Place, text: &str, claim: bool) -> (Place, Verdict) {
        let (mut hash, mut parameters) = (place.path, place.parameters);
        // Texts begin with `/`, so this value is never asked for.
        let mut siblings = hash;
        let mut shape = 0;
        let mut literal = BEFORE;
        let mut rest = text.as_bytes();
        // The compiler interprets this at some 5 µs a byte, loop and all: a pattern is half the price of an index.
        while let [byte, tail @ ..] = rest {
            rest = tail;
            match *byte {
                b'/' => {
                    if shape & WILDCARD != 0 && claim {
                        let verdict = self.claim_sibling(place.host, siblings, kind_of(shape), hash);
                        if !matches!(verdict, Verdict::Fine) {
                            return (place, verdict);
                        }
                    }
                    hash = step(hash, b'/');
                    (siblings, shape, literal) = (hash, 0, BEFORE);
                }
                b'{' => {
                    parameters += 1;
                    if parameters > MAX_PARAMETERS {
                        return (place, Verdict::TooManyParameters);
                    }
                    let all = matches!(tail, [b'*', ..]);
                    hash = step(hash, if all { ANY_CATCH_ALL } else { ANY_PARAMETER });
                    shape |= WILDCARD | if all { ALL } else { 0 };
                    literal = AFTER;
                    while let [byte, tail @ ..] = rest {
                        rest = tail;
                        if *byte == b'}' {
                            break;
                        }
                    }
                }
                byte => {
                    shape |= literal;
                    // `step` by hand, since this is where the time goes.
                    hash = ((hash as u128 * BASE + byte as u128) % PRIME) as u64;
                }
            }
        }
        if shape & WILDCARD != 0 && claim {
            let verdict = self.claim_sibling(place.host, siblings, kind_of(shape), hash);
            if !matches!(verdict, Verdict::Fine) {
                return (place, verdict);
            }
        }
        (Place { host: place.host, path: hash, parameters }, Verdict::Fine)
    }

    /// Claims `methods` for the path at `place`.
    pub(crate) const fn claim_path(&mut self, place: Place, methods: MethodSet) -> Verdict {
        let Some(slot) = self.slot(place.host, place.path, PATH) else { return Verdict::Full };
        let taken = MethodSet::from_bits(self.values[slot] as u16);
        if taken.overlap(methods) {
            return Verdict::Clash;
        }
        self.values[slot] = taken.union(methods).bits() as u64;
        Verdict::Fine
    }

    /// Claims everything unmatched beneath `place`.
    pub(crate) const fn claim_fallback(&mut self, place: Place) -> Verdict {
        let Some(slot) = self.slot(place.host, place.path, FALLBACK) else { return Verdict::Full };
        if self.values[slot] != 0 {
            return Verdict::Clash;
        }
        self.values[slot] = 1;
        Verdict::Fine
    }

    /// Claims a wildcard of `kind` after the path `siblings`; `end` is the hash at the end of its segment.
    const fn claim_sibling(&mut self, host: u64, siblings: u64, kind: u8, end: u64) -> Verdict {
        let Some(slot) = self.slot(host, siblings, SIBLINGS) else { return Verdict::Full };
        let value = self.values[slot];
        let (kinds, both) = (value as u8, value & !0xff);
        if kinds & refused_beside(kind) != 0 {
            return Verdict::Clash;
        }
        // The 56 low bits of the hash are enough to tell one `p{x}s` from another.
        let end = if kind == BOTH { end << 8 } else { both };
        if kinds & BOTH != 0 && end != both {
            return Verdict::Clash;
        }
        self.values[slot] = end | (kinds | kind) as u64;
        Verdict::Fine
    }

    /// The slot of a key, new or known; `None` when the table would be more than three quarters full.
    const fn slot(&mut self, host: u64, hash: u64, table: u64) -> Option<usize> {
        // Zero is an empty slot, and a hash that is `PRIME - 1` can wait for another universe.
        let key =
            ((host as u128 * (BASE >> 7) + hash as u128 + table as u128 * (BASE >> 9)) % PRIME) as u64 + 1;
        let mask = self.keys.len() - 1;
        // Sibling paths differ in their last bytes only, which are the low bits of their hashes: spread them.
        let mut slot = ((key as u128 * 0x9e37_79b9_7f4a_7c15) >> 40) as usize & mask;
        while self.keys[slot] != key {
            if self.keys[slot] == 0 {
                if (self.used + 1) * 4 > self.keys.len() * 3 {
                    return None;
                }
                self.used += 1;
                self.keys[slot] = key;
                break;
            }
            slot = (slot + 1) & mask;
        }
        Some(slot)
    }
}

// ----------------------------------------------------------------------------------------------- the precise judge

/// Whether two routes clash, by their texts.
pub(crate) const fn clash(a: &Claim<'_>, b: &Claim<'_>) -> Option<Why> {
    if a.fallback != b.fallback || !same_host(a.host, b.host) {
        return None;
    }
    let (mut left, mut right) = (a.path, b.path);
    loop {
        let (x, y) = (Segment::first(left), Segment::first(right));
        if !x.same(&y) {
            return if a.fallback { None } else { x.refuses(&y) };
        }
        let (x_ends, y_ends) = (x.len == left.len(), y.len == right.len());
        match (x_ends, y_ends) {
            (true, true) if a.fallback || a.methods.overlap(b.methods) => return Some(Why::SameRequests),
            (false, false) => {
                left = left.split_at(x.len + 1).1;
                right = right.split_at(y.len + 1).1;
            }
            _ => return None,
        }
    }
}

/// One segment, up to the next `/` or the end.
struct Segment<'a> {
    kind: u8,
    before: &'a [u8],
    after: &'a [u8],
    len: usize,
}

impl<'a> Segment<'a> {
    const fn first(path: &'a [u8]) -> Self {
        let mut len = 0;
        let (mut open, mut close) = (usize::MAX, 0);
        while len < path.len() && path[len] != b'/' {
            match path[len] {
                b'{' => open = len,
                b'}' => close = len + 1,
                _ => {}
            }
            len += 1;
        }
        let text = path.split_at(len).0;
        if open == usize::MAX || close <= open {
            return Self { kind: LITERAL, before: text, after: &[], len };
        }
        let (before, after) = (text.split_at(open).0, text.split_at(close).1);
        let all = open + 1 < len && text[open + 1] == b'*';
        let kind = kind_of(
            WILDCARD
                | if all { ALL } else { 0 }
                | if before.is_empty() { 0 } else { BEFORE }
                | if after.is_empty() { 0 } else { AFTER },
        );
        Self { kind, before, after, len }
    }

    const fn same(&self, other: &Self) -> bool {
        self.kind == other.kind
            && same_bytes(self.before, other.before, false)
            && same_bytes(self.after, other.after, false)
    }

    const fn refuses(&self, other: &Self) -> Option<Why> {
        let pair = self.kind | other.kind;
        if self.kind == BOTH && other.kind == BOTH {
            Some(Why::BothAndOther)
        } else if refused_beside(self.kind) & other.kind == 0 {
            None
        } else if pair == PARAMETER | CATCH_ALL {
            Some(Why::ParameterAndCatchAll)
        } else if pair == SUFFIX | CATCH_ALL {
            Some(Why::SuffixAndCatchAll)
        } else if pair == PREFIX | SUFFIX {
            Some(Why::PrefixAndSuffix)
        } else {
            Some(Why::BothAndOther)
        }
    }
}

const fn same_host(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same_bytes(a.as_bytes(), b.as_bytes(), true),
        _ => false,
    }
}

const fn same_bytes(a: &[u8], b: &[u8], ignore_case: bool) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] && !(ignore_case && a[i].eq_ignore_ascii_case(&b[i])) {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(a: &str, b: &str) -> Option<Why> {
        let claim =
            |path| Claim { host: None, path: str::as_bytes(path), methods: MethodSet::GET, fallback: false };
        let verdict = clash(&claim(a), &claim(b));
        assert_eq!(verdict, clash(&claim(b), &claim(a)), "{a} {b}");
        verdict
    }

    #[test]
    fn names_do_not_matter() {
        assert_eq!(why("/users/{id}", "/users/{name}"), Some(Why::SameRequests));
        assert_eq!(why("/f/{*a}", "/f/{*b}"), Some(Why::SameRequests));
        assert_eq!(why("/users/{id}", "/users/{id}/"), None);
    }

    #[test]
    fn literals_stand_beside_everything() {
        for other in ["/{x}", "/{*x}", "/{x}a", "/a{x}", "/a{x}b"] {
            assert_eq!(why("/aab", other), None);
        }
    }

    #[test]
    fn wildcards_of_one_position() {
        assert_eq!(why("/{x}", "/{*x}"), Some(Why::ParameterAndCatchAll));
        assert_eq!(why("/{x}/b", "/{*x}"), Some(Why::ParameterAndCatchAll));
        assert_eq!(why("/{x}a/b", "/{*x}"), Some(Why::SuffixAndCatchAll));
        assert_eq!(why("/{x}a", "/a{x}"), Some(Why::PrefixAndSuffix));
        assert_eq!(why("/{x}a", "/a{x}a"), Some(Why::BothAndOther));
        assert_eq!(why("/a{x}a", "/a{x}b"), Some(Why::BothAndOther));
        assert_eq!(why("/a{x}a/c", "/a{y}a/d"), None);
        assert_eq!(why("/a{x}", "/{*x}"), None);
        assert_eq!(why("/a{x}b", "/{*x}"), None);
        assert_eq!(why("/a{x}", "/ab{x}"), None);
        assert_eq!(why("/{x}a", "/{x}ba"), None);
        assert_eq!(why("/a/{x}a", "/b/a{x}"), None);
    }
}
