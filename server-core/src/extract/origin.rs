//! Where the client's request was addressed to.

use std::fmt;

use crate::error::{Error, Part, Result};
use crate::extract::{Context, Extraction, FromRequest};
use crate::request::{Head, is_host};

/// Scheme and host of the URI that the client asked for (RFC 9110 section 7.1), for links that lead back: the origin
/// before any proxy, where the proxy is trusted and tells.
///
/// ```
/// use waypost::{App, TargetOrigin, get, routes, test::Client};
///
/// #[get("/feed")]
/// async fn feed(origin: TargetOrigin<'_>) -> String {
///     format!("{origin}/feed/1")
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![feed]));
/// let reply = client.get("/feed").header("host", "example.com:8080").send().await;
/// assert_eq!(reply.text().await, "http://example.com:8080/feed/1");
/// # }
/// ```
///
/// | | of a trusted proxy, where it tells | else |
/// |---|---|---|
/// | scheme | `X-Forwarded-Proto`, or `proto` of `Forwarded` | `https` over TLS, `http` otherwise; never what the target says |
/// | host | `X-Forwarded-Host`, or `host` of `Forwarded` | the target's authority, or `Host` |
///
/// Of several values in `X-Forwarded-Proto` and `X-Forwarded-Host`, the last counts. Of `Forwarded`, it is the element
/// that names the client (see [`ClientAddr`](crate::ClientAddr)), or else the nearest one on its right that tells. A
/// value that is no scheme of HTTP or no host is as good as none; `X-Forwarded-Port` is not read.
///
/// The host is well-formed, and it is still the client's word: whoever can reach the server can name any. Compare it
/// with the hosts you have, or bind the routes to them, before a link to it goes to somebody else, as in a mail.
///
/// Missing where the request names no host, which HTTP/1.0 allows; 400 where it names what is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetOrigin<'r> {
    scheme: &'static str,
    host: &'r str,
}

impl<'r> TargetOrigin<'r> {
    /// Reads it from a head, such as a middleware's.
    ///
    /// # Errors
    ///
    /// As the extractor's: 400, [missing](Error::is_missing) where the request names no host.
    ///
    /// ```
    /// use waypost::{Body, Request, TargetOrigin, http};
    ///
    /// let request = http::Request::get("/").header("host", "[::1]:80").body(Body::empty()).unwrap();
    /// assert_eq!(TargetOrigin::of(Request::new(request).head()).unwrap().to_string(), "http://[::1]:80");
    /// ```
    pub fn of(head: &'r Head) -> Result<Self> {
        let host = head.client_host().ok_or_else(|| Error::missing(Part::Header, "host"))?;
        if !is_host(host) {
            return Err(Error::invalid(Part::Header, "host", "not a host"));
        }
        Ok(Self { scheme: head.client_scheme(), host })
    }

    /// `http` or `https`.
    ///
    /// ```
    /// use waypost::{App, Peer, Redirect, TargetOrigin, TlsInfo, TlsVersion, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn home(origin: TargetOrigin<'_>) -> Result<&'static str, Redirect> {
    ///     match origin.scheme() {
    ///         "https" => Ok("hello"),
    ///         _ => Err(Redirect::permanent(&format!("https://{}/", origin.host()))),
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let plain = Client::new(App::new(routes![home]));
    /// assert_eq!(plain.get("/").send().await.header("location"), Some("https://localhost/"));
    /// let peer = Peer::default().with_tls(TlsInfo::new(TlsVersion::Tls13));
    /// let tls = Client::new(App::new(routes![home])).with_peer(peer);
    /// assert_eq!(tls.get("/").send().await.text().await, "hello");
    /// # }
    /// ```
    #[must_use]
    pub fn scheme(self) -> &'static str {
        self.scheme
    }

    /// A DNS name or an IP address, with its port if it was named; in the case the client wrote it.
    ///
    /// ```
    /// use waypost::{Body, Request, TargetOrigin, http};
    ///
    /// let request = |host| http::Request::get("/").header("host", host).body(Body::empty()).unwrap();
    /// let good = Request::new(request("Example.com:8080"));
    /// assert_eq!(TargetOrigin::of(good.head()).unwrap().host(), "Example.com:8080");
    /// let bad = Request::new(request("example.com/path"));
    /// assert_eq!(TargetOrigin::of(bad.head()).unwrap_err().status(), 400);
    /// ```
    #[must_use]
    pub fn host(self) -> &'r str {
        self.host
    }
}

/// As a URI without path: `https://example.com`.
impl fmt::Display for TargetOrigin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)
    }
}

impl<'r, S> FromRequest<'r, S> for TargetOrigin<'r> {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(Self::of(context.head()))
    }
}
