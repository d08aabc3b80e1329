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
    /// What of the raw query is not yet looked at.
    Query(&'r str),
    Header(ValueIter<'r, HeaderValue>),
}

impl<'r> RawValues<'r> {
    pub(crate) fn query(head: &'r Head, name: &'static str) -> Self {
        Self { head, name, rest: Rest::Query(head.query().unwrap_or("")) }
    }

    pub(crate) fn header(head: &'r Head, name: &'static str) -> Self {
        Self { head, name, rest: Rest::Header(head.headers().get_all(name).iter()) }
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
        match &mut self.rest {
            Rest::Header(values) => match values.next() {
                None => Ok(None),
                Some(value) => match std::str::from_utf8(value.as_bytes()) {
                    Ok(text) => Ok(Some(text)),
                    Err(_) => Err(self.invalid("not UTF-8")),
                },
            },
            Rest::Query(query) => {
                while !query.is_empty() {
                    let pair = Pair::next(query);
                    let named = match pair.name_escaped {
                        false => pair.name == self.name,
                        true => crate::percent::decode_form(pair.name, &self.head.scratch) == Ok(self.name),
                    };
                    if named {
                        return match pair.value_escaped {
                            false => Ok(Some(pair.value)),
                            true => crate::percent::decode_form(pair.value, &self.head.scratch)
                                .map(Some)
                                .map_err(|_| self.invalid("not UTF-8")),
                        };
                    }
                }
                Ok(None)
            }
        }
    }

    /// The one text there may be.
    #[inline]
    fn only_text(&mut self) -> Result<Option<&'r str>> {
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
            Rest::Query(_) => Part::Query,
            Rest::Header(_) => Part::Header,
        }
    }
}

/// A name and a value of a query, as they stand in it.
struct Pair<'r> {
    name: &'r str,
    name_escaped: bool,
    value: &'r str,
    value_escaped: bool,
}

impl<'r> Pair<'r> {
    /// Splits the next pair off, in one pass over its bytes.
    #[inline]
    fn next(query: &mut &'r str) -> Self {
        let (mut equals, mut escaped, mut name_escaped) = (None, false, false);
        let mut end = query.len();
        for (at, byte) in query.bytes().enumerate() {
            match byte {
                b'%' | b'+' => escaped = true,
                b'=' if equals.is_none() => {
                    equals = Some(at);
                    name_escaped = std::mem::take(&mut escaped);
                }
                b'&' => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let pair = &query[..end];
        *query = query.get(end + 1..).unwrap_or_default();
        match equals {
            Some(at) => {
                Self { name: &pair[..at], name_escaped, value: &pair[at + 1..], value_escaped: escaped }
            }
            None => Self { name: pair, name_escaped: escaped, value: "", value_escaped: false },
        }
    }
}
