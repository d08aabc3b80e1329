//! What every step of a request's way through the app can reach: the state, and the route that matched.

use std::fmt;
use std::sync::Arc;

use crate::routing::Route;

/// What an app's requests share. A tower service inside the app keeps a clone of it for the requests it holds.
pub(crate) struct Shared<S> {
    pub(crate) state: Arc<S>,
    pub(crate) routes: Arc<[Route]>,
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state), routes: Arc::clone(&self.routes) }
    }
}

/// The app's side of one request: two words, handed down by value.
#[doc(hidden)]
pub struct Scope<'a, S> {
    shared: &'a Shared<S>,
    route: usize,
}

impl<S> Clone for Scope<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Scope<'_, S> {}

impl<'a, S> Scope<'a, S> {
    pub(crate) fn new(shared: &'a Shared<S>, route: usize) -> Self {
        Self { shared, route }
    }

    pub(crate) fn state(self) -> &'a S {
        &self.shared.state
    }

    pub(crate) fn shared(self) -> &'a Shared<S> {
        self.shared
    }

    /// The id that dispatch started from, counted over the whole app.
    pub(crate) fn id(self) -> usize {
        self.route
    }

    /// The route that matched.
    pub(crate) fn route(self) -> Option<&'a Route> {
        self.matched().filter(|route| !route.is_fallback())
    }

    /// The route that matched, or the fallback that stands in for one.
    pub(crate) fn matched(self) -> Option<&'a Route> {
        self.shared.routes.get(self.route)
    }
}

impl<S> fmt::Debug for Scope<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("route", &self.route).finish_non_exhaustive()
    }
}
