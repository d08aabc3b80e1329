//! Where transport and application meet: one side has requests, the other answers them.

use std::future::Future;

use crate::body::Body;
use crate::response::Response;

mod peer;
mod seat;
mod tls_info;

pub(crate) use peer::Forwarded;
pub use peer::Peer;
pub use seat::Seat;
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

    /// As [`respond`](Self::respond), with the response left in the seat, where it need not be moved.
    #[doc(hidden)]
    fn respond_in<'a>(
        &'a self,
        request: http::Request<Body>,
        peer: &'a Peer,
        mut seat: Box<Seat>,
    ) -> impl Future<Output = Box<Seat>> + Send + 'a {
        async move {
            seat.slot.fill(self.respond(request, peer).await);
            seat
        }
    }

    /// Whether CONNECT requests get here (RFC 9110 section 9.3.6). Where they do not, which is so unless something else is
    /// said, a server answers them 501. An [`App`](crate::App) takes them if it has a route for CONNECT at `/`.
    ///
    /// It is asked whenever there is such a request. Its target is in authority-form, with a port; a tunnel comes of it
    /// only by an [`Upgrade`](crate::Upgrade) that a route has accepted.
    ///
    /// ```
    /// use waypost::{App, Respond, Response, Upgrade, get, route, routes};
    ///
    /// #[get("/")]
    /// async fn index() {}
    ///
    /// #[route(CONNECT, "/")]
    /// async fn echo(upgrade: Upgrade) -> Response {
    ///     upgrade.accept("", async |stream| {
    ///         let (mut read, mut write) = tokio::io::split(stream);
    ///         let _ = tokio::io::copy(&mut read, &mut write).await;
    ///     })
    /// }
    ///
    /// assert!(!App::new(routes![index]).takes_connect());
    /// assert!(App::new(routes![index, echo]).takes_connect());
    /// ```
    fn takes_connect(&self) -> bool {
        false
    }
}
