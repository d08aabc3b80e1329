//! Percent-decoding (RFC 3986, section 2.1) into text that is borrowed wherever nothing had to be decoded.

use std::{borrow::Cow, error, fmt};

use percent_encoding::percent_decode_str;

use crate::scratch::Scratch;

/// Decodes `%41` and its like, as in a path segment.
///
/// Text without an escape is returned as it is; decoded text is kept in `scratch`. What only looks like an escape
/// (`%zz`, a lone `%`) stands for itself, as the WHATWG URL standard has it.
///
/// # Errors
///
/// [`NotUtf8`] when the escapes do not spell UTF-8.
#[inline]
pub(crate) fn decode<'r>(raw: &'r str, scratch: &'r Scratch) -> Result<&'r str, NotUtf8> {
    if !raw.as_bytes().contains(&b'%') {
        return Ok(raw);
    }
    match percent_decode_str(raw).decode_utf8() {
        Ok(Cow::Borrowed(text)) => Ok(text),
        Ok(Cow::Owned(text)) => Ok(scratch.keep(text)),
        Err(_) => Err(NotUtf8),
    }
}

/// Decodes a name or a value of `application/x-www-form-urlencoded` text (a query string, a form): as [`decode`] does,
/// and `+` is a space.
///
/// # Errors
///
/// [`NotUtf8`] when the escapes do not spell UTF-8. (The WHATWG URL standard would put U+FFFD in; a value that a handler
/// then compares or stores is better refused.)
#[inline]
pub(crate) fn decode_form<'r>(raw: &'r str, scratch: &'r Scratch) -> Result<&'r str, NotUtf8> {
    if !raw.as_bytes().contains(&b'+') {
        return decode(raw, scratch);
    }
    let mut decoded = Vec::with_capacity(raw.len());
    for (index, part) in raw.split('+').enumerate() {
        if index > 0 {
            decoded.push(b' ');
        }
        decoded.extend(percent_decode_str(part));
    }
    match String::from_utf8(decoded) {
        Ok(text) => Ok(scratch.keep(text)),
        Err(_) => Err(NotUtf8),
    }
}

/// Percent-encoded text whose bytes are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotUtf8;

impl fmt::Display for NotUtf8 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("its percent-encoded bytes are not UTF-8")
    }
}

impl error::Error for NotUtf8 {}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borrows_what_needs_no_decoding() {
        let scratch = Scratch::default();
        for raw in ["", "plain", "a+b", "grüße", "100%", "%zz", "%4"] {
            assert_eq!(decode(raw, &scratch).map(str::as_ptr), Ok(raw.as_ptr()), "{raw}");
        }
        assert_eq!(decode_form("plain%", &scratch), Ok("plain%"));
        assert_eq!(format!("{scratch:?}"), "Scratch { kept: 0, .. }");
    }

    #[test]
    fn decodes_escapes() {
        let scratch = Scratch::default();
        assert_eq!(decode("a%20b%2Fc+d", &scratch), Ok("a b/c+d"));
        assert_eq!(decode("%C3%bc%zz%", &scratch), Ok("ü%zz%"));
        assert_eq!(decode("%2541", &scratch), Ok("%41"));
        assert_eq!(decode_form("a+b%2Bc%+41", &scratch), Ok("a b+c% 41"));
        assert_eq!(decode_form("+", &scratch), Ok(" "));
    }

    #[test]
    fn refuses_what_is_not_utf8() {
        let scratch = Scratch::default();
        assert_eq!(decode("%ff", &scratch), Err(NotUtf8));
        assert_eq!(decode("%C3", &scratch), Err(NotUtf8));
        assert_eq!(decode_form("a+%ED%A0%80", &scratch), Err(NotUtf8));
    }
}
