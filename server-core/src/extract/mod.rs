//! From a request to a handler's arguments.

mod body;
mod client_certificate;
mod combine;
mod context;
mod extension;
mod extraction;
mod fault;
#[cfg(feature = "form")]
mod form;
mod header;
mod info;
pub(crate) mod input;
#[cfg(feature = "json")]
pub(crate) mod json;
mod origin;
mod param;
mod path;
mod probe;
mod query;
mod state;
#[cfg(feature = "server")]
mod upgrade;
pub(crate) mod values;

pub use body::BodyUse;
pub use client_certificate::ClientCertificate;
pub use context::Context;
pub use extension::Extension;
pub use extraction::Extraction;
#[cfg(feature = "form")]
pub use form::Form;
pub use header::{Bearer, ContentType, FromHeader, Header, Host, UserAgent};
pub use info::ClientAddr;
#[cfg(feature = "json")]
pub use json::Json;
pub use origin::TargetOrigin;
pub use param::{FromParam, FromPath, FromQuery, ParamError, RawValues};
pub use path::Path;
pub use probe::{Plain, Probe, Unknown};
pub use query::Query;
pub use state::{FromState, Provide, State};
#[cfg(feature = "ws")]
pub(crate) use upgrade::{upgrade_of, upgrade_required};

/// Fills a handler's argument from the request; `S` is the application's state.
///
/// Implement it for a type of your own, or put [`#[extractor]`](macro@crate::extractor) on a function whose
/// arguments are extractors themselves. What it makes may borrow from the request, for `'r`, which is as long as
/// the handler runs:
///
/// ```
/// use waypost::{App, Context, Error, Extraction, FromRequest, Part, get, routes, test::Client};
///
/// /// The `X-Tenant` header field.
/// struct Tenant<'r>(&'r str);
///
/// impl<'r, S> FromRequest<'r, S> for Tenant<'r> {
///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
///         let value = context.head().headers().get("x-tenant");
///         Extraction::ready(match value.map(|value| value.to_str()) {
///             Some(Ok(name)) => Ok(Tenant(name)),
///             Some(Err(_)) => Err(Error::invalid(Part::Header, "x-tenant", "not text")),
///             None => Err(Error::missing(Part::Header, "x-tenant")),
///         })
///     }
/// }
///
/// #[get("/")]
/// async fn tenant(tenant: Tenant<'_>) -> String {
///     tenant.0.to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![tenant]));
/// assert_eq!(client.get("/").header("x-tenant", "acme").send().await.text().await, "acme");
/// assert_eq!(client.get("/").send().await.status(), 400);
/// # }
/// ```
///
/// `Option<T>` and `Result<T, Error>` of an extractor are extractors, too: the first is `None` where the value
/// is [missing](crate::Error::is_missing) (and only then), the second hands every failure to the handler.
///
/// An extractor that awaits something returns [`Extraction::future`], which must be `Send`. One that keeps its
/// `Context` across an await therefore needs a state that can be shared: write the bound `S: Send + Sync`, as in
/// `impl<'r, S: Send + Sync> FromRequest<'r, S> for Session<'r>`. What is taken out of the context before, such as
/// [`context.head()`](Context::head), may be kept without it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extractor",
    label = "this argument is named like no parameter of the route, and its type is not an extractor",
    note = "name the argument after a parameter in the route's pattern, or give it a type that implements `FromRequest`"
)]
pub trait FromRequest<'r, S>: Sized {
    /// What it does with the body. At most one argument of a handler can use it.
    ///
    /// ```
    /// use waypost::{BodyUse, Bytes, FromRequest, Json};
    ///
    /// assert_eq!(<Bytes as FromRequest<()>>::BODY, BodyUse::Buffered);
    /// assert_eq!(<Json<u8> as FromRequest<()>>::BODY, BodyUse::Buffered);
    /// assert_eq!(<waypost::ClientAddr as FromRequest<()>>::BODY, BodyUse::Unused);
    /// ```
    const BODY: BodyUse = BodyUse::Unused;

    /// Whether it takes path parameters by itself, so that no argument need be named after them.
    ///
    /// ```
    /// use waypost::{ClientAddr, FromRequest, Path};
    ///
    /// assert!(<Path<(u8, u8)> as FromRequest<()>>::TAKES_PATH);
    /// assert!(!<ClientAddr as FromRequest<()>>::TAKES_PATH);
    /// ```
    const TAKES_PATH: bool = false;

    /// Fills the argument. The head's arguments are all filled before the body is read.
    ///
    /// ```
    /// use waypost::{Context, Extraction, FromRequest, Header, UserAgent};
    ///
    /// /// Whether a command line asks.
    /// struct Curl(bool);
    ///
    /// impl<'r, S> FromRequest<'r, S> for Curl {
    ///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
    ///         let agent = Option::<Header<UserAgent<'r>>>::from_request(context);
    ///         agent.then(|agent| Ok(Self(agent?.is_some_and(|Header(agent)| agent.0.starts_with("curl/")))))
    ///     }
    /// }
    /// # #[waypost::get("/")]
    /// # async fn index(curl: Curl) -> String { curl.0.to_string() }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let client = waypost::test::Client::new(waypost::App::new(waypost::routes![index]));
    /// # assert_eq!(client.get("/").header("user-agent", "curl/8").send().await.text().await, "true");
    /// # assert_eq!(client.get("/").send().await.text().await, "false");
    /// # }
    /// ```
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self>;
}

/// Why a body is not read: it is of another media type. Where nothing was sent at all it is missing, so that an `Option`
/// is `None`.
#[cfg(any(feature = "json", feature = "form"))]
fn unsupported<S>(context: Context<'_, S>, expected: &str) -> crate::error::Error {
    use crate::error::{Error, Part};

    let status = http::StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let is_typed = context.head().headers().contains_key(http::header::CONTENT_TYPE);
    let error = if !is_typed && context.bytes().is_ok_and(|bytes| bytes.is_empty()) {
        Error::missing(Part::Body, "").status_code(status)
    } else {
        Error::new(status)
    };
    error.detail(format!("the body must be {expected}"))
}

/// Whether the body's media type, without its parameters, is one the extractor reads (RFC 9110 section 8.3).
#[cfg(any(feature = "json", feature = "form"))]
fn is_media_type(head: &crate::request::Head, accepts: impl Fn(&str) -> bool) -> bool {
    let value = head.headers().get(http::header::CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).is_some_and(|value| accepts(ContentType(value).essence()))
}
