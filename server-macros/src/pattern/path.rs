//! Path patterns and the one normal form that patterns and request paths share.
//!
//! A pattern is a path whose segments may hold one parameter each: `/users/{id}`, `/img-{id}.png`, and, as the whole
//! of the last segment, a catch-all: `/files/{*path}`. `{{` and `}}` stand for literal braces.
//!
//! The normal form is RFC 3986 §6.2.2: octets a path segment may not hold as they are (RFC 3986 §3.3, `pchar`) are
//! percent-encoded, encoded unreserved characters are decoded, hex digits are upper case. Reserved characters stay
//! as they were written, so `%2F` never becomes a slash. In normal form a literal brace is `%7B` or `%7D`: every
//! brace left opens or closes a parameter.
//!
//! This file depends on the standard library alone, so that the attribute macros can carry a copy of it.

use std::borrow::Cow;
use std::fmt;

/// A pattern in normal form, with the names of its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    parameters: Vec<String>,
    catch_all: bool,
}

impl Pattern {
    /// Most parameters a pattern may have.
    pub(crate) const MAX_PARAMETERS: usize = 16;

    /// Reads a pattern, which has no query template any more.
    ///
    /// # Errors
    ///
    /// With the first thing that is wrong with it.
    pub(crate) fn parse(written: &str) -> Result<Self, PatternError> {
        if !written.starts_with('/') {
            return Err(PatternError::NoLeadingSlash);
        }
        let mut pattern =
            Self { text: String::with_capacity(written.len()), parameters: Vec::new(), catch_all: false };
        for segment in written[1..].split('/') {
            if pattern.catch_all {
                return Err(PatternError::CatchAllNotLast);
            }
            pattern.text.push('/');
            pattern.push_segment(segment)?;
        }
        Ok(pattern)
    }

    /// The pattern in normal form.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its parameters in order of appearance, a catch-all's included.
    #[must_use]
    #[cfg(test)]
    pub(crate) fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// Whether its last parameter matches the rest of a path, slashes and all.
    #[must_use]
    #[cfg(test)]
    pub(crate) fn has_catch_all(&self) -> bool {
        self.catch_all
    }

    fn push_segment(&mut self, segment: &str) -> Result<(), PatternError> {
        let start = self.text.len();
        let mut parameter = false;
        let mut rest = segment;
        while let Some(c) = rest.chars().next() {
            let tail = &rest[c.len_utf8()..];
            rest = match c {
                '{' if tail.starts_with('{') => {
                    self.text.push_str("%7B");
                    &tail[1..]
                }
                '}' if tail.starts_with('}') => {
                    self.text.push_str("%7D");
                    &tail[1..]
                }
                '{' if parameter => return Err(PatternError::TwoParametersInSegment(segment.to_owned())),
                '{' => {
                    let Some((name, tail)) = tail.split_once('}') else {
                        return Err(PatternError::Unclosed(segment.to_owned()));
                    };
                    parameter = true;
                    self.push_parameter(name)?;
                    if self.catch_all && name.len() + 2 != segment.len() {
                        return Err(PatternError::CatchAllNotLast);
                    }
                    tail
                }
                '}' => return Err(PatternError::Unopened(segment.to_owned())),
                '?' | '#' => return Err(PatternError::NotPath(c)),
                c if c.is_ascii_control() => return Err(PatternError::Control(c)),
                '%' => {
                    let Some(octet) = octet(tail.as_bytes()) else {
                        return Err(PatternError::BadPercent(segment.to_owned()));
                    };
                    push_octet(&mut self.text, octet);
                    &tail[2..]
                }
                c => {
                    let mut buffer = [0; 4];
                    for &byte in c.encode_utf8(&mut buffer).as_bytes() {
                        if is_pchar(byte) {
                            self.text.push(byte as char)
                        } else {
                            push_encoded(&mut self.text, byte)
                        }
                    }
                    tail
                }
            };
        }
        match &self.text[start..] {
            "." | ".." => Err(PatternError::DotSegment),
            _ => Ok(()),
        }
    }

    fn push_parameter(&mut self, inside: &str) -> Result<(), PatternError> {
        let (catch_all, name) = match inside.strip_prefix('*') {
            Some(name) => (true, name),
            None => (false, inside),
        };
        if name.is_empty() {
            return Err(PatternError::NoName);
        }
        if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
            return Err(PatternError::BadName(name.to_owned()));
        }
        if self.parameters.iter().any(|known| known == name) {
            return Err(PatternError::DuplicateName(name.to_owned()));
        }
        if self.parameters.len() == Self::MAX_PARAMETERS {
            return Err(PatternError::TooManyParameters);
        }
        self.catch_all = catch_all;
        self.parameters.push(name.to_owned());
        self.text.push('{');
        self.text.push_str(inside);
        self.text.push('}');
        Ok(())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What is wrong with a pattern.
///
/// ```
/// use waypost::{DynamicRoutes, PatternError, http::Method};
///
/// let mut routes = DynamicRoutes::<()>::new();
/// let error = routes.add(Method::GET, "/{id}/{id}", |_| async {}).unwrap_err();
/// assert_eq!(error, PatternError::DuplicateName("id".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// It does not start with `/`.
    NoLeadingSlash,
    /// A `{` without its `}` in the same segment.
    Unclosed(String),
    /// A `}` without its `{` in the same segment.
    Unopened(String),
    /// `{}` or `{*}`.
    NoName,
    /// A name of other characters than letters, digits, `_`, `-` and `.`.
    BadName(String),
    /// A name that stands twice.
    DuplicateName(String),
    /// A segment with two parameters.
    TwoParametersInSegment(String),
    /// A catch-all that is not the whole of the last segment.
    CatchAllNotLast,
    /// More than sixteen parameters.
    TooManyParameters,
    /// A `?` or `#`, with which a path ends (RFC 3986 §3.3).
    NotPath(char),
    /// An ASCII control character.
    Control(char),
    /// A segment `.` or `..`, which clients remove before they send a path (RFC 3986 §5.2.4).
    DotSegment,
    /// A `%` that is not followed by two hex digits.
    BadPercent(String),
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLeadingSlash => f.write_str("a path must start with `/`"),
            Self::Unclosed(segment) => {
                write!(f, "`{{` is not closed in segment `{segment}`; a literal `{{` is written `{{{{`")
            }
            Self::Unopened(segment) => {
                write!(f, "`}}` was not opened in segment `{segment}`; a literal `}}` is written `}}}}`")
            }
            Self::NoName => f.write_str("a parameter must have a name"),
            Self::BadName(name) => {
                write!(
                    f,
                    "`{name}` cannot name a parameter: only letters, digits, `_`, `-` and `.` can be in a name"
                )
            }
            Self::DuplicateName(name) => write!(f, "two parameters are named `{name}`"),
            Self::TwoParametersInSegment(segment) => {
                write!(f, "segment `{segment}` has two parameters; one is all that a segment can have")
            }
            Self::CatchAllNotLast => f.write_str("a catch-all must be the whole of the last segment"),
            Self::TooManyParameters => {
                write!(f, "a path can have at most {} parameters", Pattern::MAX_PARAMETERS)
            }
            Self::NotPath(c) => {
                write!(f, "`{c}` cannot be in a path; a literal one is written `%{:02X}`", *c as u32)
            }
            Self::Control(c) => write!(f, "control character {c:?} cannot be in a path"),
            Self::DotSegment => f.write_str("segments `.` and `..` never reach a server"),
            Self::BadPercent(segment) => {
                write!(
                    f,
                    "`%` in segment `{segment}` is not followed by two hex digits; a literal `%` is written `%25`"
                )
            }
        }
    }
}

impl std::error::Error for PatternError {}

/// A request's path in normal form; borrowed, after one look at its bytes, when it already is.
///
/// A `%` that is not followed by two hex digits stays as it is.
#[inline]
#[must_use]
pub(crate) fn normalise_path(path: &str) -> Cow<'_, str> {
    if is_plain(path.as_bytes()) { Cow::Borrowed(path) } else { normalise_unusual(path) }
}

/// Whether a path has only letters, digits and the most usual other characters, which stand for themselves. Blocks that
/// overlap are looked at without branches, so that the compiler can compare their bytes all at once.
#[inline]
fn is_plain(path: &[u8]) -> bool {
    const fn plain(byte: u8) -> bool {
        matches!(byte, b'&'..=b';' | b'_') | byte.is_ascii_alphabetic()
    }
    #[inline]
    fn all<const N: usize>(block: &[u8; N]) -> bool {
        block.iter().fold(true, |all, &byte| all & plain(byte))
    }
    if let (Some(first), Some(last)) = (path.first_chunk::<16>(), path.last_chunk::<16>()) {
        let (blocks, _) = path.as_chunks::<16>();
        return all(first) & all(last) && blocks.iter().skip(1).all(all);
    }
    if let (Some(first), Some(last)) = (path.first_chunk::<8>(), path.last_chunk::<8>()) {
        return all(first) & all(last);
    }
    path.iter().all(|&byte| !SUSPECT[usize::from(byte)])
}

#[cold]
#[inline(never)]
fn normalise_unusual(path: &str) -> Cow<'_, str> {
    let bytes = path.as_bytes();
    if !bytes.iter().any(|&byte| SUSPECT[usize::from(byte)]) || is_normal(bytes) {
        return Cow::Borrowed(path);
    }
    let mut normal = String::with_capacity(path.len() + 16);
    // How long `normal` will be when a `%` that stayed can no longer take what follows for its hex digits.
    let mut apart = 0;
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'%' => match octet(&bytes[i + 1..]) {
                Some(octet) => {
                    // `%%300` must not become `%00`.
                    if normal.len() < apart {
                        push_encoded(&mut normal, octet)
                    } else {
                        push_octet(&mut normal, octet)
                    }
                    i += 2;
                }
                None => {
                    normal.push('%');
                    apart = normal.len() + 2;
                }
            },
            byte if is_pchar(byte) || byte == b'/' => normal.push(byte as char),
            byte => push_encoded(&mut normal, byte),
        }
        i += 1;
    }
    Cow::Owned(normal)
}

/// Whether a path with escapes has only such as must be there, in upper case.
fn is_normal(mut path: &[u8]) -> bool {
    while let [byte, rest @ ..] = path {
        path = match (byte, rest) {
            (b'%', [high, low, rest @ ..]) => match octet(&[*high, *low]) {
                Some(octet)
                    if !is_unreserved(octet) && !high.is_ascii_lowercase() && !low.is_ascii_lowercase() =>
                {
                    rest
                }
                _ => return false,
            },
            (byte, rest) if is_pchar(*byte) || *byte == b'/' => rest,
            _ => return false,
        };
    }
    true
}

/// Whether a byte of a path is anything but a slash or a `pchar` that stands for itself.
const SUSPECT: [bool; 256] = {
    let mut table = [true; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte as usize] = !(is_pchar(byte) || byte == b'/');
        byte += 1;
    }
    table
};

/// RFC 3986 §2.3.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// RFC 3986 §3.3, without percent-encoded octets.
const fn is_pchar(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@'
        )
}

/// The octet two hex digits stand for.
fn octet(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

/// An octet that was encoded.
fn push_octet(text: &mut String, octet: u8) {
    if is_unreserved(octet) { text.push(octet as char) } else { push_encoded(text, octet) }
}

fn push_encoded(text: &mut String, octet: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(HEX[usize::from(octet >> 4)] as char);
    text.push(HEX[usize::from(octet & 15)] as char);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(written: &str) -> String {
        Pattern::parse(written).unwrap().as_str().to_owned()
    }

    fn fault(written: &str) -> PatternError {
        Pattern::parse(written).unwrap_err()
    }

    #[test]
    fn reads_parameters() {
        let pattern = Pattern::parse("/{org}/img-{id}.png/{*rest}").unwrap();
        assert_eq!(pattern.parameters(), ["org", "id", "rest"]);
        assert!(pattern.has_catch_all());
        assert_eq!(pattern.as_str(), "/{org}/img-{id}.png/{*rest}");
        assert_eq!(normal("/"), "/");
        assert_eq!(normal("/a//b/"), "/a//b/");
    }

    #[test]
    fn normal_form() {
        assert_eq!(normal("/a b|c"), "/a%20b%7Cc");
        assert_eq!(normal("/größe"), "/gr%C3%B6%C3%9Fe");
        assert_eq!(normal("/%61%7e%2f%c3"), "/a~%2F%C3");
        assert_eq!(normal("/{{x}}-{y}"), "/%7Bx%7D-{y}");
        assert_eq!(normal("/a:b@c;d=e,f"), "/a:b@c;d=e,f");
    }

    #[test]
    fn faults() {
        use PatternError as E;
        assert_eq!(fault(""), E::NoLeadingSlash);
        assert_eq!(fault("a"), E::NoLeadingSlash);
        assert_eq!(fault("/{a"), E::Unclosed("{a".into()));
        assert_eq!(fault("/{a/b}"), E::Unclosed("{a".into()));
        assert_eq!(fault("/a}"), E::Unopened("a}".into()));
        assert_eq!(fault("/{}"), E::NoName);
        assert_eq!(fault("/{*}"), E::NoName);
        assert_eq!(fault("/{id:int}"), E::BadName("id:int".into()));
        assert_eq!(fault("/{a{b}"), E::BadName("a{b".into()));
        assert_eq!(fault("/{a}/{a}"), E::DuplicateName("a".into()));
        assert_eq!(fault("/{a}/{*a}"), E::DuplicateName("a".into()));
        assert_eq!(fault("/{a}{b}"), E::TwoParametersInSegment("{a}{b}".into()));
        assert_eq!(fault("/{*a}/b"), E::CatchAllNotLast);
        assert_eq!(fault("/{*a}/"), E::CatchAllNotLast);
        assert_eq!(fault("/x{*a}"), E::CatchAllNotLast);
        assert_eq!(fault("/{*a}x"), E::CatchAllNotLast);
        assert_eq!(fault("/a?b"), E::NotPath('?'));
        assert_eq!(fault("/a#b"), E::NotPath('#'));
        assert_eq!(fault("/a\tb"), E::Control('\t'));
        assert_eq!(fault("/a/../b"), E::DotSegment);
        assert_eq!(fault("/%2e/b"), E::DotSegment);
        assert_eq!(fault("/100%"), E::BadPercent("100%".into()));
        let many: String = (0..17).map(|i| format!("/{{p{i}}}")).collect();
        assert_eq!(fault(&many), E::TooManyParameters);
        assert_eq!(fault("/a?b").to_string(), "`?` cannot be in a path; a literal one is written `%3F`");
        assert_eq!(
            fault("/a}").to_string(),
            "`}` was not opened in segment `a}`; a literal `}` is written `}}`"
        );
    }

    #[test]
    fn request_paths() {
        assert!(matches!(normalise_path("/a-b/c_d~e.f/1;2,3:@&=+$!'()*"), Cow::Borrowed(_)));
        assert_eq!(normalise_path("/%61/%2f/%zz/%C3%a4/%"), "/a/%2F/%zz/%C3%A4/%");
        assert_eq!(normalise_path("/%%300/%a%30/%%61%30"), "/%%300/%a%30/%%610");
        assert_eq!(normalise_path("/a|b{c}\"d\""), "/a%7Cb%7Bc%7D%22d%22");
    }
}
