//! What can go wrong, and what a client is told of it.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

mod boxed;
mod issue;

pub use boxed::BoxError;
use boxed::Boxable;
pub(crate) use issue::Issue;
pub use issue::Part;

/// What a handler returns: a value to answer with, or an [`Error`].
///
/// ```
/// use waypost::{App, Error, get, routes, test::Client};
///
/// #[get("/files/{name}")]
/// async fn file(name: &str) -> waypost::Result<String> {
///     if name.starts_with('.') {
///         return Err(Error::forbidden());
///     }
///     Ok(format!("this is {name}"))
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![file]));
/// assert_eq!(client.get("/files/a").send().await.text().await, "this is a");
/// assert_eq!(client.get("/files/.a").send().await.status(), 403);
/// # }
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with the HTTP status that answers it.
///
/// As a response it is a problem document (RFC 9457, `application/problem+json`). What a 5xx was caused by stays
/// inside: the client sees the status and its title, never the source. Any standard error becomes a 500 by `?`:
///
/// ```
/// use waypost::{App, Error, Result, get, routes, test::Client};
///
/// #[get("/{text}")]
/// async fn parse(text: &str) -> Result<String> {
///     let number: i64 = text.parse()?;                      // answers 500
///     if number < 0 {
///         return Err(Error::bad_request("the number is negative"));
///     }
///     Ok(number.to_string())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![parse]));
/// assert_eq!(client.get("/seven").send().await.status(), 500);
/// assert_eq!(client.get("/-7").send().await.status(), 400);
/// # }
/// ```
///
/// It is opaque: ask it ([`status`](Self::status), [`is_missing`](Self::is_missing), …) instead of matching on it.
/// Like `anyhow::Error` it does not implement [`std::error::Error`] itself; it converts into a boxed one.
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    status: StatusCode,
    kind: Kind,
    title: Option<Cow<'static, str>>,
    detail: Option<Cow<'static, str>>,
    issues: Vec<Issue>,
    headers: HeaderMap,
    source: Option<BoxError>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Other,
    /// Something the request may carry is not there.
    Missing,
    BodyTooLarge,
    /// The peer broke off, broke the protocol or was too slow while its body was read.
    BodyFailed,
    Panic,
}

impl Error {
    /// An error answered with `status` and the status's own title.
    ///
    /// ```
    /// use waypost::{Error, http::StatusCode};
    ///
    /// let error = Error::new(StatusCode::IM_A_TEAPOT).detail("no coffee here");
    /// assert_eq!(error.to_string(), "I'm a teapot: no coffee here");
    /// ```
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        Self {
            inner: Box::new(Inner {
                status,
                kind: Kind::Other,
                title: None,
                detail: None,
                issues: Vec::new(),
                headers: HeaderMap::new(),
                source: None,
            }),
        }
    }

    /// 400, with a detail for the client.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// let error = Error::bad_request("`from` is later than `to`");
    /// assert_eq!(error.status(), 400);
    /// assert_eq!(error.client_detail(), Some("`from` is later than `to`"));
    /// ```
    #[must_use]
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST).detail(detail)
    }

    /// 401.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// assert_eq!(Error::unauthorized().status(), 401);
    /// ```
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED)
    }

    /// 403.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// let error = Error::forbidden().detail("only the owner may delete it");
    /// assert_eq!(error.status(), 403);
    /// ```
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN)
    }

    /// 404.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// fn find(id: u64) -> waypost::Result<&'static str> {
    ///     (id == 7).then_some("Ada").ok_or_else(Error::not_found)
    /// }
    ///
    /// assert_eq!(find(7).unwrap(), "Ada");
    /// assert_eq!(find(8).unwrap_err().status(), 404);
    /// ```
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND)
    }

    /// 409, with a detail for the client.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// assert_eq!(Error::conflict("the name is taken").status(), 409);
    /// ```
    #[must_use]
    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT).detail(detail)
    }

    /// 500, caused by `source`, which the client is not shown.
    ///
    /// ```
    /// use waypost::{Error, IntoResponse};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let response = Error::internal("the password is hunter2").into_response();
    /// assert_eq!(response.status(), 500);
    /// let document = response.into_body().bytes().await.unwrap();
    /// assert!(!String::from_utf8(document.to_vec()).unwrap().contains("hunter2"));
    /// # }
    /// ```
    #[must_use]
    pub fn internal(source: impl Into<BoxError>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR).source(source)
    }

    /// 400 (or the status given next) for one fault in what the client sent.
    ///
    /// `place` names the parameter or header field; in a body it is the RFC 6901 pointer to the value.
    ///
    /// ```
    /// use waypost::{Error, Part};
    ///
    /// let error = Error::invalid(Part::Body, "/address/zip", "five digits");
    /// assert_eq!(error.status(), 400);
    /// assert_eq!(error.to_string(), "Bad Request: body `/address/zip`: five digits");
    /// ```
    #[must_use]
    pub fn invalid(part: Part, place: impl Into<String>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST).issue(part, Some(place.into()), detail)
    }

    /// Something the request may carry, and does not: what makes an `Option` argument `None`.
    ///
    /// ```
    /// use waypost::{Error, Part};
    ///
    /// let error = Error::missing(Part::Header, "x-tenant");
    /// assert_eq!(error.status(), 400);
    /// assert!(error.is_missing());
    /// ```
    #[must_use]
    pub fn missing(part: Part, place: impl Into<String>) -> Self {
        let mut error = Self::invalid(part, place, "missing");
        error.inner.kind = Kind::Missing;
        error
    }

    /// Something the app itself was to provide and has not, which an `Option` argument may do without: a 500.
    pub(crate) fn absent(what: impl Into<BoxError>) -> Self {
        let mut error = Self::internal(what);
        error.inner.kind = Kind::Missing;
        error
    }

    /// Sets the status.
    ///
    /// ```
    /// use waypost::{Error, Part, http::StatusCode};
    ///
    /// let error = Error::invalid(Part::Body, "/age", "below zero").status_code(StatusCode::UNPROCESSABLE_ENTITY);
    /// assert_eq!(error.status(), 422);
    /// ```
    #[must_use]
    pub fn status_code(mut self, status: StatusCode) -> Self {
        self.inner.status = status;
        self
    }

    /// Sets the title: a short name of the kind of problem, the same every time it occurs.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// let error = Error::conflict("7 of 7 seats are taken").title("Sold out");
    /// assert_eq!(error.to_string(), "Sold out: 7 of 7 seats are taken");
    /// ```
    #[must_use]
    pub fn title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.inner.title = Some(title.into());
        self
    }

    /// Sets the detail: what went wrong this time. The client sees it; in a 5xx, too.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// let error = Error::internal("connection refused").detail("the catalogue is being moved");
    /// assert_eq!(error.client_detail(), Some("the catalogue is being moved"));
    /// ```
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.inner.detail = Some(detail.into());
        self
    }

    /// Sets the cause, which the client is not shown.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// let error = Error::conflict("the name is taken").source("unique index users_name");
    /// assert_eq!(error.client_detail(), Some("the name is taken"));
    /// assert_eq!(error.cause().unwrap().to_string(), "unique index users_name");
    /// ```
    #[must_use]
    pub fn source(mut self, source: impl Into<BoxError>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// Adds a header field to the response, such as `WWW-Authenticate` or `Retry-After`.
    ///
    /// ```
    /// use waypost::{Error, IntoResponse, http::HeaderValue, http::header::WWW_AUTHENTICATE};
    ///
    /// let error = Error::unauthorized().header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    /// assert_eq!(error.into_response().headers()[WWW_AUTHENTICATE], "Bearer");
    /// ```
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.inner.headers.append(name, value);
        self
    }

    /// Adds another fault to the list in the problem document.
    ///
    /// ```
    /// use waypost::{Error, Part};
    ///
    /// let error = Error::invalid(Part::Query, "from", "not a date").and_invalid(Part::Query, "to", "not a date");
    /// assert_eq!(error.to_string(), "Bad Request: query `from`: not a date: query `to`: not a date");
    /// ```
    #[must_use]
    pub fn and_invalid(
        self,
        part: Part,
        place: impl Into<String>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.issue(part, Some(place.into()), detail)
    }

    pub(crate) fn issue(
        mut self,
        part: Part,
        place: Option<String>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.inner.issues.push(Issue { part, place, detail: detail.into() });
        self
    }

    /// The status that answers it.
    ///
    /// ```
    /// use waypost::{Error, http::StatusCode};
    ///
    /// assert_eq!(Error::not_found().status(), StatusCode::NOT_FOUND);
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.status
    }

    /// The detail the client is shown, where there is one.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// assert_eq!(Error::bad_request("too short").client_detail(), Some("too short"));
    /// assert_eq!(Error::internal("the password is hunter2").client_detail(), None);
    /// ```
    #[must_use]
    pub fn client_detail(&self) -> Option<&str> {
        self.inner.detail.as_deref()
    }

    /// What kind of problem it is, in a few words.
    pub(crate) fn headline(&self) -> &str {
        self.inner.title.as_deref().or(self.inner.status.canonical_reason()).unwrap_or("Unknown")
    }

    /// The faults in what the client sent.
    pub(crate) fn issues(&self) -> &[Issue] {
        &self.inner.issues
    }

    /// What the response's header gets besides `Content-Type`.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.inner.headers
    }

    /// The cause, where there is one.
    ///
    /// ```
    /// use std::io;
    /// use waypost::Error;
    ///
    /// let error = Error::from(io::Error::from(io::ErrorKind::TimedOut));
    /// let cause = error.cause().and_then(|cause| cause.downcast_ref::<io::Error>());
    /// assert_eq!(cause.map(io::Error::kind), Some(io::ErrorKind::TimedOut));
    /// ```
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.inner.source.as_deref()
    }

    /// Whether an extractor found nothing, as opposed to something malformed.
    ///
    /// ```
    /// use waypost::{Error, Part};
    ///
    /// assert!(Error::missing(Part::Query, "page").is_missing());
    /// assert!(!Error::invalid(Part::Query, "page", "not a number").is_missing());
    /// ```
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.inner.kind == Kind::Missing
    }

    /// Whether the request's body is larger than its limit.
    ///
    /// ```
    /// use waypost::{App, Error, post, routes, test::Client};
    ///
    /// #[post("/")]
    /// async fn note(text: Result<String, Error>) -> String {
    ///     match text {
    ///         Err(error) if error.is_body_too_large() => "shorter, please".to_owned(),
    ///         Err(error) => error.to_string(),
    ///         Ok(text) => text,
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![note]).body_limit(3));
    /// assert_eq!(client.post("/").body("four").send().await.text().await, "shorter, please");
    /// # }
    /// ```
    #[must_use]
    pub fn is_body_too_large(&self) -> bool {
        self.inner.kind == Kind::BodyTooLarge
    }

    /// Whether the peer broke off, broke the protocol or was too slow (408), while its body was read.
    ///
    /// ```
    /// use futures_util::stream;
    /// use waypost::{App, Body, Error, post, routes, test::Client};
    ///
    /// #[post("/")]
    /// async fn whole(body: Result<String, Error>) -> String {
    ///     body.is_err_and(|error| error.is_body_failed()).to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let broken = Body::from_stream(stream::iter([Ok("half of"), Err("reset by the peer")]));
    /// let client = Client::new(App::new(routes![whole]));
    /// assert_eq!(client.post("/").body(broken).send().await.text().await, "true");
    /// # }
    /// ```
    #[must_use]
    pub fn is_body_failed(&self) -> bool {
        self.inner.kind == Kind::BodyFailed
    }

    /// Whether a handler or a middleware panicked.
    ///
    /// ```
    /// use waypost::{App, IntoResponse, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn index() {
    ///     panic!("out of ideas")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let app = App::new(routes![index]).on_error(|error, response| match error.is_panic() {
    ///     true => (waypost::http::StatusCode::INTERNAL_SERVER_ERROR, "we are sorry").into_response(),
    ///     false => response,
    /// });
    /// assert_eq!(Client::new(app).get("/").send().await.text().await, "we are sorry");
    /// # }
    /// ```
    #[must_use]
    pub fn is_panic(&self) -> bool {
        self.inner.kind == Kind::Panic
    }

    /// Whether it is the client's: a status of 400 to 499.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// assert!(Error::not_found().is_client_error());
    /// assert!(!Error::internal("the disk is full").is_client_error());
    /// ```
    #[must_use]
    pub fn is_client_error(&self) -> bool {
        self.inner.status.is_client_error()
    }

    /// Whether it is the server's: a status of 500 to 599.
    ///
    /// ```
    /// use waypost::Error;
    ///
    /// assert!(Error::internal("the disk is full").is_server_error());
    /// assert!(!Error::not_found().is_server_error());
    /// ```
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.inner.status.is_server_error()
    }

    pub(crate) fn body_too_large() -> Self {
        let mut error = Self::new(StatusCode::PAYLOAD_TOO_LARGE).detail("the request's body is too large");
        error.inner.kind = Kind::BodyTooLarge;
        error
    }

    /// A body that could not be read to its end. An error of ours that came through another library's body is
    /// found again.
    pub(crate) fn body_failed(source: impl Into<BoxError>) -> Self {
        match source.into().downcast::<Boxable>() {
            Ok(own) => own.0,
            Err(source) => {
                let mut error = Self::bad_request("the request's body could not be read").source(source);
                error.inner.kind = Kind::BodyFailed;
                error
            }
        }
    }

    /// RFC 9110 section 15.5.9.
    #[cfg(feature = "server")]
    pub(crate) fn body_timed_out() -> Self {
        let mut error = Self::new(StatusCode::REQUEST_TIMEOUT).detail("the request's body came too slowly");
        error.inner.kind = Kind::BodyFailed;
        error
    }

    /// A handler that did not answer in time.
    #[cfg(feature = "server")]
    pub(crate) fn timed_out() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE).detail("the request took too long to answer")
    }

    pub(crate) fn panicked(message: Option<String>) -> Self {
        let mut error = Self::new(StatusCode::INTERNAL_SERVER_ERROR);
        error.inner.kind = Kind::Panic;
        error.inner.source = message.map(Into::into);
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.inner;
        if let (Some(source), None, true) = (&inner.source, &inner.detail, inner.issues.is_empty()) {
            return write!(f, "{source}");
        }
        f.write_str(self.headline())?;
        if let Some(detail) = &inner.detail {
            write!(f, ": {detail}")?;
        }
        for issue in &inner.issues {
            write!(f, ": {}", issue.part.as_str())?;
            if let Some(place) = &issue.place {
                write!(f, " `{place}`")?;
            }
            write!(f, ": {}", issue.detail)?;
        }
        Ok(())
    }
}

/// What `main` shows of it: the words of [`Display`](fmt::Display) and of every cause. The alternate form, `{:#?}`, shows
/// its fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            write!(f, "{self}")?;
            let mut shown = self.to_string();
            let mut cause = self.cause().map(|cause| cause as &(dyn std::error::Error + 'static));
            while let Some(error) = cause {
                let text = error.to_string();
                if text != shown {
                    write!(f, ": {text}")?;
                    shown = text;
                }
                cause = error.source();
            }
            return Ok(());
        }
        let inner = &*self.inner;
        let mut out = f.debug_struct("Error");
        out.field("status", &inner.status.as_u16());
        if let Some(title) = &inner.title {
            out.field("title", title);
        }
        if let Some(detail) = &inner.detail {
            out.field("detail", detail);
        }
        if !inner.issues.is_empty() {
            out.field("issues", &inner.issues);
        }
        if let Some(source) = &inner.source {
            out.field("source", source);
        }
        out.finish()
    }
}
