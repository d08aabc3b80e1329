//! Typed header fields. A field by its name is an argument with `#[header("name")]`.

use http::HeaderName;
use http::header;

use crate::error::{Error, Part};
use crate::extract::{Context, Extraction, FromRequest, ParamError};

/// A typed header field: [`UserAgent`], [`Host`], [`ContentType`], [`Bearer`], or a type of your own that
/// implements [`FromHeader`].
///
/// A field that is not there is missing (`Option<Header<T>>` is `None`); one that is malformed is a 400.
///
/// ```
/// use waypost::{App, Header, UserAgent, get, routes, test::Client};
///
/// #[get("/")]
/// async fn who(agent: Option<Header<UserAgent<'_>>>) -> String {
///     agent.map_or("nobody", |Header(agent)| agent.0).to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![who]));
/// assert_eq!(client.get("/").header("user-agent", "curl/8").send().await.text().await, "curl/8");
/// assert_eq!(client.get("/").send().await.text().await, "nobody");
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<T>(pub T);

/// The value of a header field.
///
/// ```
/// use waypost::http::HeaderName;
/// use waypost::{App, FromHeader, Header, ParamError, get, routes, test::Client};
///
/// struct Depth(u8);
///
/// impl<'r> FromHeader<'r> for Depth {
///     const NAME: HeaderName = HeaderName::from_static("depth");
///
///     fn from_header(value: &'r str) -> Result<Self, ParamError> {
///         value.parse().map(Self).map_err(|_| ParamError::new("not a number below 256"))
///     }
/// }
///
/// #[get("/")]
/// async fn depth(Header(depth): Header<Depth>) -> String {
///     depth.0.to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![depth]));
/// assert_eq!(client.get("/").header("depth", "1").send().await.text().await, "1");
/// assert_eq!(client.get("/").header("depth", "deep").send().await.status(), 400);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the value of a header field",
    label = "nothing says which field this is made from",
    note = "use `UserAgent` or another of Waypost's, or implement `FromHeader`; a field by its name is an argument with `#[header(\"name\")]`"
)]
pub trait FromHeader<'r>: Sized {
    /// The field's name.
    ///
    /// ```
    /// use waypost::{Bearer, FromHeader};
    ///
    /// assert_eq!(Bearer::NAME, "authorization");
    /// ```
    const NAME: HeaderName;

    /// Makes it from the field's text.
    ///
    /// ```
    /// use waypost::{Bearer, FromHeader};
    ///
    /// assert_eq!(Bearer::from_header("Bearer abc").unwrap().0, "abc");
    /// assert!(Bearer::from_header("Basic abc").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words for the client.
    fn from_header(value: &'r str) -> Result<Self, ParamError>;
}

impl<'r, S, T: FromHeader<'r>> FromRequest<'r, S> for Header<T> {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        let mut values = context.head().headers().get_all(T::NAME).iter();
        let invalid = |error: ParamError| Error::invalid(Part::Header, T::NAME.as_str(), error.into_detail());
        Extraction::ready(match (values.next(), values.next()) {
            (None, _) => Err(Error::missing(Part::Header, T::NAME.as_str())),
            (Some(_), Some(_)) => Err(invalid(ParamError::new("given more than once"))),
            (Some(value), None) => match std::str::from_utf8(value.as_bytes()) {
                Ok(text) => T::from_header(text).map(Self).map_err(invalid),
                Err(_) => Err(invalid(ParamError::new("not UTF-8"))),
            },
        })
    }
}

/// `User-Agent` (RFC 9110 section 10.1.5).
///
/// ```
/// use waypost::{FromHeader, UserAgent};
///
/// assert_eq!(UserAgent::NAME, "user-agent");
/// assert_eq!(UserAgent::from_header("curl/8").unwrap().0, "curl/8");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserAgent<'r>(pub &'r str);

/// `Host` (RFC 9110 section 7.2), with its port if it names one.
///
/// ```
/// use waypost::{App, Header, Host, get, routes, test::Client};
///
/// #[get("/")]
/// async fn host(Header(host): Header<Host<'_>>) -> String {
///     host.0.to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![host]));
/// let reply = client.get("/").header("host", "example.com:8080").send().await;
/// assert_eq!(reply.text().await, "example.com:8080");
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'r>(pub &'r str);

/// `Content-Type` (RFC 9110 section 8.3), as it was sent.
///
/// ```
/// use waypost::ContentType;
///
/// let html = ContentType("text/html; charset=utf-8");
/// assert_eq!(html.essence(), "text/html");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentType<'r>(pub &'r str);

impl<'r> ContentType<'r> {
    /// The media type without its parameters, such as `application/json`.
    ///
    /// ```
    /// use waypost::ContentType;
    ///
    /// assert_eq!(ContentType("application/json; charset=utf-8").essence(), "application/json");
    /// ```
    #[must_use]
    pub fn essence(&self) -> &'r str {
        self.0.split(';').next().unwrap_or(self.0).trim()
    }
}

/// The token of `Authorization: Bearer` (RFC 6750 section 2.1).
///
/// ```
/// use waypost::{App, Bearer, Header, get, routes, test::Client};
///
/// #[get("/me")]
/// async fn me(Header(Bearer(token)): Header<Bearer<'_>>) -> String {
///     token.to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![me]));
/// assert_eq!(client.get("/me").header("authorization", "Bearer abc").send().await.text().await, "abc");
/// assert_eq!(client.get("/me").header("authorization", "Basic abc").send().await.status(), 400);
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bearer<'r>(pub &'r str);

/// A token is a secret: it is not shown.
impl std::fmt::Debug for Bearer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(…)")
    }
}

macro_rules! verbatim {
    ($($field:ident: $name:ident;)*) => { $(
        impl<'r> FromHeader<'r> for $field<'r> {
            const NAME: HeaderName = header::$name;

            fn from_header(value: &'r str) -> Result<Self, ParamError> {
                Ok(Self(value))
            }
        }
    )* };
}

verbatim! {
    UserAgent: USER_AGENT;
    Host: HOST;
    ContentType: CONTENT_TYPE;
}

impl<'r> FromHeader<'r> for Bearer<'r> {
    const NAME: HeaderName = header::AUTHORIZATION;

    fn from_header(value: &'r str) -> Result<Self, ParamError> {
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
                Ok(Self(token.trim()))
            }
            _ => Err(ParamError::new("not a bearer token")),
        }
    }
}
