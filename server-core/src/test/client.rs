//! The client.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::cookies::Cookies;
use super::{Reply, RequestBuilder};
use crate::body::Body;
use crate::respond::{Peer, Respond, TlsInfo};

/// Sends requests to an application, or whatever else [answers](Respond) them, by calling it.
///
/// Nothing of HTTP's wire is involved: what the transport adds, such as `Date` or the bounds on a request's head,
/// is not there.
///
/// ```
/// use waypost::{App, get, routes, test::Client};
///
/// #[get("/")]
/// async fn tenant(#[header("x-tenant")] tenant: &str) -> String {
///     tenant.to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![tenant])).with_header("x-tenant", "acme");
/// assert_eq!(client.get("/").send().await.text().await, "acme");
/// # }
/// ```
pub struct Client<A> {
    app: Arc<A>,
    peer: Peer,
    headers: HeaderMap,
    cookies: Option<Mutex<Cookies>>,
}

impl<A: Respond> Client<A> {
    /// A client of this application.
    #[must_use]
    pub fn new(app: A) -> Self {
        Self { app: Arc::new(app), peer: Peer::default(), headers: HeaderMap::new(), cookies: None }
    }

    /// Keeps the cookies that replies set, and sends them back.
    ///
    /// ```
    /// use waypost::{App, IntoResponse, get, routes, test::Client};
    ///
    /// #[get("/login")]
    /// async fn login() -> impl IntoResponse {
    ///     ([("set-cookie", "session=7")], "welcome")
    /// }
    ///
    /// #[get("/me")]
    /// async fn me(#[header("cookie")] cookie: &str) -> String {
    ///     cookie.to_owned()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![login, me])).with_cookies();
    /// client.get("/login").send().await;
    /// assert_eq!(client.get("/me").send().await.text().await, "session=7");
    /// # }
    /// ```
    #[must_use]
    pub fn with_cookies(mut self) -> Self {
        self.cookies = Some(Mutex::default());
        self
    }

    /// Sends this field with every request.
    ///
    /// # Panics
    ///
    /// Where it is no header field (RFC 9110 section 5).
    #[must_use]
    #[track_caller]
    pub fn with_header<K, V>(mut self, name: K, value: V) -> Self
    where
        K: TryInto<HeaderName, Error: fmt::Debug>,
        V: TryInto<HeaderValue, Error: fmt::Debug>,
    {
        let name = name.try_into().unwrap_or_else(|error| panic!("not a header name: {error:?}"));
        let value = value.try_into().unwrap_or_else(|error| panic!("not a header value: {error:?}"));
        self.headers.append(name, value);
        self
    }

    /// Has requests come from this address.
    #[must_use]
    pub fn with_address(mut self, address: SocketAddr) -> Self {
        self.peer.address = Some(address);
        self
    }

    /// Has requests come over TLS.
    ///
    /// ```
    /// use waypost::{App, TlsInfo, TlsVersion, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn version(tls: &TlsInfo) -> &'static str {
    ///     tls.version().as_str()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![version])).with_tls(TlsInfo::new(TlsVersion::Tls12));
    /// assert_eq!(client.get("/").send().await.text().await, "TLSv1.2");
    /// # }
    /// ```
    #[must_use]
    pub fn with_tls(mut self, info: TlsInfo) -> Self {
        self.peer = self.peer.with_tls(info);
        self
    }

    /// A request with any method. `target` is a path, with or without a query, or an absolute URI.
    pub fn request(&self, method: Method, target: &str) -> RequestBuilder<'_, A> {
        RequestBuilder::new(self, method, target)
    }

    /// A GET request.
    pub fn get(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::GET, target)
    }

    /// A POST request.
    pub fn post(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::POST, target)
    }

    /// A PUT request.
    pub fn put(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::PUT, target)
    }

    /// A PATCH request.
    pub fn patch(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::PATCH, target)
    }

    /// A DELETE request.
    pub fn delete(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::DELETE, target)
    }

    /// A HEAD request.
    pub fn head(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::HEAD, target)
    }

    /// An OPTIONS request.
    pub fn options(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::OPTIONS, target)
    }

    /// Sends a request that is already made.
    ///
    /// ```
    /// use waypost::{App, Body, http::Request, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let request = Request::builder().uri("/nowhere").body(Body::empty()).unwrap();
    /// assert_eq!(Client::new(App::new(routes![])).send(request).await.status(), 404);
    /// # }
    /// ```
    pub async fn send(&self, mut request: http::Request<Body>) -> Reply {
        for (name, value) in &self.headers {
            if !request.headers().contains_key(name) {
                request.headers_mut().append(name, value.clone());
            }
        }
        let cookies = || self.cookies.as_ref().map(|jar| jar.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(value) = cookies().and_then(|jar| jar.header(request.uri().path())) {
            request.headers_mut().entry(http::header::COOKIE).or_insert(value);
        }
        let path = request.uri().path().to_owned();
        let response = self.app.respond(request, &self.peer).await;
        if let Some(mut jar) = cookies() {
            jar.keep(&path, response.headers());
        }
        Reply::new(response)
    }
}

impl<A> fmt::Debug for Client<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("peer", &self.peer)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
