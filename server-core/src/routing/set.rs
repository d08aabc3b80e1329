//! What `routes![]` returns.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::middleware::{Layered, Rest, Wrap};
use crate::request::Request;
use crate::response::Response;
use crate::routing::slash::Slashed;
use crate::routing::{Collector, RouteTable, Routes, Table, TrailingSlash};
use crate::scope::Scope;

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
        self.0.wrap(middleware)
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
        self.0.trailing_slash(policy)
    }
}

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
