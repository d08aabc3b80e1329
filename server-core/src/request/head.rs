//! Everything of a request but its body.

use std::net::SocketAddr;

use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Uri, Version};

use crate::authority::without_userinfo;
use crate::request::{Captures, Miss, forwarded};
use crate::respond::{Peer, TlsInfo};
use crate::scratch::Scratch;

/// A request's head. As an argument, `&Head`, it lends all of it to the handler.
///
/// ```
/// use waypost::{App, Head, get, routes, test::Client};
///
/// #[get("/{*rest}")]
/// async fn echo(_rest: &str, head: &Head) -> String {
///     format!("{} {} {:?}", head.method(), head.path(), head.query())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![echo]));
/// assert_eq!(client.get("/%61/b?c=d").send().await.text().await, r#"GET /a/b Some("c=d")"#);
/// # }
/// ```
#[derive(Debug)]
pub struct Head {
    pub(crate) parts: Parts,
    pub(crate) peer: Peer,
    /// The target as it was received, where its path was not in normal form.
    original: Option<Box<Uri>>,
    /// The routed path, where a service may have changed the target since, or the target has none.
    pinned_path: Option<Box<str>>,
    /// Where in the routed path the parameters lie.
    pub(crate) captures: Captures,
    /// Why no route was found; the app answers it where the route would have.
    pub(crate) miss: Option<Box<Miss>>,
    /// How many bytes the body may have; it is here so that it stays when a layer replaces the body.
    pub(crate) body_limit: u64,
    /// Text that had to be unescaped, kept for as long as the handler runs.
    pub(crate) scratch: Scratch,
}

impl Head {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            parts,
            peer: Peer::default(),
            original: None,
            pinned_path: None,
            captures: Captures::EMPTY,
            miss: None,
            body_limit: u64::MAX,
            scratch: Scratch::default(),
        }
    }

    /// The method (RFC 9110 section 9).
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = Request::new(http::Request::post("/users").body(Body::empty()).unwrap());
    /// assert_eq!(request.head().method(), http::Method::POST);
    /// ```
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The target, its path in normal form: unreserved characters unescaped (RFC 3986 section 6.2.2).
    ///
    /// ```
    /// use waypost::{App, Head, get, routes, test::Client};
    ///
    /// #[get("/a b")]
    /// async fn here(head: &Head) -> String {
    ///     head.uri().to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![here]));
    /// assert_eq!(client.get("/%61%20b?c").send().await.text().await, "/a%20b?c");
    /// # }
    /// ```
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// The target as it was received, such as for checking a signature.
    ///
    /// ```
    /// use waypost::{App, Head, get, routes, test::Client};
    ///
    /// #[get("/a")]
    /// async fn here(head: &Head) -> String {
    ///     head.original_uri().to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![here]));
    /// assert_eq!(client.get("/%61").send().await.text().await, "/%61");
    /// # }
    /// ```
    #[must_use]
    pub fn original_uri(&self) -> &Uri {
        self.original.as_deref().unwrap_or(&self.parts.uri)
    }

    /// The path that was routed.
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = Request::new(http::Request::get("/users?page=2").body(Body::empty()).unwrap());
    /// assert_eq!(request.head().path(), "/users");
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        routed_path(&self.parts, self.pinned_path.as_deref())
    }

    /// The raw query, without its question mark.
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = Request::new(http::Request::get("/users?page=2").body(Body::empty()).unwrap());
    /// assert_eq!(request.head().query(), Some("page=2"));
    /// ```
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.parts.uri.query()
    }

    /// The protocol version.
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = Request::new(http::Request::get("/").version(http::Version::HTTP_2).body(Body::empty()).unwrap());
    /// assert_eq!(request.head().version(), http::Version::HTTP_2);
    /// ```
    #[must_use]
    pub fn version(&self) -> Version {
        self.parts.version
    }

    /// The header fields.
    ///
    /// ```
    /// use waypost::{App, Head, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn count(head: &Head) -> String {
    ///     head.headers().get_all("x-tag").iter().count().to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![count]));
    /// let reply = client.get("/").header("x-tag", "a").header("x-tag", "b").send().await;
    /// assert_eq!(reply.text().await, "2");
    /// # }
    /// ```
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// Values that middleware handed on.
    ///
    /// ```
    /// use waypost::{App, Head, Next, Request, Response, get, middleware, routes, test::Client};
    ///
    /// #[derive(Clone)]
    /// struct Depth(u8);
    ///
    /// #[middleware]
    /// async fn deep(request: &mut Request, next: Next<'_>) -> Response {
    ///     request.extensions_mut().insert(Depth(3));
    ///     next.run(request).await
    /// }
    ///
    /// #[get("/")]
    /// async fn depth(head: &Head) -> Option<String> {
    ///     head.extensions().get::<Depth>().map(|depth| depth.0.to_string())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![depth].wrap(deep)));
    /// assert_eq!(client.get("/").send().await.text().await, "3");
    /// # }
    /// ```
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.parts.extensions
    }

    /// The client's address: the peer's, where it has one, or what trusted proxies tell; see
    /// [`ClientAddr`](crate::ClientAddr). It is read from the fields each time it is asked for.
    ///
    /// ```
    /// use waypost::{App, Head, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn port(head: &Head) -> Option<String> {
    ///     head.client_addr().map(|address| address.port().to_string())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![port])).with_address(([192, 0, 2, 1], 4711).into());
    /// assert_eq!(client.get("/").send().await.text().await, "4711");
    /// # }
    /// ```
    #[must_use]
    pub fn client_addr(&self) -> Option<SocketAddr> {
        forwarded::client(&self.peer, &self.parts.headers)
    }

    /// What TLS found out about the client; `None` on a connection without, such as one from a proxy that ended TLS itself.
    ///
    /// ```
    /// use waypost::{App, Head, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn scheme(head: &Head) -> &'static str {
    ///     if head.tls().is_some() { "https" } else { "http" }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// assert_eq!(Client::new(App::new(routes![scheme])).get("/").send().await.text().await, "http");
    /// # }
    /// ```
    #[must_use]
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.peer.tls()
    }

    /// The other end of the connection, be it the client or a proxy. `&Peer` is an argument, too.
    ///
    /// ```
    /// use waypost::{App, Head, Peer, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn both(head: &Head, peer: &Peer) -> String {
    ///     assert_eq!(head.peer().address, peer.address);
    ///     peer.address.unwrap().to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![both])).with_address(([192, 0, 2, 1], 4711).into());
    /// assert_eq!(client.get("/").send().await.text().await, "192.0.2.1:4711");
    /// # }
    /// ```
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// `http` or `https`: see [`TargetOrigin`](crate::TargetOrigin).
    pub(crate) fn client_scheme(&self) -> &'static str {
        forwarded::scheme(&self.peer, &self.parts.headers)
    }

    /// The host that the client asked for, before any proxy: see [`TargetOrigin`](crate::TargetOrigin).
    pub(crate) fn client_host(&self) -> Option<&str> {
        forwarded::host(&self.peer, &self.parts.headers).or_else(|| self.host())
    }

    /// The host that the peer asked for: the target's authority, else the `Host` field (RFC 9112 section 3.2).
    ///
    /// ```
    /// use waypost::{Body, Request, http};
    ///
    /// let request = http::Request::get("/").header("host", "example.com:8080").body(Body::empty()).unwrap();
    /// assert_eq!(Request::new(request).head().host(), Some("example.com:8080"));
    /// let request = http::Request::get("http://example.org/").body(Body::empty()).unwrap();
    /// assert_eq!(Request::new(request).head().host(), Some("example.org"));
    /// ```
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        host_of(&self.parts)
    }

    /// What a route is found by, and where its parameters' places are to be left.
    #[inline]
    pub(crate) fn routing(&mut self) -> (&Parts, &str, &mut Captures) {
        (&self.parts, routed_path(&self.parts, self.pinned_path.as_deref()), &mut self.captures)
    }

    /// Replaces the target's path by its normal form, so that all see the one that is routed.
    #[cold]
    pub(crate) fn set_path(&mut self, path: &str) {
        // A target in authority-form, which is CONNECT's, has no room for one.
        if self.parts.uri.scheme().is_none() && self.parts.uri.authority().is_some() {
            self.pinned_path = Some(path.into());
            return;
        }
        let original = std::mem::take(&mut self.parts.uri);
        let mut parts = original.clone().into_parts();
        self.original = Some(Box::new(original));
        let target = match parts.path_and_query.as_ref().and_then(|target| target.query()) {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        // A normal form is always a path, and the other parts were a target before.
        parts.path_and_query = target.parse().ok();
        self.parts.uri = Uri::from_parts(parts).unwrap_or_default();
    }

    /// Keeps the routed path apart from the target, which a service may now change.
    pub(crate) fn pin_path(&mut self) {
        if self.pinned_path.is_none() {
            self.pinned_path = Some(self.parts.uri.path().into());
        }
    }

    /// The raw text of the parameter at `index`, counted from the first of the whole path.
    pub(crate) fn capture(&self, index: usize) -> Option<&str> {
        self.path().get(self.captures.get(index)?)
    }
}

#[inline]
fn routed_path<'a>(parts: &'a Parts, pinned: Option<&'a str>) -> &'a str {
    match pinned {
        None => parts.uri.path(),
        Some(path) => path,
    }
}

/// As [`Head::host`].
pub(crate) fn host_of(parts: &Parts) -> Option<&str> {
    match parts.uri.authority() {
        Some(authority) => Some(without_userinfo(authority.as_str())),
        None => parts.headers.get(http::header::HOST)?.to_str().ok(),
    }
}
