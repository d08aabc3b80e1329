//! A request on its way through the app: its head, its body, and what routing found out.

mod captures;
mod head;
mod miss;

use bytes::Bytes;
use http::{Extensions, HeaderMap, Method, Uri};

pub(crate) use captures::Captures;
pub use head::Head;
pub(crate) use miss::Miss;

use crate::body::Body;
use crate::error::Error;

/// A request, as middleware sees it. Handlers take it apart with extractors.
///
/// ```
/// use waypost::{App, Next, Request, Response, get, http::HeaderValue, middleware, routes, test::Client};
///
/// #[middleware]
/// async fn anonymous(request: &mut Request, next: Next<'_>) -> Response {
///     request.headers_mut().insert("user-agent", HeaderValue::from_static("somebody"));
///     next.run(request).await
/// }
///
/// #[get("/")]
/// async fn who(#[header("user-agent")] agent: &str) -> String {
///     agent.to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![who].wrap(anonymous)));
/// assert_eq!(client.get("/").header("user-agent", "curl/8").send().await.text().await, "somebody");
/// # }
/// ```
#[derive(Debug)]
pub struct Request {
    head: Head,
    payload: Payload,
}

impl Request {
    /// A request that came from nowhere in particular.
    #[must_use]
    pub fn new(request: http::Request<Body>) -> Self {
        let (parts, body) = request.into_parts();
        Self { head: Head::new(parts), payload: Payload::new(body) }
    }

    /// Everything but the body.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    pub(crate) fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    /// The method (RFC 9110 section 9).
    #[must_use]
    pub fn method(&self) -> &Method {
        self.head.method()
    }

    /// The target, its path in normal form: unreserved characters unescaped (RFC 3986 section 6.2.2).
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.head.uri()
    }

    /// The path that was routed.
    #[must_use]
    pub fn path(&self) -> &str {
        self.head.path()
    }

    /// The header fields.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.head.headers()
    }

    /// The header fields, to be changed before the handler sees them.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.head.parts.headers
    }

    /// Values that middleware hands on to handlers, which take them as [`Extension<&T>`](crate::Extension).
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        self.head.extensions()
    }

    /// As [`extensions`](Self::extensions), to put values in.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.head.parts.extensions
    }

    /// The body, to be read or replaced before the handler sees it.
    pub fn body_mut(&mut self) -> &mut Body {
        &mut self.payload.body
    }

    /// Sets how many bytes of the body, from here on, may be read. More is an error with status 413.
    pub fn set_body_limit(&mut self, bytes: u64) {
        self.head.body_limit = bytes;
        self.payload.body.set_limit(bytes);
    }

    /// Sets the limit of an app, which leaves a lower one alone: that of an app around it.
    pub(crate) fn limit_body(&mut self, bytes: u64) {
        self.set_body_limit(bytes.min(self.payload.body.limit()));
    }

    /// Gives the request up as the `http` crate's type.
    #[must_use]
    pub fn into_http(self) -> http::Request<Body> {
        http::Request::from_parts(self.head.parts, self.payload.body)
    }

    /// The two halves that extraction borrows: the head shared, the body for the one argument that takes it.
    pub(crate) fn split(&mut self) -> (&Head, &mut Payload) {
        self.payload.body.keep_limited(self.head.body_limit);
        (&self.head, &mut self.payload)
    }

    /// Takes request and body out, for a service that owns its requests; [`restore`](Self::restore) puts them back.
    /// Method, target and version stay, for middleware to look at afterwards.
    pub(crate) fn detach(&mut self) -> (http::Request<Body>, Head) {
        self.payload.body.keep_limited(self.head.body_limit);
        let (mut left, ()) = http::Request::new(()).into_parts();
        left.method = self.head.parts.method.clone();
        left.uri = self.head.parts.uri.clone();
        left.version = self.head.parts.version;
        let mut left = Head::new(left);
        left.peer = self.head.peer;
        let mut rest = std::mem::replace(&mut self.head, left);
        let parts = std::mem::replace(&mut rest.parts, http::Request::new(()).into_parts().0);
        let body = std::mem::take(&mut self.payload.body);
        (http::Request::from_parts(parts, body), rest)
    }

    /// Takes the whole request, for a handler that owns it.
    pub(crate) fn take(&mut self) -> Self {
        let (request, head) = self.detach();
        Self::restore(request, head)
    }

    /// The request that a service hands on, with what routing had found out before.
    pub(crate) fn restore(request: http::Request<Body>, mut head: Head) -> Self {
        let (parts, body) = request.into_parts();
        head.parts = parts;
        Self { head, payload: Payload::new(body) }
    }
}

/// The body on its way to the one argument that takes it.
#[derive(Debug)]
pub(crate) struct Payload {
    body: Body,
    /// Why it could not be read: kept for the argument, which may be a `Result`.
    failure: Option<Error>,
    /// Room for the engine that parses in place.
    #[cfg(feature = "simd-json")]
    spare: Vec<u8>,
}

impl Payload {
    fn new(body: Body) -> Self {
        Self {
            body,
            failure: None,
            #[cfg(feature = "simd-json")]
            spare: Vec::new(),
        }
    }

    pub(crate) fn body_mut(&mut self) -> &mut Body {
        &mut self.body
    }

    /// Reads the body into one buffer, which becomes the body.
    pub(crate) async fn read(&mut self) {
        match self.body.read_all().await {
            Ok(bytes) => self.body = bytes.into(),
            Err(error) => self.failure = Some(error),
        }
    }

    /// What was read, once it is.
    pub(crate) fn buffer(&mut self) -> Result<Buffer<'_>, Error> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(Buffer {
                bytes: self.body.buffered(),
                #[cfg(feature = "simd-json")]
                spare: &mut self.spare,
            }),
        }
    }
}

/// A body that is read.
#[derive(Debug)]
pub(crate) struct Buffer<'r> {
    pub(crate) bytes: &'r Bytes,
    #[cfg(feature = "simd-json")]
    pub(crate) spare: &'r mut Vec<u8>,
}
