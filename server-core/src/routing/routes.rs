//! What a set of routes is to the app: a constant table, and a dispatch by number.

use std::future::Future;
use std::sync::Arc;

use super::either::Either;
use crate::request::Request;
use crate::response::{Answered, Slot};
use crate::routing::{Collector, Empty, RouteInfo, Scope, Table};

/// A handler with its method and path: what a route attribute adds to a function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a route",
    label = "put a route attribute such as `#[get(\"/path\")]` on the function of this name"
)]
#[doc(hidden)]
pub trait Mounted: Send + Sync + 'static {
    /// Where it answers, and where it is written.
    const INFO: RouteInfo;
}

/// A [`Mounted`] handler that an application with the state `S` can call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a route",
    label = "put a route attribute such as `#[get(\"/path\")]` on the function of this name"
)]
#[doc(hidden)]
pub trait Endpoint<S: Send + Sync + 'static>: Send + Sync + 'static {
    /// Extracts the arguments, calls the handler, leaves its response in the slot.
    fn call<'a>(
        &'a self,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = ()> + Send + 'a;
}

/// The part of a set of routes that does not depend on the state: which there are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of routes",
    label = "not a set of routes",
    note = "make one with `routes![..]`"
)]
#[doc(hidden)]
pub trait RouteTable: Send + Sync + Sized + 'static {
    /// Every route known at compile time.
    const TABLE: &'static Table;

    /// Whether the lists that it is made of have been judged where they are written.
    const JUDGED: bool = false;

    /// How many dispatch ids there are.
    #[inline]
    fn count(&self) -> usize {
        const { Self::TABLE.len() }
    }

    /// Tells every route that is really there, in the order of dispatch ids.
    fn collect(&self, collector: &mut Collector) {
        collector.table(Self::TABLE);
    }
}

/// A set of routes for applications with the state `S`.
///
/// [`routes!`](crate::routes!) makes one. Return `impl Routes<AppState>` from a function to hand a module's routes
/// to the rest of the program:
///
/// ```
/// use waypost::{App, Routes, get, routes};
///
/// #[get("/health")]
/// async fn health() -> &'static str {
///     "ok"
/// }
///
/// pub fn admin<S: Send + Sync + 'static>() -> impl Routes<S> {
///     routes!["/admin" => [health]]
/// }
///
/// let app = App::new(routes![..admin::<()>()]);
/// assert_eq!(app.routes()[0].path(), "/admin/health");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of routes",
    label = "not a set of routes for the state `{S}`",
    note = "make one with `routes![..]`"
)]
pub trait Routes<S: Send + Sync + 'static>: RouteTable {
    /// Answers a request by the route with this id; the response may be left in the slot.
    #[doc(hidden)]
    fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a;
}

impl<R: RouteTable> RouteTable for Arc<R> {
    const TABLE: &'static Table = R::TABLE;

    fn count(&self) -> usize {
        (**self).count()
    }

    fn collect(&self, collector: &mut Collector) {
        (**self).collect(collector);
    }
}

impl<S: Send + Sync + 'static, R: Routes<S>> Routes<S> for Arc<R> {
    #[inline]
    fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a {
        (**self).dispatch(route, request, scope, slot)
    }
}

/// Routes that configuration may leave out. Conflicts are judged as if they were there.
impl<R: RouteTable> RouteTable for Option<R> {
    const TABLE: &'static Table = R::TABLE;

    fn count(&self) -> usize {
        self.as_ref().map_or(0, R::count)
    }

    fn collect(&self, collector: &mut Collector) {
        if let Some(routes) = self {
            routes.collect(collector);
        }
    }
}

impl<S: Send + Sync + 'static, R: Routes<S>> Routes<S> for Option<R> {
    #[inline]
    fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a {
        match self {
            Some(routes) => Either::First { future: routes.dispatch(route, request, scope, slot) },
            None => Either::Second { future: Empty.dispatch(route, request, scope, slot) },
        }
    }
}
