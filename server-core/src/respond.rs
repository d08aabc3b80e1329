//! Where transport and application meet: one side has requests, the other answers them.

use std::future::Future;

use crate::body::Body;
use crate::response::Response;

mod peer;
mod tls_info;

pub(crate) use peer::Forwarded;
pub use peer::Peer;
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
    ///
    /// ```
    /// use waypost::{App, Body, Peer, Respond, get, http::Request, routes};
    ///
    /// #[get("/")]
    /// async fn index() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let app = App::new(routes![index]);
    /// let response = app.respond(Request::new(Body::empty()), &Peer::default()).await;
    /// assert_eq!(response.status(), 200);
    /// # }
    /// ```
    fn respond<'a>(
        &'a self,
        request: http::Request<Body>,
        peer: &'a Peer,
    ) -> impl Future<Output = Response> + Send + 'a;
}
