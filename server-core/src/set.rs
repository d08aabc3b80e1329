//! What `routes![]` returns, and what can be put around a set of routes.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::middleware::{Layered, Rest, Wrap};
use crate::request::Request;
use crate::response::{Answered, Slot};
use crate::routing::{Collector, RouteTable, Routes, Scope, Slashed, Table, TrailingSlash};

/// A set of routes, as [`routes!`](crate::routes!) makes it.
///
/// ```
/// use waypost::{App, RouteSet, TrailingSlash, get, routes, test::Client};
///
/// #[get("/users")]
/// async fn users() -> &'static str {
///     "users"
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let api: RouteSet<_> = routes!["/api" => [users]];
/// let client = Client::new(App::new(api.trailing_slash(TrailingSlash::Ignore)));
/// assert_eq!(client.get("/api/users/").send().await.text().await, "users");
/// # }
/// ```
#[must_use = "routes do nothing until an `App` is made of them"]
pub struct RouteSet<R>(R);

impl<R> RouteSet<R> {
    #[doc(hidden)]
    pub fn new(routes: R) -> Self {
        Self(routes)
    }
}

impl<R: RouteTable> RouteSet<R> {
    /// Runs `middleware` around each of the routes. The last one given is the outermost.
    ///
    /// What is wrapped is one type, without boxes. Somewhere beyond a dozen around each other rustc asks for
    /// `#![recursion_limit = "512"]` at the root of the crate; it changes nothing at run time.
    ///
    /// ```
    /// use waypost::{App, BodyLimit, post, routes, test::Client};
    ///
    /// #[post("/notes")]
    /// async fn note(_text: &str) {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![..routes![note].wrap(BodyLimit::new(3))]));
    /// assert_eq!(client.post("/notes").body("four").send().await.status(), 413);
    /// # }
    /// ```
    pub fn wrap<M>(self, middleware: M) -> RouteSet<Wrap<M, R>> {
        RouteSet(Wrap::new(middleware, self.0))
    }

    /// Puts a tower layer around the routes. Each request is boxed there.
    ///
    /// ```
    /// use tower_http::set_header::SetResponseHeaderLayer;
    /// use waypost::{App, get, http::HeaderValue, http::header::CACHE_CONTROL, routes, test::Client};
    ///
    /// #[get("/now")]
    /// async fn now() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let no_store = SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    /// let client = Client::new(App::new(routes![now].layer(no_store)));
    /// assert_eq!(client.get("/now").send().await.header("cache-control"), Some("no-store"));
    /// # }
    /// ```
    pub fn layer<L>(self, layer: L) -> RouteSet<Layered<L::Service, R>>
    where
        L: tower_layer::Layer<Rest>,
    {
        RouteSet(Layered::new(layer, Arc::new(self.0)))
    }

    /// What becomes of a request whose path differs from a route's by its trailing slash only.
    ///
    /// ```
    /// use waypost::{App, TrailingSlash, get, routes, test::Client};
    ///
    /// #[get("/users")]
    /// async fn users() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![users].trailing_slash(TrailingSlash::Redirect)));
    /// assert_eq!(client.get("/users/").send().await.header("location"), Some("/users"));
    /// # }
    /// ```
    pub fn trailing_slash(self, policy: TrailingSlash) -> RouteSet<Slashed<R>> {
        RouteSet(Slashed::new(self.0, policy))
    }
}

/// The methods of [`RouteSet`] for any set of routes, such as an `impl Routes<S>` from another module.
///
/// ```
/// use std::time::Duration;
/// use waypost::{App, RoutesExt, Timeout, routes, test::Client};
///
/// mod slow {
///     #[waypost::get("/slow")]
///     pub async fn answer() {
///         std::future::pending().await
///     }
///     pub fn routes() -> impl waypost::Routes<()> {
///         waypost::routes![answer]
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let routes = slow::routes().wrap(Timeout::new(Duration::from_millis(1)));
/// assert_eq!(Client::new(App::new(routes![..routes])).get("/slow").send().await.status(), 503);
/// # }
/// ```
pub trait RoutesExt: RouteTable {
    /// As [`RouteSet::wrap`].
    ///
    /// ```
    /// use waypost::{App, BodyLimit, Routes, RoutesExt, post, routes, test::Client};
    ///
    /// #[post("/notes")]
    /// async fn note(_text: String) {}
    ///
    /// fn notes() -> impl Routes<()> {
    ///     routes![note]
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![..notes().wrap(BodyLimit::new(3))]));
    /// assert_eq!(client.post("/notes").body("four").send().await.status(), 413);
    /// # }
    /// ```
    fn wrap<M>(self, middleware: M) -> RouteSet<Wrap<M, Self>> {
        RouteSet(self).wrap(middleware)
    }

    /// As [`RouteSet::layer`].
    ///
    /// ```
    /// use tower_http::set_header::SetResponseHeaderLayer;
    /// use waypost::{App, Routes, RoutesExt, get, http::HeaderValue, http::header::SERVER, routes, test::Client};
    ///
    /// #[get("/now")]
    /// async fn now() {}
    ///
    /// fn clock() -> impl Routes<()> {
    ///     routes![now]
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let layer = SetResponseHeaderLayer::overriding(SERVER, HeaderValue::from_static("waypost"));
    /// let client = Client::new(App::new(routes![..clock().layer(layer)]));
    /// assert_eq!(client.get("/now").send().await.header("server"), Some("waypost"));
    /// # }
    /// ```
    fn layer<L>(self, layer: L) -> RouteSet<Layered<L::Service, Self>>
    where
        L: tower_layer::Layer<Rest>,
    {
        RouteSet(self).layer(layer)
    }

    /// As [`RouteSet::trailing_slash`].
    ///
    /// ```
    /// use waypost::{App, Routes, RoutesExt, TrailingSlash, get, routes, test::Client};
    ///
    /// #[get("/now")]
    /// async fn now() {}
    ///
    /// fn clock() -> impl Routes<()> {
    ///     routes![now]
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![..clock().trailing_slash(TrailingSlash::Ignore)]));
    /// assert_eq!(client.get("/now/").send().await.status(), 200);
    /// # }
    /// ```
    fn trailing_slash(self, policy: TrailingSlash) -> RouteSet<Slashed<Self>> {
        RouteSet(self).trailing_slash(policy)
    }
}

impl<R: RouteTable> RoutesExt for R {}

impl<R: RouteTable> RouteTable for RouteSet<R> {
    const TABLE: &'static Table = R::TABLE;
    const JUDGED: bool = true;

    #[inline]
    fn count(&self) -> usize {
        self.0.count()
    }

    fn collect(&self, collector: &mut Collector) {
        self.0.collect(collector);
    }
}

impl<S: Send + Sync + 'static, R: Routes<S>> Routes<S> for RouteSet<R> {
    #[inline]
    fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a {
        self.0.dispatch(route, request, scope, slot)
    }
}

impl<R> fmt::Debug for RouteSet<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteSet").finish_non_exhaustive()
    }
}
