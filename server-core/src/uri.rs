//! Paths of routes, built from typed parameters.

use std::fmt::{Display, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A piece of a route's pattern.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    /// Literal text, in normal form.
    Text(&'static str),
    /// The next parameter, one segment or part of one.
    Param,
    /// The next parameter, several segments.
    CatchAll,
}

/// Everything but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const SEGMENTS: &AsciiSet = &SEGMENT.remove(b'/');

/// Builds a path.
#[doc(hidden)]
#[must_use]
pub fn uri(pieces: &[Piece], params: &[&dyn Display]) -> String {
    let mut path = String::new();
    let mut params = params.iter();
    let mut text = String::new();
    for piece in pieces {
        let escaped = match piece {
            Piece::Text(literal) => {
                path.push_str(literal);
                continue;
            }
            Piece::Param => SEGMENT,
            Piece::CatchAll => SEGMENTS,
        };
        if let Some(param) = params.next() {
            text.clear();
            // Writing into a string fails only where the value's own `Display` does.
            let _ = write!(text, "{param}");
            // A path that began with two slashes would name another host wherever it is put into a link.
            let rest = match text.strip_prefix('/') {
                Some(rest) if path == "/" => {
                    path.push_str("%2F");
                    rest
                }
                _ => text.as_str(),
            };
            path.extend(utf8_percent_encode(rest, escaped));
        }
    }
    path
}
