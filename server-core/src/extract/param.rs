//! Single values of path, query and header fields.

use std::borrow::Cow;
use std::fmt::Display;
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8, NonZeroU16,
    NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
};
use std::str::FromStr;

use http::HeaderValue;
use http::header::ValueIter;

use crate::error::{Error, Part, Result};
use crate::octets::eight_at;
use crate::percent::decode_form;
use crate::request::Head;

/// A value made from the text of one parameter, which it may borrow from the request.
///
/// `&str`, `Cow<str>`, `String`, `char`, integers, floats and `bool` (`true`, `false`) implement it, and `Uuid`
/// under the feature `uuid`. For a type of your own, [`#[derive(FromParam)]`](macro@crate::FromParam) serves
/// newtypes and enums of plain variants.
///
/// ```
/// use waypost::{App, FromParam, ParamError, get, routes, test::Client};
///
/// struct Even(u32);
///
/// impl<'r> FromParam<'r> for Even {
///     fn from_param(value: &'r str) -> Result<Self, ParamError> {
///         match u32::from_param(value)? {
///             number if number % 2 == 0 => Ok(Self(number)),
///             _ => Err(ParamError::new("an odd number")),
///         }
///     }
/// }
///
/// #[get("/half/{number}")]
/// async fn half(number: Even) -> String {
///     (number.0 / 2).to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![half]));
/// assert_eq!(client.get("/half/8").send().await.text().await, "4");
/// assert_eq!(client.get("/half/7").send().await.status(), 400);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made from a parameter's text",
    label = "not a parameter type",
    note = "use `&str`, a number, `bool`, or derive `FromParam` for the type; for `Option` and `Vec` the parameter must be in the query"
)]
pub trait FromParam<'r>: Sized {
    /// Makes the value. The text is unescaped already.
    ///
    /// ```
    /// use waypost::FromParam;
    ///
    /// assert_eq!(u8::from_param("7"), Ok(7));
    /// assert!(u8::from_param("seven").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the text, in words for the client: it becomes a 400.
    fn from_param(value: &'r str) -> Result<Self, ParamError>;
}

/// Why a parameter's text is not a value of its type.
///
/// ```
/// use waypost::{FromParam, ParamError};
///
/// assert_eq!(char::from_param("ab"), Err(ParamError::new("too many characters in string")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamError {
    detail: Cow<'static, str>,
}

impl ParamError {
    /// Says what is wrong; the client is shown it.
    ///
    /// ```
    /// use waypost::ParamError;
    ///
    /// fn small(number: u32) -> Result<u32, ParamError> {
    ///     if number < 100 { Ok(number) } else { Err(ParamError::new("must be below 100")) }
    /// }
    ///
    /// assert!(small(100).is_err());
    /// ```
    #[must_use]
    pub fn new(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into() }
    }

    pub(crate) fn into_detail(self) -> Cow<'static, str> {
        self.detail
    }

    fn parse<T>(value: &str) -> Result<T, Self>
    where
        T: FromStr<Err: Display>,
    {
        value.parse().map_err(|error: T::Err| Self::new(error.to_string()))
    }
}

impl<'r> FromParam<'r> for &'r str {
    #[inline]
    fn from_param(value: &'r str) -> Result<Self, ParamError> {
        Ok(value)
    }
}

impl<'r> FromParam<'r> for Cow<'r, str> {
    #[inline]
    fn from_param(value: &'r str) -> Result<Self, ParamError> {
        Ok(Cow::Borrowed(value))
    }
}

macro_rules! from_str {
    ($($value:ty)*) => { $(
        impl<'r> FromParam<'r> for $value {
            #[inline]
            fn from_param(value: &'r str) -> Result<Self, ParamError> {
                ParamError::parse(value)
            }
        }
    )* };
}

from_str! {
    String char bool f32 f64
    i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize
    NonZeroI8 NonZeroI16 NonZeroI32 NonZeroI64 NonZeroI128 NonZeroIsize
    NonZeroU8 NonZeroU16 NonZeroU32 NonZeroU64 NonZeroU128 NonZeroUsize
    std::net::IpAddr std::net::Ipv4Addr std::net::Ipv6Addr
}

#[cfg(feature = "uuid")]
from_str!(uuid::Uuid);

/// A parameter of the path: any [`FromParam`] type, or an `Option` or `Result<_, Error>` of one, for the handler to see
/// to what is malformed by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made from a parameter's text",
    label = "not a parameter type",
    note = "use `&str`, a number, `bool`, or derive `FromParam` for the type"
)]
#[doc(hidden)]
pub trait FromPath<'r>: Sized {
    fn from_path(text: &'r str, name: &'static str) -> Result<Self>;
}

impl<'r, T: FromParam<'r>> FromPath<'r> for T {
    #[inline]
    fn from_path(text: &'r str, name: &'static str) -> Result<Self> {
        T::from_param(text).map_err(|error| Error::invalid(Part::Path, name, error.into_detail()))
    }
}

impl<'r, T: FromPath<'r>> FromPath<'r> for Option<T> {
    #[inline]
    fn from_path(text: &'r str, name: &'static str) -> Result<Self> {
        T::from_path(text, name).map(Some)
    }
}

impl<'r, T: FromPath<'r>> FromPath<'r> for Result<T, Error> {
    #[inline]
    fn from_path(text: &'r str, name: &'static str) -> Result<Self> {
        Ok(T::from_path(text, name))
    }
}

/// A query parameter or header field: any [`FromParam`] type, or an `Option`, a `Vec` or a `Result` of one.
///
/// | type | given once | more than once | not at all |
/// |---|---|---|---|
/// | `T` | the value | 400 | 400 |
/// | `Option<T>` | `Some` | 400 | `None` |
/// | `Vec<T>` | one element | all, in order | empty |
/// | `Result<T, Error>` | as `T` | as `T` | as `T` |
///
/// An `Option` is `None` only where the name is not given: an empty text (`?page=`) is a 400 for a number.
///
/// ```
/// use waypost::{App, get, routes, test::Client};
///
/// #[get("/list?{page}&{tag}")]
/// async fn list(page: Option<u32>, tag: Vec<&str>) -> String {
///     format!("{page:?} {tag:?}")
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![list]));
/// assert_eq!(client.get("/list?tag=a&tag=b").send().await.text().await, r#"None ["a", "b"]"#);
/// assert_eq!(client.get("/list?page=1&page=2").send().await.status(), 400);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made from a parameter's text",
    label = "not a parameter type",
    note = "use `&str`, a number, `bool`, an `Option` or `Vec` of one, or derive `FromParam` for the type"
)]
pub trait FromQuery<'r>: Sized {
    /// Makes the value from every text given under the name.
    ///
    /// ```
    /// use waypost::{App, FromQuery, RawValues, get, routes, test::Client};
    ///
    /// /// Whether the name is given at all, with or without a value.
    /// struct Flag(bool);
    ///
    /// impl<'r> FromQuery<'r> for Flag {
    ///     fn from_values(mut values: RawValues<'r>) -> waypost::Result<Self> {
    ///         Ok(Self(values.next_text()?.is_some()))
    ///     }
    /// }
    ///
    /// #[get("/?{verbose}")]
    /// async fn index(verbose: Flag) -> String {
    ///     verbose.0.to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![index]));
    /// assert_eq!(client.get("/?verbose").send().await.text().await, "true");
    /// assert_eq!(client.get("/").send().await.text().await, "false");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// 400, naming the parameter.
    fn from_values(values: RawValues<'r>) -> Result<Self>;
}

impl<'r, T: FromParam<'r>> FromQuery<'r> for T {
    #[inline]
    fn from_values(mut values: RawValues<'r>) -> Result<Self> {
        let text = values.only_text()?.ok_or_else(|| values.missing())?;
        T::from_param(text).map_err(|error| values.invalid(error.into_detail()))
    }
}

impl<'r, T: FromParam<'r>> FromQuery<'r> for Option<T> {
    #[inline]
    fn from_values(mut values: RawValues<'r>) -> Result<Self> {
        match values.only_text()? {
            None => Ok(None),
            Some(text) => T::from_param(text).map(Some).map_err(|error| values.invalid(error.into_detail())),
        }
    }
}

impl<'r, T: FromParam<'r>> FromQuery<'r> for Vec<T> {
    fn from_values(mut values: RawValues<'r>) -> Result<Self> {
        let mut all = Self::new();
        while let Some(text) = values.next_text()? {
            all.push(T::from_param(text).map_err(|error| values.invalid(error.into_detail()))?);
        }
        Ok(all)
    }
}

impl<'r, T: FromQuery<'r>> FromQuery<'r> for Result<T, Error> {
    fn from_values(values: RawValues<'r>) -> Result<Self> {
        Ok(T::from_values(values))
    }
}

/// Every text given under one name, in the query or the header.
///
/// ```
/// use waypost::{App, FromQuery, RawValues, get, routes, test::Client};
///
/// /// The last one given counts.
/// struct Last<'r>(&'r str);
///
/// impl<'r> FromQuery<'r> for Last<'r> {
///     fn from_values(mut values: RawValues<'r>) -> waypost::Result<Self> {
///         let mut last = Self("");
///         while let Some(text) = values.next_text()? {
///             last = Self(text);
///         }
///         Ok(last)
///     }
/// }
///
/// #[get("/?{sort}")]
/// async fn index(sort: Last<'_>) -> String {
///     sort.0.to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![index]));
/// assert_eq!(client.get("/?sort=name&sort=age").send().await.text().await, "age");
/// # }
/// ```
#[derive(Debug)]
pub struct RawValues<'r> {
    head: &'r Head,
    name: &'static str,
    rest: Rest<'r>,
}

#[derive(Debug)]
enum Rest<'r> {
    Query {
        first: Option<Raw<'r>>,
        /// Begins with the second pair of this name; empty when there is none.
        rest: &'r str,
    },
    Header(ValueIter<'r, HeaderValue>),
}

impl<'r> RawValues<'r> {
    /// Those of a name in the query: none, until they are [looked for](Self::search).
    #[inline]
    pub(crate) fn query(head: &'r Head, name: &'static str) -> Self {
        Self { head, name, rest: Rest::Query { first: None, rest: "" } }
    }

    /// Looks for those of several names, in one pass over the query.
    #[inline]
    pub(crate) fn search(head: &'r Head, all: &mut [Self]) {
        let mut query = head.query().unwrap_or("");
        while !query.is_empty() {
            let here = query;
            let pair = next_pair(&mut query);
            for values in &mut *all {
                let Rest::Query { first, rest } = &mut values.rest else { continue };
                let Some(value) = pair.value_of(values.name, head) else { continue };
                if first.is_none() {
                    *first = Some(value);
                } else if rest.is_empty() {
                    *rest = here;
                }
                break;
            }
        }
    }

    pub(crate) fn header(head: &'r Head, name: &'static str) -> Self {
        Self { head, name, rest: Rest::Header(head.headers().get_all(name).iter()) }
    }

    /// A value of them, if the name is given at all.
    #[inline]
    pub(crate) fn given<T: FromQuery<'r>>(self) -> Result<Option<T>> {
        let is_given = match &self.rest {
            Rest::Query { first, .. } => first.is_some(),
            Rest::Header(values) => values.size_hint().0 > 0,
        };
        if is_given { T::from_values(self).map(Some) } else { Ok(None) }
    }

    /// The next text, unescaped.
    ///
    /// ```
    /// use waypost::{FromQuery, RawValues};
    ///
    /// /// How often the name is given.
    /// struct Count(usize);
    ///
    /// impl<'r> FromQuery<'r> for Count {
    ///     fn from_values(mut values: RawValues<'r>) -> waypost::Result<Self> {
    ///         let mut count = 0;
    ///         while values.next_text()?.is_some() {
    ///             count += 1;
    ///         }
    ///         Ok(Self(count))
    ///     }
    /// }
    /// # #[waypost::get("/?{v}")]
    /// # async fn index(v: Count) -> String { v.0.to_string() }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let client = waypost::test::Client::new(waypost::App::new(waypost::routes![index]));
    /// # assert_eq!(client.get("/?v=a&w=b&v=c").send().await.text().await, "2");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// 400 for a text that is not UTF-8.
    pub fn next_text(&mut self) -> Result<Option<&'r str>> {
        let raw = match &mut self.rest {
            Rest::Header(values) => {
                let Some(value) = values.next() else { return Ok(None) };
                return match std::str::from_utf8(value.as_bytes()) {
                    Ok(text) => Ok(Some(text)),
                    Err(_) => Err(self.invalid("not UTF-8")),
                };
            }
            Rest::Query { first, rest } => first.take().or_else(|| {
                while !rest.is_empty() {
                    let found = next_pair(rest).value_of(self.name, self.head);
                    if found.is_some() {
                        return found;
                    }
                }
                None
            }),
        };
        match raw {
            None => Ok(None),
            Some(Raw { text, escaped: false }) => Ok(Some(text)),
            Some(Raw { text, .. }) => match decode_form(text, &self.head.scratch) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(self.invalid("not UTF-8")),
            },
        }
    }

    /// The one text there may be.
    #[inline]
    fn only_text(&mut self) -> Result<Option<&'r str>> {
        match &self.rest {
            Rest::Query { first: None, rest: "" } => Ok(None),
            Rest::Query { first: Some(Raw { text, escaped: false }), rest: "" } => Ok(Some(text)),
            _ => self.only_unusual_text(),
        }
    }

    fn only_unusual_text(&mut self) -> Result<Option<&'r str>> {
        let text = self.next_text()?;
        if text.is_some() && self.next_text()?.is_some() {
            return Err(self.invalid("given more than once"));
        }
        Ok(text)
    }

    fn missing(&self) -> Error {
        Error::missing(self.part(), self.name)
    }

    fn invalid(&self, detail: impl Into<Cow<'static, str>>) -> Error {
        Error::invalid(self.part(), self.name, detail)
    }

    fn part(&self) -> Part {
        match self.rest {
            Rest::Query { .. } => Part::Query,
            Rest::Header(_) => Part::Header,
        }
    }
}

/// Text of a query as it stands there.
#[derive(Clone, Copy, Debug)]
struct Raw<'r> {
    text: &'r str,
    /// Whether there may be escapes in it.
    escaped: bool,
}

impl<'r> Raw<'r> {
    /// The value of this pair, if its name is the one that is looked for. Those have no `=`.
    #[inline]
    fn value_of(self, name: &str, head: &Head) -> Option<Self> {
        if self.escaped {
            return self.value_of_unusual(name, head);
        }
        let text = match self.text.as_bytes().get(name.len()) {
            Some(b'=') => self.text.strip_prefix(name)?.get(1..)?,
            None if self.text == name => "",
            _ => return None,
        };
        Some(Self { text, escaped: false })
    }

    #[cold]
    fn value_of_unusual(self, name: &str, head: &Head) -> Option<Self> {
        let (own, text) = self.text.split_once('=').unwrap_or((self.text, ""));
        (decode_form(own, &head.scratch) == Ok(name)).then_some(Self { text, escaped: true })
    }
}

/// Splits the next pair off a query.
#[inline]
fn next_pair<'r>(query: &mut &'r str) -> Raw<'r> {
    let bytes = query.as_bytes();
    let (mut at, mut escaped) = (0, false);
    let end = 'end: loop {
        let mut low = low_octets(eight_at(bytes, at));
        while low != 0 {
            let place = at + low.trailing_zeros() as usize / 8;
            match bytes.get(place) {
                None | Some(b'&') => break 'end place,
                Some(b'%' | b'+') => escaped = true,
                Some(_) => {}
            }
            low &= low - 1;
        }
        at += 8;
    };
    let text = &query[..end];
    *query = query.get(end + 1..).unwrap_or_default();
    Raw { text, escaped }
}

/// The high bits of those of eight octets that are at most `+`: `&`, `%` and `+` are, letters and digits are not. What
/// lies past the end of a text is, too.
#[inline]
const fn low_octets(octets: u64) -> u64 {
    const fn all(octet: u8) -> u64 {
        u64::from_le_bytes([octet; 8])
    }
    // An octet without its high bit, and what makes it reach the high bit if it is above `+`.
    let above = (octets & all(0x7F)) + all(0x80 - (b'+' + 1));
    !(above | octets) & all(0x80)
}
