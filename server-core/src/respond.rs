//! Where transport and application meet: one side has requests, the other answers them.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::body::Body;
use crate::response::Response;

mod tls_info;

pub use tls_info::{TlsInfo, TlsVersion};

/// Answers requests. [`App`](crate::App) does; a [`Server`](crate::Server) serves whatever does.
///
/// ```
/// use waypost::{Body, Peer, Respond, Response, test::Client};
///
/// /// Answers everything in the same way.
/// struct Closed;
///
/// impl Respond for Closed {
///     async fn respond<'a>(&'a self, _: waypost::http::Request<Body>, _: &'a Peer) -> Response {
///         Response::new("closed for today".into())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(Client::new(Closed).get("/").send().await.text().await, "closed for today");
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an application",
    label = "this cannot answer requests",
    note = "make one with `App::new(routes![..])`"
)]
pub trait Respond: Send + Sync + 'static {
    /// Answers one request of the peer.
    ///
    /// The future may be dropped before it is done, when the peer goes away.
    fn respond<'a>(
        &'a self,
        request: http::Request<Body>,
        peer: &'a Peer,
    ) -> impl Future<Output = Response> + Send + 'a;
}

/// The other end of a connection, as the transport knows it.
///
/// ```
/// use waypost::Peer;
///
/// let peer = Peer::new(Some(([192, 0, 2, 1], 4711).into()));
/// assert_eq!(peer.address.unwrap().port(), 4711);
/// assert_eq!(Peer::default().address, None);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Peer {
    /// Its socket address; `None` where the transport has none, such as a Unix socket.
    pub address: Option<SocketAddr>,
    /// What TLS found out about it; `None` on a connection without.
    pub tls: Option<Arc<TlsInfo>>,
}

impl Peer {
    /// A peer known by its socket address.
    #[must_use]
    pub fn new(address: Option<SocketAddr>) -> Self {
        Self { address, tls: None }
    }

    /// The same, on a connection with TLS.
    ///
    /// ```
    /// use waypost::{Peer, TlsInfo, TlsVersion};
    ///
    /// let peer = Peer::default().with_tls(TlsInfo::new(TlsVersion::Tls13));
    /// assert_eq!(peer.tls.unwrap().version(), TlsVersion::Tls13);
    /// ```
    #[must_use]
    pub fn with_tls(mut self, info: TlsInfo) -> Self {
        self.tls = Some(Arc::new(info));
        self
    }
}
