//! Plain words for what serde calls the types it expects: a client reads them, and a client has no Rust types.

use std::{borrow::Cow, fmt};

use serde::de::Expected;

/// What was expected, as a client would put it: `an integer from 0 to 255` for `u8`, `an object` for `struct User`.
pub(crate) fn expected(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    match plain(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(plain) => plain,
    }
}

/// Shortens what a client sent (and an error message quotes) so that an answer never grows with the request. The
/// beginning and the end stay: the end says what was expected.
pub(crate) fn shorten(mut detail: String) -> String {
    const KEPT: usize = 120;
    if detail.len() > 2 * KEPT + '…'.len_utf8() {
        let head = floor_char_boundary(&detail, KEPT);
        let tail = floor_char_boundary(&detail, detail.len() - KEPT);
        detail.replace_range(head..tail, "…");
    }
    detail
}

/// `str::floor_char_boundary`, which is newer than the minimum supported Rust version.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

fn plain(text: &str) -> Cow<'_, str> {
    let (number, nonzero) = match text.strip_prefix("a nonzero ") {
        Some(number) => (number, true),
        None => (text, false),
    };
    if let Some(range) = integer(number) {
        return Cow::Owned(if nonzero { format!("{range} other than 0") } else { range });
    }
    match text {
        "f32" | "f64" => return "a number".to_owned().into(),
        "bool" => return "a boolean".to_owned().into(),
        "unit" => return "null".to_owned().into(),
        "a sequence" => return "an array".to_owned().into(),
        "a map" => return "an object".to_owned().into(),
        "a borrowed string" | "path string" => return "a string".to_owned().into(),
        "a borrowed byte array" | "byte array" => return "bytes".to_owned().into(),
        _ => {}
    }
    if text.starts_with("unit struct ") {
        return "null".to_owned().into();
    }
    if text.starts_with("struct ") || text.starts_with("internally tagged enum ") {
        return "an object".to_owned().into();
    }
    if text.starts_with("enum ") {
        return "one of the named variants".to_owned().into();
    }
    if text.starts_with("tuple ")
        || text.starts_with("a tuple of size ")
        || text.starts_with("struct variant ")
    {
        // "tuple struct Point with 2 elements", "tuple variant Shape::Line with 2 elements", "a tuple of size 2"
        let mut words = text.rsplit(' ');
        let count = match words.next() {
            Some("elements" | "element") => words.next(),
            last => last,
        };
        return match count.filter(|count| count.bytes().all(|byte| byte.is_ascii_digit())) {
            Some("1") => "an array of 1 element".to_owned().into(),
            Some(count) => format!("an array of {count} elements").into(),
            None if text.starts_with("struct variant ") => "an object".to_owned().into(),
            None => "an array".to_owned().into(),
        };
    }
    Cow::Borrowed(text)
}

fn integer(name: &str) -> Option<String> {
    fn range<T: fmt::Display>(low: T, high: T) -> Option<String> {
        Some(format!("an integer from {low} to {high}"))
    }
    match name {
        "u8" => range(u8::MIN, u8::MAX),
        "u16" => range(u16::MIN, u16::MAX),
        "u32" => range(u32::MIN, u32::MAX),
        "u64" => range(u64::MIN, u64::MAX),
        "u128" => range(u128::MIN, u128::MAX),
        "usize" => range(usize::MIN, usize::MAX),
        "i8" => range(i8::MIN, i8::MAX),
        "i16" => range(i16::MIN, i16::MAX),
        "i32" => range(i32::MIN, i32::MAX),
        "i64" => range(i64::MIN, i64::MAX),
        "i128" => range(i128::MIN, i128::MAX),
        "isize" => range(isize::MIN, isize::MAX),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_it_plainly() {
        for (serde, ours) in [
            ("u8", "an integer from 0 to 255"),
            ("a nonzero i8", "an integer from -128 to 127 other than 0"),
            ("struct User", "an object"),
            ("struct User with 1 element", "an object"),
            ("tuple struct Point with 2 elements", "an array of 2 elements"),
            ("a tuple of size 3", "an array of 3 elements"),
            ("tuple variant Shape::Line", "an array"),
            ("struct variant Shape::Box", "an object"),
            ("a date as in RFC 3339", "a date as in RFC 3339"),
        ] {
            assert_eq!(expected(&serde), ours);
        }
    }

    #[test]
    fn shortens_in_the_middle() {
        assert_eq!(shorten("short".to_owned()), "short");
        let long = shorten(format!("invalid type: string {:?}, expected a boolean", "ü".repeat(1000)));
        assert!(long.len() < 260 && long.starts_with("invalid type") && long.ends_with("expected a boolean"));
    }
}
