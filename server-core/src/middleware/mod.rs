//! What runs around routes.

mod body_limit;
mod catch_panic;
#[cfg(feature = "compression")]
mod compression;
mod layer;
mod next;
mod steps;
#[cfg(feature = "server")]
mod timeout;
mod wrap;

use std::future::Future;

pub use body_limit::BodyLimit;
pub use catch_panic::CatchPanic;
#[cfg(feature = "compression")]
pub use compression::Compression;
pub use layer::{Layered, Mount, Rest, mount};
pub use next::{Chain, Next, Remaining};
pub use steps::{made, taken};
#[cfg(feature = "server")]
pub use timeout::Timeout;
pub use wrap::Wrap;

use crate::request::Request;
use crate::response::{Answered, Response};

pub(crate) use catch_panic::Caught;

/// Runs around the routes it [wraps](crate::RouteSet::wrap): it may answer by itself, change the request before the
/// next step, and change the response after it.
///
/// [`#[middleware]`](macro@crate::middleware) makes one of a function. Implement the trait for one with settings:
///
/// ```
/// use std::future::Future;
/// use waypost::{App, Chain, Middleware, Next, Request, Response, http::HeaderValue, routes, test::Client};
///
/// /// Says which server answered.
/// struct Via(HeaderValue);
///
/// impl<S: Sync> Middleware<S> for Via {
///     async fn handle<'a, C: Chain + 'a>(
///         &'a self,
///         request: &'a mut Request,
///         _state: &'a S,
///         next: Next<'a, C>,
///     ) -> Response {
///         let mut response = next.run(request).await;
///         response.headers_mut().insert("via", self.0.clone());
///         response
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![]).wrap(Via(HeaderValue::from_static("1.1 edge"))));
/// assert_eq!(client.get("/").send().await.header("via"), Some("1.1 edge"));
/// # }
/// ```
///
/// Everything is dispatched statically: a middleware costs what it does, and no allocation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a middleware",
    label = "it cannot run around routes for the state `{S}`",
    note = "put `#[middleware]` on an `async fn(request: &mut Request, next: Next<'_>) -> Response`, or implement `Middleware`"
)]
pub trait Middleware<S>: Send + Sync + 'static {
    /// Answers the request, usually by running the next step.
    ///
    /// ```
    /// use waypost::{Chain, Error, IntoResponse, Middleware, Next, Request, Response};
    /// # use waypost::{App, routes, test::Client};
    ///
    /// /// Answers in the place of whatever is beneath.
    /// struct Closed;
    ///
    /// impl<S: Sync> Middleware<S> for Closed {
    ///     async fn handle<'a, C: Chain + 'a>(&'a self, _: &'a mut Request, _: &'a S, _: Next<'a, C>) -> Response {
    ///         Error::forbidden().into_response()
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # assert_eq!(Client::new(App::new(routes![]).wrap(Closed)).get("/").send().await.status(), 403);
    /// # }
    /// ```
    fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        state: &'a S,
        next: Next<'a, C>,
    ) -> impl Future<Output = Response> + Send + 'a;

    /// As [`handle`](Self::handle), with the response in a slot, the one of `next` perhaps: who does not touch it does not
    /// move it.
    #[doc(hidden)]
    fn pass<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        state: &'a S,
        next: Next<'a, C>,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a
    where
        S: Sync,
    {
        made(move || self.handle(request, state, next), Answered::made)
    }
}
