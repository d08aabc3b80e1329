//! The client.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::cookies::Cookies;
use super::request::append;
use super::{Reply, RequestBuilder};
use crate::body::Body;
use crate::respond::{Peer, Respond, TlsInfo};
use crate::response::Response;

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
    ///
    /// ```
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![]));
    /// assert_eq!(client.get("/").send().await.status(), 404);
    /// # }
    /// ```
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
    /// ```
    /// use waypost::{App, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn language(#[header("accept-language")] language: &str) -> String {
    ///     language.to_owned()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![language])).with_header("accept-language", "eo");
    /// assert_eq!(client.get("/").send().await.text().await, "eo");
    /// # }
    /// ```
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
        append(&mut self.headers, name, value);
        self
    }

    /// Whether every request has this field.
    pub(super) fn sends(&self, name: &HeaderName) -> bool {
        self.headers.contains_key(name)
    }

    /// Has requests come from this address.
    ///
    /// ```
    /// use waypost::{App, ClientAddr, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn port(address: ClientAddr) -> String {
    ///     address.0.port().to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![port])).with_address(([192, 0, 2, 1], 4711).into());
    /// assert_eq!(client.get("/").send().await.text().await, "4711");
    /// # }
    /// ```
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

    /// Has requests come from this peer: over TLS, by a Unix socket, or from a proxy that is trusted.
    ///
    /// ```
    /// use waypost::test::Client;
    /// use waypost::{App, ClientAddr, ForwardedHeaders, Peer, TrustedProxies, get, routes};
    ///
    /// #[get("/ip")]
    /// async fn ip(client: ClientAddr) -> String {
    ///     client.ip().to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let proxies = TrustedProxies::new(["unix"]).unwrap();
    /// let peer = Peer::unix().with_forwarded(ForwardedHeaders::Rfc7239, &proxies);
    /// let client = Client::new(App::new(routes![ip])).with_peer(peer);
    /// let reply = client.get("/ip").header("forwarded", "for=192.0.2.7").send().await;
    /// assert_eq!(reply.text().await, "192.0.2.7");
    /// # }
    /// ```
    #[must_use]
    pub fn with_peer(mut self, peer: Peer) -> Self {
        self.peer = peer;
        self
    }

    /// A request with any method. `target` is a path, with or without a query, or an absolute URI.
    ///
    /// ```
    /// use waypost::{App, http::Method, route, routes, test::Client};
    ///
    /// #[route(TRACE, "/")]
    /// async fn trace() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![trace]));
    /// assert_eq!(client.request(Method::TRACE, "/").send().await.status(), 200);
    /// # }
    /// ```
    pub fn request(&self, method: Method, target: &str) -> RequestBuilder<'_, A> {
        RequestBuilder::new(self, method, target)
    }

    /// A GET request.
    ///
    /// ```
    /// use waypost::{App, get, routes, test::Client};
    ///
    /// #[get("/search?{q}")]
    /// async fn search(q: &str) -> String {
    ///     format!("nothing found for {q}")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![search]));
    /// assert_eq!(client.get("/search?q=tea").send().await.text().await, "nothing found for tea");
    /// # }
    /// ```
    pub fn get(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::GET, target)
    }

    /// A POST request.
    ///
    /// ```
    /// use waypost::{App, post, routes, test::Client};
    ///
    /// #[post("/notes", status = 201)]
    /// async fn create(_text: String) {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![create]));
    /// assert_eq!(client.post("/notes").body("buy tea").send().await.status(), 201);
    /// # }
    /// ```
    pub fn post(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::POST, target)
    }

    /// A PUT request.
    ///
    /// ```
    /// use waypost::{App, put, routes, test::Client};
    ///
    /// #[put("/notes/{id}")]
    /// async fn replace(id: u64, text: String) -> String {
    ///     format!("{id}: {text}")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![replace]));
    /// assert_eq!(client.put("/notes/7").body("buy tea").send().await.text().await, "7: buy tea");
    /// # }
    /// ```
    pub fn put(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::PUT, target)
    }

    /// A PATCH request.
    ///
    /// ```
    /// use waypost::{App, patch, routes, test::Client};
    ///
    /// #[patch("/notes/{id}?{done}")]
    /// async fn mark(id: u64, done: bool) -> String {
    ///     format!("{id}: {done}")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![mark]));
    /// assert_eq!(client.patch("/notes/7?done=true").send().await.text().await, "7: true");
    /// # }
    /// ```
    pub fn patch(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::PATCH, target)
    }

    /// A DELETE request.
    ///
    /// ```
    /// use waypost::{App, delete, routes, test::Client};
    ///
    /// #[delete("/notes/{_id}", status = 204)]
    /// async fn remove(_id: u64) {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![remove]));
    /// assert_eq!(client.delete("/notes/7").send().await.status(), 204);
    /// # }
    /// ```
    pub fn delete(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::DELETE, target)
    }

    /// A HEAD request.
    ///
    /// ```
    /// use waypost::{App, get, routes, test::Client};
    ///
    /// #[get("/notes")]
    /// async fn list() -> &'static str {
    ///     "buy tea"
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let reply = Client::new(App::new(routes![list])).head("/notes").send().await;
    /// assert_eq!(reply.header("content-length"), Some("7"));
    /// assert_eq!(reply.text().await, "");
    /// # }
    /// ```
    pub fn head(&self, target: &str) -> RequestBuilder<'_, A> {
        self.request(Method::HEAD, target)
    }

    /// An OPTIONS request.
    ///
    /// ```
    /// use waypost::{App, get, routes, test::Client};
    ///
    /// #[get("/notes")]
    /// async fn list() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let reply = Client::new(App::new(routes![list])).options("/notes").send().await;
    /// assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"));
    /// # }
    /// ```
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
        // Boxed, so that no test's future contains all of the application's.
        let answer: Pin<Box<dyn Future<Output = Response> + Send>> =
            Box::pin(self.app.respond(request, &self.peer));
        let response = answer.await;
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
