//! What is known of a request besides its content.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Method, Uri, Version};

use crate::error::Error;
use crate::extract::{Context, Extraction, FromRequest};
use crate::request::Head;
use crate::routing::Route;

/// The client's socket address, as the transport knows it: behind a proxy, the proxy's.
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

/// Missing where the transport has no addresses, such as in process.
impl<'r, S> FromRequest<'r, S> for ClientAddr {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        let missing = || Error::absent("the transport does not know the client's address");
        Extraction::ready(context.head().client_addr().map(Self).ok_or_else(missing))
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
    &'r HeaderMap: head => head.headers();
    &'r Uri: head => head.uri();
    Uri: head => head.uri().clone();
    &'r Method: head => head.method();
    Method: head => head.method().clone();
    Version: head => head.version();
}
