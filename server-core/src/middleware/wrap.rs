//! Routes with a middleware around them.

use std::fmt;
use std::future::Future;

use crate::middleware::{Middleware, Next, Remaining};
use crate::request::Request;
use crate::response::{Answered, Slot};
use crate::routing::Scope;
use crate::routing::{Collector, RouteTable, Routes, Table};

/// Routes with a middleware around them.
#[doc(hidden)]
pub struct Wrap<M, R> {
    middleware: M,
    routes: R,
}

impl<M, R> Wrap<M, R> {
    pub(crate) fn new(middleware: M, routes: R) -> Self {
        Self { middleware, routes }
    }
}

impl<M: Send + Sync + 'static, R: RouteTable> RouteTable for Wrap<M, R> {
    const TABLE: &'static Table = R::TABLE;

    #[inline]
    fn count(&self) -> usize {
        self.routes.count()
    }

    fn collect(&self, collector: &mut Collector) {
        self.routes.collect(collector);
    }
}

impl<S, M, R> Routes<S> for Wrap<M, R>
where
    S: Send + Sync + 'static,
    M: Middleware<S>,
    R: Routes<S>,
{
    #[inline]
    fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a {
        let next = Next::new(Remaining::new(&self.routes, route, scope), slot);
        self.middleware.pass(request, scope.state(), next)
    }
}

impl<M, R> fmt::Debug for Wrap<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wrap").finish_non_exhaustive()
    }
}
