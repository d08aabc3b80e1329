//! Trailing slashes.

use std::fmt;
use std::future::Future;

use crate::request::Request;
use crate::response::{Answered, Slot};
use crate::routing::{Collector, RouteTable, Routes, Scope, Table};

/// What becomes of a request whose path differs from a route's by its trailing slash only.
///
/// It is asked only where no route matches exactly, so a route for the other form always wins.
///
/// ```
/// use waypost::{App, TrailingSlash, get, routes, test::Client};
///
/// #[get("/users")]
/// async fn users() {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![users].trailing_slash(TrailingSlash::Redirect)));
/// let reply = client.get("/users/?page=2").send().await;
/// assert_eq!(reply.status(), 308);
/// assert_eq!(reply.header("location"), Some("/users?page=2"));
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrailingSlash {
    /// It is another path: 404.
    #[default]
    Strict,
    /// 308 to the route's own form, the query kept.
    Redirect,
    /// The route answers it.
    Ignore,
}

/// How to get from the path that was asked to the one that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slash {
    Add,
    Remove,
}

impl Slash {
    /// The other path of the same request, its query kept.
    pub(crate) fn apply(self, path: &str, query: Option<&str>) -> String {
        let mut target = match self {
            Slash::Add => format!("{path}/"),
            Slash::Remove => path.strip_suffix('/').unwrap_or(path).to_owned(),
        };
        if let Some(query) = query {
            target.push('?');
            target.push_str(query);
        }
        target
    }
}

/// Routes with a trailing slash policy.
#[doc(hidden)]
pub struct Slashed<R> {
    routes: R,
    policy: TrailingSlash,
}

impl<R> Slashed<R> {
    pub(crate) fn new(routes: R, policy: TrailingSlash) -> Self {
        Self { routes, policy }
    }
}

impl<R: RouteTable> RouteTable for Slashed<R> {
    const TABLE: &'static Table = R::TABLE;

    #[inline]
    fn count(&self) -> usize {
        self.routes.count()
    }

    fn collect(&self, collector: &mut Collector) {
        collector.trailing_slash(self.policy, |collector| self.routes.collect(collector));
    }
}

impl<S: Send + Sync + 'static, R: Routes<S>> Routes<S> for Slashed<R> {
    #[inline]
    fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a {
        self.routes.dispatch(route, request, scope, slot)
    }
}

impl<R> fmt::Debug for Slashed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slashed").field("policy", &self.policy).finish_non_exhaustive()
    }
}
