//! Parts of a file (RFC 9110 section 14).

use std::ops::Range;

/// What a `Range` field comes to for a file of some length.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ranges {
    /// The field is of no meaning, or of one that is not honoured: the whole file.
    Ignored,
    /// 416: none of them lies in the file.
    Unsatisfiable,
    /// At least one; none empty, no two overlapping, in the order they were asked for.
    Parts(Vec<Range<u64>>),
}

/// How many parts are sent at once. Who asks for more gets the whole.
const MOST: usize = 16;

impl Ranges {
    /// Ranges that overlap are not honoured, so what is sent is never more than the file: there is no reason to ask for
    /// them but to make a server work.
    pub(super) fn new(field: &[u8], length: u64) -> Self {
        let Some(specs) = specs(field) else { return Self::Ignored };
        let mut parts = Vec::with_capacity(specs.len());
        for spec in specs {
            match spec {
                Spec::From(first, last) if first < length => {
                    parts.push(first..last.saturating_add(1).min(length));
                }
                Spec::Last(count) if count > 0 && length > 0 => {
                    parts.push(length.saturating_sub(count)..length);
                }
                // Satisfiable in RFC 9110's words, but no `Content-Range` can tell of no bytes.
                Spec::Last(count) if count > 0 => return Self::Ignored,
                Spec::From(..) | Spec::Last(_) => {}
            }
        }
        if parts.is_empty() {
            return Self::Unsatisfiable;
        }
        let mut sorted: Vec<_> = parts.iter().collect();
        sorted.sort_by_key(|part| part.start);
        let overlap = sorted.windows(2).any(|pair| pair[0].end > pair[1].start);
        if overlap { Self::Ignored } else { Self::Parts(parts) }
    }
}

enum Spec {
    /// From a byte to another, that included.
    From(u64, u64),
    /// The last so many.
    Last(u64),
}

/// `None` for another unit, what is malformed, and what is too much.
fn specs(field: &[u8]) -> Option<Vec<Spec>> {
    let text = std::str::from_utf8(field).ok()?;
    let (unit, list) = text.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut specs = Vec::new();
    for element in list.split(',').map(|element| element.trim_matches([' ', '\t'])) {
        if element.is_empty() {
            continue;
        }
        let spec = match element.split_once('-')? {
            ("", count) => Spec::Last(number(count)?),
            (first, "") => Spec::From(number(first)?, u64::MAX),
            (first, last) => Spec::From(number(first)?, number(last)?),
        };
        if matches!(spec, Spec::From(first, last) if first > last) || specs.len() == MOST {
            return None;
        }
        specs.push(spec);
    }
    (!specs.is_empty()).then_some(specs)
}

/// Digits; a number beyond all lengths is the largest.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}
