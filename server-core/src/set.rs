//! What `routes![]` returns, and what can be put around a set of routes.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::middleware::{Layered, Rest, Wrap};
use crate::request::Request;
use crate::response::Response;
use crate::routing::{Collector, RouteTable, Routes, Scope, Slashed, Table, TrailingSlash};

/// A set of routes, as [`routes!`](crate::routes!) makes it.
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
    pub fn wrap<M>(self, middleware: M) -> RouteSet<Wrap<M, R>> {
        RouteSet(Wrap::new(middleware, self.0))
    }

    /// Puts a tower layer around the routes. Each request is boxed there.
    pub fn layer<L>(self, layer: L) -> RouteSet<Layered<L::Service, R>>
    where
        L: tower_layer::Layer<Rest>,
    {
        RouteSet(Layered::new(layer, Arc::new(self.0)))
    }

    /// What becomes of a request whose path differs from a route's by its trailing slash only.
    pub fn trailing_slash(self, policy: TrailingSlash) -> RouteSet<Slashed<R>> {
        RouteSet(Slashed::new(self.0, policy))
    }
}

/// The methods of [`RouteSet`] for any set of routes, such as an `impl Routes<S>` from another module.
pub trait RoutesExt: RouteTable {
    /// As [`RouteSet::wrap`].
    fn wrap<M>(self, middleware: M) -> RouteSet<Wrap<M, Self>> {
        RouteSet(self).wrap(middleware)
    }

    /// As [`RouteSet::layer`].
    fn layer<L>(self, layer: L) -> RouteSet<Layered<L::Service, Self>>
    where
        L: tower_layer::Layer<Rest>,
    {
        RouteSet(self).layer(layer)
    }

    /// As [`RouteSet::trailing_slash`].
    fn trailing_slash(self, policy: TrailingSlash) -> RouteSet<Slashed<Self>> {
        RouteSet(self).trailing_slash(policy)
    }
}

impl<R: RouteTable> RoutesExt for R {}

impl<R: RouteTable> RouteTable for RouteSet<R> {
    const TABLE: &'static Table = R::TABLE;

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
    ) -> impl Future<Output = Response> + Send + 'a {
        self.0.dispatch(route, request, scope)
    }
}

impl<R> fmt::Debug for RouteSet<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteSet").finish_non_exhaustive()
    }
}
