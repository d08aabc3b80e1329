//! The rest of a request's way.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use crate::request::Request;
use crate::response::Response;
use crate::routing::Scope;
use crate::routing::{Route, Routes};

/// The next step: the middleware beneath, or the handler.
///
/// In a function with [`#[middleware]`](macro@crate::middleware) it is written `Next<'_>`; the attribute fills in
/// what it stands for, so that it is called statically.
pub struct Next<'a, C> {
    chain: C,
    lifetime: PhantomData<&'a ()>,
}

impl<'a, C: Chain + 'a> Next<'a, C> {
    pub(crate) fn new(chain: C) -> Self {
        Self { chain, lifetime: PhantomData }
    }

    /// Runs it.
    #[inline]
    pub fn run<'r>(self, request: &'r mut Request) -> impl Future<Output = Response> + Send + 'r
    where
        'a: 'r,
    {
        self.chain.run(request)
    }

    /// The route that matched; `None` where none did, and in front of a fallback handler.
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
pub trait Chain: Send + sealed::Sealed {
    #[doc(hidden)]
    fn run<'r>(self, request: &'r mut Request) -> impl Future<Output = Response> + Send + 'r
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
    fn run<'r>(self, request: &'r mut Request) -> impl Future<Output = Response> + Send + 'r
    where
        Self: 'r,
    {
        self.routes.dispatch(self.route, request, self.scope)
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
