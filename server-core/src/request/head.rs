//! Everything of a request but its body.

use std::net::SocketAddr;

use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Uri, Version};

use crate::request::{Captures, Miss};
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
    pub(crate) peer: Option<SocketAddr>,
    /// The target as it was received, where its path was not in normal form.
    original: Option<Box<Uri>>,
    /// The routed path, where a service may have changed the target since.
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
            peer: None,
            original: None,
            pinned_path: None,
            captures: Captures::EMPTY,
            miss: None,
            body_limit: u64::MAX,
            scratch: Scratch::default(),
        }
    }

    /// The method (RFC 9110 section 9).
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The target, its path in normal form: unreserved characters unescaped (RFC 3986 section 6.2.2).
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// The target as it was received, such as for checking a signature.
    #[must_use]
    pub fn original_uri(&self) -> &Uri {
        self.original.as_deref().unwrap_or(&self.parts.uri)
    }

    /// The path that was routed.
    #[must_use]
    pub fn path(&self) -> &str {
        match &self.pinned_path {
            None => self.parts.uri.path(),
            Some(path) => path,
        }
    }

    /// The raw query, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.parts.uri.query()
    }

    /// The protocol version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.parts.version
    }

    /// The header fields.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// Values that middleware handed on.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.parts.extensions
    }

    /// The client's socket address, where the transport knows one.
    #[must_use]
    pub fn client_addr(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The host that was asked for: the target's authority, else the `Host` field (RFC 9112 section 3.2).
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self.parts.uri.authority() {
            // Whatever stands before an `@` is nobody's host.
            Some(authority) => authority.as_str().rsplit('@').next(),
            None => self.parts.headers.get(http::header::HOST)?.to_str().ok(),
        }
    }

    /// Replaces the target's path by its normal form, so that all see the one that is routed.
    #[cold]
    pub(crate) fn set_path(&mut self, path: &str) {
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
