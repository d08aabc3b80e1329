//! JSON (RFC 8259) in and out.
//!
//! A document is read plainly first. Only when that fails is it read again, tracked: an escaped string then goes into a
//! `&str` after all, and an error gets its place. So documents that are read at once, nearly all, pay for neither; one
//! with an escape in a borrowed field costs a second reading, never more.
//!
//! With the feature `simd-json` another engine makes the first attempt. It accepts no document that `serde_json` refuses
//! and reads the same values; where it refuses one, `serde_json` decides.

mod error;
#[cfg(feature = "simd-json")]
pub(crate) mod simd;

use std::str;

use serde::{Deserialize, Serialize, de::IgnoredAny};

pub(crate) use error::JsonError;

use crate::scratch::Scratch;
use crate::tracked::{Fault, Track, Tracked};

/// Reads `body`, all of it, as one `T`.
///
/// Values borrow from `body`, from `scratch` (strings with escapes), or from `spare`, an empty buffer that only the
/// feature `simd-json` fills.
///
/// # Errors
///
/// [`JsonError`]: not UTF-8, not JSON, or not what `T` takes. Arrays and objects nest 127 deep at the most.
#[cfg(any(test, feature = "simd-json"))]
pub(crate) fn from_body<'r, T: Deserialize<'r>>(
    body: &'r [u8],
    spare: &'r mut Vec<u8>,
    scratch: &'r Scratch,
) -> Result<T, JsonError> {
    #[cfg(feature = "simd-json")]
    if let Some(value) = simd::from_body(body, spare) {
        return Ok(value);
    }
    #[cfg(not(feature = "simd-json"))]
    let _ = spare;
    from_slice(body, scratch)
}

/// Reads `body`, all of it, as one `T`, by `serde_json` alone. Values borrow from `body`, or from `scratch`: strings with
/// escapes.
///
/// # Errors
///
/// [`JsonError`]: not UTF-8, not JSON, or not what `T` takes. Arrays and objects nest 127 deep at the most.
pub(crate) fn from_slice<'r, T: Deserialize<'r>>(
    body: &'r [u8],
    scratch: &'r Scratch,
) -> Result<T, JsonError> {
    // Checking once here and not string by string is 11 to 25 % quicker, and RFC 8259, section 8.1, wants all of it to
    // be UTF-8 in any case.
    let text = str::from_utf8(body).map_err(JsonError::not_utf8)?;
    let read = match may_have_key_beyond_ascii(body) {
        false => serde_json::from_str(text),
        true => serde_json::from_slice(body),
    };
    match read {
        Ok(value) => Ok(value),
        // Another look changes nothing about the grammar. But what `serde_json` files under syntax may be a value it has
        // no use for, in a document that is JSON: an array for an enum, a number too large.
        Err(error) if !error.is_data() && serde_json::from_str::<IgnoredAny>(text).is_err() => {
            Err(JsonError::grammar(error, text))
        }
        Err(_) => from_text_tracked(text, scratch),
    }
}

/// Whether an object may have a key that begins beyond ASCII; an array's strings look the same from the second on.
///
/// `serde_json::from_str` (1.0.154) swallows the first byte of a key that should be a boolean (`HashMap<bool, _>`) and is
/// none, and quotes the rest in its error as text unchecked: with `{"é":0}` a client would bring about a `str` that is no
/// UTF-8, which is undefined behaviour and in practice a panic. The tracked reading has its own way with such keys.
fn may_have_key_beyond_ascii(body: &[u8]) -> bool {
    // Most documents are ASCII, which is found out four times as fast as where their quotes are.
    if body.is_ascii() {
        return false;
    }
    // Of the others the compact ones have their answer here. It is asked of all bytes in one go, without an early return,
    // which is vectorised.
    let (quotes, firsts) = (body.iter().skip(1), body.iter().skip(2));
    let found = body.iter().zip(quotes).zip(firsts).fold(0, |found, ((&before, &quote), &first)| {
        let is_candidate = u8::from(before <= b' ') | u8::from(before == b'{') | u8::from(before == b',');
        found | (is_candidate & u8::from(quote == b'"') & (first >> 7))
    });
    found != 0
        && body.windows(2).enumerate().any(|(at, pair)| {
            let mut before = body[..at].iter().rev().skip_while(|byte| **byte <= b' ');
            pair[0] == b'"' && !pair[1].is_ascii() && matches!(before.next(), Some(b'{' | b','))
        })
}

#[cold]
fn from_text_tracked<'r, T: Deserialize<'r>>(text: &'r str, scratch: &'r Scratch) -> Result<T, JsonError> {
    let track = Track::new(scratch);
    let mut document = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Tracked::new(&mut document, &track)).map_err(Fault::into_inner);
    value.and_then(|value| document.end().map(|()| value)).map_err(|error| {
        if error.is_data() || serde_json::from_str::<IgnoredAny>(text).is_ok() {
            JsonError::value(error, track.pointer())
        } else {
            JsonError::grammar(error, text)
        }
    })
}

/// Writes `value` into one buffer.
///
/// # Errors
///
/// `value` does not serialize: its `Serialize` fails, or a map has keys that are no strings.
pub(crate) fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    // Small answers, most of them, fit; large ones double it a few times.
    let mut bytes = Vec::with_capacity(256);
    serde_json::to_writer(&mut bytes, value)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
