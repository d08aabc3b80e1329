//! A request on its way through the app: its head, its body, and what routing found out.

mod captures;
mod forwarded;
mod head;
mod miss;

use bytes::Bytes;
use http::{Extensions, HeaderMap, Method, Uri};

pub(crate) use captures::Captures;
pub(crate) use forwarded::is_host;
pub use head::Head;
pub(crate) use head::host_of;
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
    pub(crate) head: Head,
    payload: Payload,
}

impl Request {
    /// A request that came from nowhere in particular.
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = Request::new(http::Request::get("/users").body(Body::empty()).unwrap());
    /// assert_eq!(request.path(), "/users");
    /// assert_eq!(request.head().client_addr(), None);
    /// ```
    #[must_use]
    pub fn new(request: http::Request<Body>) -> Self {
        let (parts, body) = request.into_parts();
        Self { head: Head::new(parts), payload: Payload::new(body) }
    }

    /// Everything but the body.
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = Request::new(http::Request::get("/users?page=2").body(Body::empty()).unwrap());
    /// assert_eq!(request.head().query(), Some("page=2"));
    /// ```
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    pub(crate) fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    /// The method (RFC 9110 section 9).
    ///
    /// ```
    /// use waypost::{App, Error, IntoResponse, Next, Request, Response, middleware, routes, test::Client};
    ///
    /// #[middleware]
    /// async fn read_only(request: &mut Request, next: Next<'_>) -> Response {
    ///     match request.method().is_safe() {
    ///         true => next.run(request).await,
    ///         false => Error::forbidden().into_response(),
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![]).wrap(read_only));
    /// assert_eq!(client.put("/").send().await.status(), 403);
    /// assert_eq!(client.get("/").send().await.status(), 404);
    /// # }
    /// ```
    #[must_use]
    pub fn method(&self) -> &Method {
        self.head.method()
    }

    /// The target, its path in normal form: unreserved characters unescaped (RFC 3986 section 6.2.2).
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = Request::new(http::Request::get("/users?page=2").body(Body::empty()).unwrap());
    /// assert_eq!(request.uri().to_string(), "/users?page=2");
    /// ```
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.head.uri()
    }

    /// The path that was routed.
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = Request::new(http::Request::get("/users?page=2").body(Body::empty()).unwrap());
    /// assert_eq!(request.path(), "/users");
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        self.head.path()
    }

    /// The header fields.
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = http::Request::get("/").header("accept", "text/html").body(Body::empty()).unwrap();
    /// assert_eq!(Request::new(request).headers()["accept"], "text/html");
    /// ```
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.head.headers()
    }

    /// The header fields, to be changed before the handler sees them.
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let mut request = Request::new(http::Request::new(Body::empty()));
    /// request.headers_mut().insert("x-depth", 1.into());
    /// assert_eq!(request.headers()["x-depth"], "1");
    /// ```
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.head.parts.headers
    }

    /// Values that middleware hands on to handlers, which take them as [`Extension<&T>`](crate::Extension).
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let mut request = Request::new(http::Request::new(Body::empty()));
    /// assert_eq!(request.extensions().get::<u8>(), None);
    /// request.extensions_mut().insert(7_u8);
    /// assert_eq!(request.extensions().get::<u8>(), Some(&7));
    /// ```
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        self.head.extensions()
    }

    /// As [`extensions`](Self::extensions), to put values in.
    ///
    /// ```
    /// use waypost::{App, Extension, Next, Request, Response, get, middleware, routes, test::Client};
    ///
    /// #[derive(Clone)]
    /// struct Tenant(&'static str);
    ///
    /// #[middleware]
    /// async fn with_tenant(request: &mut Request, next: Next<'_>) -> Response {
    ///     request.extensions_mut().insert(Tenant("acme"));
    ///     next.run(request).await
    /// }
    ///
    /// #[get("/")]
    /// async fn index(Extension(tenant): Extension<&Tenant>) -> &'static str {
    ///     tenant.0
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![index].wrap(with_tenant)));
    /// assert_eq!(client.get("/").send().await.text().await, "acme");
    /// # }
    /// ```
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.head.parts.extensions
    }

    /// The body, to be read or replaced before the handler sees it.
    ///
    /// ```
    /// use waypost::{App, Body, Next, Request, Response, middleware, post, routes, test::Client};
    ///
    /// #[middleware]
    /// async fn empty_means_none(request: &mut Request, next: Next<'_>) -> Response {
    ///     if request.body_mut().is_empty() {
    ///         *request.body_mut() = Body::from("none");
    ///     }
    ///     next.run(request).await
    /// }
    ///
    /// #[post("/")]
    /// async fn echo(text: String) -> String {
    ///     text
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![echo].wrap(empty_means_none)));
    /// assert_eq!(client.post("/").send().await.text().await, "none");
    /// # }
    /// ```
    pub fn body_mut(&mut self) -> &mut Body {
        &mut self.payload.body
    }

    /// Sets how many bytes of the body, from here on, may be read. More is an error with status 413.
    ///
    /// ```
    /// use waypost::{App, Next, Request, Response, middleware, post, routes, test::Client};
    ///
    /// #[middleware]
    /// async fn guests_send_less(request: &mut Request, next: Next<'_>) -> Response {
    ///     if !request.headers().contains_key("authorization") {
    ///         request.set_body_limit(3);
    ///     }
    ///     next.run(request).await
    /// }
    ///
    /// #[post("/")]
    /// async fn note(_text: String) {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![note].wrap(guests_send_less)));
    /// assert_eq!(client.post("/").body("four").send().await.status(), 413);
    /// let reply = client.post("/").header("authorization", "Bearer abc").body("four").send().await;
    /// assert_eq!(reply.status(), 200);
    /// # }
    /// ```
    pub fn set_body_limit(&mut self, bytes: u64) {
        self.head.body_limit = bytes;
        self.payload.body.set_limit(bytes);
    }

    /// Sets the limit of an app, which leaves a lower one alone: that of an app around it.
    pub(crate) fn limit_body(&mut self, bytes: u64) {
        self.set_body_limit(bytes.min(self.payload.body.limit()));
    }

    /// Gives the request up as the `http` crate's type.
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let mut request = Request::new(http::Request::get("/users").body(Body::empty()).unwrap());
    /// request.headers_mut().insert("via", http::HeaderValue::from_static("1.1 edge"));
    /// let request: http::Request<Body> = request.into_http();
    /// assert_eq!(request.headers()["via"], "1.1 edge");
    /// ```
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
        left.peer = self.head.peer.clone();
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
