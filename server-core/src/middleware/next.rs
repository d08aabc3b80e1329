//! The rest of a request's way.

use std::fmt;
use std::future::Future;

use super::steps::taken;
use crate::request::Request;
use crate::response::{Answered, Response, Slot};
use crate::routing::Scope;
use crate::routing::{Route, Routes};

/// The next step: the middleware beneath, or the handler.
///
/// In a function with [`#[middleware]`](macro@crate::middleware) it is written `Next<'_>`; the attribute fills in
/// what it stands for, so that it is called statically.
///
/// ```
/// use waypost::{App, Next, Request, Response, get, http::HeaderValue, middleware, routes, test::Client};
///
/// /// Says which route answered.
/// #[middleware]
/// async fn named(request: &mut Request, next: Next<'_>) -> Response {
///     let route = next.route().map(|route| HeaderValue::from_str(route.path()).unwrap());
///     let mut response = next.run(request).await;
///     if let Some(path) = route {
///         response.headers_mut().insert("x-route", path);
///     }
///     response
/// }
///
/// #[get("/users/{id}")]
/// async fn user(id: u64) -> String {
///     id.to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![user].wrap(named)));
/// assert_eq!(client.get("/users/7").send().await.header("x-route"), Some("/users/{id}"));
/// # }
/// ```
pub struct Next<'a, C> {
    chain: C,
    /// Lent by what is around the middleware.
    slot: &'a mut Slot,
}

impl<'a, C: Chain + 'a> Next<'a, C> {
    pub(crate) fn new(chain: C, slot: &'a mut Slot) -> Self {
        Self { chain, slot }
    }

    /// Runs it, and leaves the response where it lies.
    #[inline]
    pub(crate) fn pass(self, request: &'a mut Request) -> impl Future<Output = Answered<'a>> + Send + 'a {
        self.chain.run(request, self.slot)
    }

    /// Runs it.
    ///
    /// ```
    /// use waypost::{App, Error, IntoResponse, Next, Request, Response, middleware, routes, test::Client};
    ///
    /// #[middleware]
    /// async fn closed_on(request: &mut Request, next: Next<'_>) -> Response {
    ///     match request.path() {
    ///         "/closed" => Error::forbidden().into_response(),
    ///         _ => next.run(request).await,
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![]).wrap(closed_on));
    /// assert_eq!(client.get("/closed").send().await.status(), 403);
    /// assert_eq!(client.get("/open").send().await.status(), 404);
    /// # }
    /// ```
    #[inline]
    pub fn run<'r>(self, request: &'r mut Request) -> impl Future<Output = Response> + Send + 'r
    where
        'a: 'r,
    {
        taken(self.chain.run(request, self.slot))
    }

    /// The route that matched; `None` where none did, and in front of a fallback handler.
    ///
    /// ```
    /// use waypost::{App, Error, IntoResponse, Next, Request, Response, middleware, routes, test::Client};
    ///
    /// /// Says nothing of what there is to those who guess.
    /// #[middleware]
    /// async fn known_only(request: &mut Request, next: Next<'_>) -> Response {
    ///     match next.route() {
    ///         Some(_) => next.run(request).await,
    ///         None => Error::forbidden().into_response(),
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![]).wrap(known_only));
    /// assert_eq!(client.get("/guess").send().await.status(), 403);
    /// # }
    /// ```
    #[must_use]
    pub fn route(&self) -> Option<&Route> {
        self.chain.route()
    }
}

impl<C> fmt::Debug for Next<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

mod sealed {
    pub trait Sealed {}
}

/// Whatever [`Next`] stands for. Nothing outside this crate implements it.
///
/// ```
/// use waypost::{Chain, Next, Request, Response};
///
/// /// A step of a middleware of your own, for any chain.
/// async fn without_body<'a, C: Chain + 'a>(request: &mut Request, next: Next<'a, C>) -> Response<()> {
///     next.run(request).await.map(drop)
/// }
/// ```
pub trait Chain: Send + sealed::Sealed {
    #[doc(hidden)]
    fn run<'r>(
        self,
        request: &'r mut Request,
        slot: &'r mut Slot,
    ) -> impl Future<Output = Answered<'r>> + Send + 'r
    where
        Self: 'r;

    #[doc(hidden)]
    fn route(&self) -> Option<&Route>;
}

/// The routes beneath a middleware.
#[doc(hidden)]
pub struct Remaining<'a, R, S> {
    routes: &'a R,
    route: usize,
    scope: Scope<'a, S>,
}

impl<'a, R, S> Remaining<'a, R, S> {
    pub(crate) fn new(routes: &'a R, route: usize, scope: Scope<'a, S>) -> Self {
        Self { routes, route, scope }
    }
}

impl<R, S> sealed::Sealed for Remaining<'_, R, S> {}

impl<R: Routes<S>, S: Send + Sync + 'static> Chain for Remaining<'_, R, S> {
    #[inline]
    fn run<'r>(
        self,
        request: &'r mut Request,
        slot: &'r mut Slot,
    ) -> impl Future<Output = Answered<'r>> + Send + 'r
    where
        Self: 'r,
    {
        self.routes.dispatch(self.route, request, self.scope, slot)
    }

    fn route(&self) -> Option<&Route> {
        self.scope.route()
    }
}

impl<R, S> fmt::Debug for Remaining<'_, R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remaining").field("route", &self.route).finish_non_exhaustive()
    }
}
