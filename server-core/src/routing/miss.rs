//! What is answered where no route is.

use std::future::Future;

use http::{HeaderValue, StatusCode, header};

use super::either::Either;
use crate::error::Error;
use crate::request::{Miss, Request};
use crate::response::{Answered, IntoResponse, Redirect, Response, Slot};
use crate::routing::{Collector, Route, RouteTable, Routes, Scope, Table};

impl IntoResponse for Miss {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => Error::not_found().into_response(),
            Self::MethodNotAllowed(allow) => {
                Error::new(StatusCode::METHOD_NOT_ALLOWED).header(header::ALLOW, allow).into_response()
            }
            Self::Options(allow) => {
                let mut response = StatusCode::NO_CONTENT.into_response();
                response.headers_mut().insert(header::ALLOW, allow);
                response
            }
            Self::Redirect(location) => Redirect::permanent(&location).into_response(),
        }
    }
}

/// The methods that some path has: what `OPTIONS *` is told (RFC 9110 section 9.3.7).
#[cold]
pub(crate) fn allow_somewhere(routes: &[Route]) -> HeaderValue {
    let routes = routes.iter().filter(|route| !route.is_fallback());
    let mut names: Vec<_> = routes.flat_map(Route::methods).filter(|name| *name != "ANY").collect();
    names.push("OPTIONS");
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.sort_unstable();
    names.dedup();
    // Methods are tokens (RFC 9110 section 9.1), which are always valid in a field value.
    HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

/// For ids past the end of a set. The app never asks for one.
pub(crate) fn no_such_route() -> Response {
    Error::internal("a request was dispatched to a route that does not exist").into_response()
}

/// Answers a request for a path that is known and that no route of it answers. Sets of routes ask for it where they
/// would call the route, so that the answer passes through what is around them.
#[inline]
pub(crate) fn missed(request: &mut Request, slot: &mut Slot) -> bool {
    let miss = request.head_mut().miss.take();
    let missed = miss.is_some();
    if let Some(miss) = miss {
        slot.fill(miss.into_response());
    }
    missed
}

/// The dispatch id of a request without a route.
pub(crate) const NO_ROUTE: usize = usize::MAX;

/// All routes of an app, and the answer where none matches: so that what is wrapped around an app sees those, too.
#[doc(hidden)]
#[derive(Debug)]
pub struct Root<R>(pub(crate) R);

impl<R: RouteTable> RouteTable for Root<R> {
    const TABLE: &'static Table = R::TABLE;

    fn count(&self) -> usize {
        self.0.count()
    }

    fn collect(&self, collector: &mut Collector) {
        self.0.collect(collector);
    }
}

impl<S: Send + Sync + 'static, R: Routes<S>> Routes<S> for Root<R> {
    #[inline]
    fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a {
        if route == NO_ROUTE {
            let missed = async move {
                if !missed(request, slot) {
                    slot.fill(Miss::NotFound.into_response());
                }
                Answered::Left(slot)
            };
            Either::First { future: missed }
        } else {
            Either::Second { future: self.0.dispatch(route, request, scope, slot) }
        }
    }
}
