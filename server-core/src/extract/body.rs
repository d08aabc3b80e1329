//! The body, as bytes, as text, and as it comes.

use bytes::Bytes;

use crate::body::Body;
use crate::error::{Error, Part};
use crate::extract::{Context, Extraction, FromRequest};

/// What an extractor does with the request's body.
///
/// ```
/// use waypost::{App, BodyUse, Context, Extraction, FromRequest, post, routes, test::Client};
///
/// /// How many lines the body has.
/// struct Lines(usize);
///
/// impl<'r, S> FromRequest<'r, S> for Lines {
///     const BODY: BodyUse = BodyUse::Buffered;
///
///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
///         Extraction::ready(context.bytes().map(|bytes| Self(bytes.split(|byte| *byte == b'\n').count())))
///     }
/// }
///
/// #[post("/lines")]
/// async fn lines(lines: Lines) -> String {
///     lines.0.to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![lines]));
/// assert_eq!(client.post("/lines").body("one\ntwo").send().await.text().await, "2");
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyUse {
    /// Nothing.
    #[default]
    Unused,
    /// It wants all of it, read into one buffer before it is called ([`Context::bytes`]).
    Buffered,
    /// It reads it itself, or hands it on unread ([`Context::body`]).
    Streamed,
}

impl BodyUse {
    /// Whether the body is used at all.
    ///
    /// ```
    /// use waypost::BodyUse;
    ///
    /// assert!(BodyUse::Streamed.is_used());
    /// assert!(!BodyUse::Unused.is_used());
    /// ```
    #[must_use]
    pub const fn is_used(self) -> bool {
        !matches!(self, Self::Unused)
    }

    /// Of two extractors made into one: the use of whichever uses it.
    ///
    /// ```
    /// use waypost::BodyUse;
    ///
    /// const BOTH: BodyUse = BodyUse::Unused.or(BodyUse::Buffered);
    /// assert_eq!(BOTH, BodyUse::Buffered);
    /// ```
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        if self.is_used() { self } else { other }
    }
}

/// The whole body. It shares the request's buffer.
impl<'r, S> FromRequest<'r, S> for Bytes {
    const BODY: BodyUse = BodyUse::Buffered;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(context.bytes().cloned())
    }
}

/// The whole body, borrowed.
impl<'r, S> FromRequest<'r, S> for &'r [u8] {
    const BODY: BodyUse = BodyUse::Buffered;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(context.bytes().map(|bytes| &bytes[..]))
    }
}

/// The whole body, copied.
impl<'r, S> FromRequest<'r, S> for Vec<u8> {
    const BODY: BodyUse = BodyUse::Buffered;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(context.bytes().map(|bytes| bytes.to_vec()))
    }
}

/// The whole body as text, borrowed. Anything but UTF-8 is a 400, whatever charset `Content-Type` names.
impl<'r, S> FromRequest<'r, S> for &'r str {
    const BODY: BodyUse = BodyUse::Buffered;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(context.bytes().and_then(|bytes| {
            std::str::from_utf8(bytes).map_err(|error| {
                Error::bad_request("the body is not UTF-8").issue(Part::Body, None, error.to_string())
            })
        }))
    }
}

/// The whole body as text, copied. Anything but UTF-8 is a 400.
impl<'r, S> FromRequest<'r, S> for String {
    const BODY: BodyUse = BodyUse::Buffered;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        <&str as FromRequest<'r, S>>::from_request(context).then(|text| text.map(str::to_owned))
    }
}

/// The body, unread, within the request's limit.
impl<'r, S> FromRequest<'r, S> for Body {
    const BODY: BodyUse = BodyUse::Streamed;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(context.body())
    }
}
