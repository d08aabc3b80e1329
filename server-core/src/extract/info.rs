//! What is known of a request besides its content.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Method, Uri, Version};

use crate::error::Error;
use crate::extract::{Context, Extraction, FromRequest};
use crate::lifecycle::Shutdown;
use crate::request::Head;
use crate::respond::Peer;
use crate::routing::Route;

/// The client's address: the peer's, or, where the peer is a proxy that is trusted, what the proxy tells.
///
/// Which fields are believed, and whose, is a [setting](crate::ForwardedHeaders); by default it is nobody's, and the
/// address is that of the socket's peer ([`Head::peer`]) or of its PROXY header. Else it is found as follows.
///
/// 1. The elements of `X-Forwarded-For` or `Forwarded` are taken from the right to the left, in all lines of the field.
///    The last was written by the peer, each of the others by whoever is named to the right of it.
/// 2. The first address that is no [trusted proxy's](crate::TrustedProxies) is the client. Whatever is on its left is
///    the client's own text, and is not looked at.
/// 3. An element that is empty, malformed, `unknown` or hidden (`_name`) ends the search. Then, and where all are
///    trusted, the last address that was found counts: for such a proxy's clients, the proxy's own. After 32 elements
///    the search ends in the same way.
///
/// The port is 0 where the element names none, as most do. An IPv4-mapped IPv6 address comes as the IPv4 address. In an
/// element of `Forwarded`, [`TargetOrigin`](crate::TargetOrigin) finds `proto` and `host`.
///
/// It is read when it is asked for, so that nobody else pays for it.
///
/// ```
/// use waypost::{App, ClientAddr, get, routes, test::Client};
///
/// #[get("/ip")]
/// async fn ip(address: ClientAddr) -> String {
///     address.ip().to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![ip])).with_address(([192, 0, 2, 1], 4711).into());
/// assert_eq!(client.get("/ip").send().await.text().await, "192.0.2.1");
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddr(pub SocketAddr);

impl ClientAddr {
    /// Its IP address.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    /// use waypost::ClientAddr;
    ///
    /// let address = ClientAddr(([192, 0, 2, 1], 4711).into());
    /// assert_eq!(address.ip(), Ipv4Addr::new(192, 0, 2, 1));
    /// ```
    #[must_use]
    pub fn ip(self) -> IpAddr {
        self.0.ip()
    }
}

/// Missing where nobody knows it: in process, or on a Unix socket unless a trusted peer tells.
impl<'r, S> FromRequest<'r, S> for ClientAddr {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        let missing = || Error::absent("nobody knows the client's address");
        Extraction::ready(context.head().client_addr().map(Self).ok_or_else(missing))
    }
}

/// How the server says that it is about to end.
impl<'r, S> FromRequest<'r, S> for Shutdown {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(Ok(context.head().peer.shutdown()))
    }
}

/// Every route of the app, as [`App::routes`](crate::App::routes) lists them.
impl<'r, S> FromRequest<'r, S> for &'r [Route] {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(Ok(context.routes()))
    }
}

/// The route that matched; missing in a fallback handler.
impl<'r, S> FromRequest<'r, S> for &'r Route {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(context.route().ok_or_else(|| Error::absent("no route matched")))
    }
}

macro_rules! from_head {
    ($($(#[$doc:meta])* $what:ty: $head:ident => $value:expr;)*) => { $(
        $(#[$doc])*
        impl<'r, S> FromRequest<'r, S> for $what {
            #[inline]
            fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
                let $head = context.head();
                Extraction::ready(Ok($value))
            }
        }
    )* };
}

from_head! {
    &'r Head: head => head;
    &'r Peer: head => head.peer();
    &'r HeaderMap: head => head.headers();
    &'r Uri: head => head.uri();
    Uri: head => head.uri().clone();
    &'r Method: head => head.method();
    Method: head => head.method().clone();
    Version: head => head.version();
}
