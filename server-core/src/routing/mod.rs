//! Which route answers a request: sets of routes, what they may not do to each other, and finding one of them.

mod collect;
mod compose;
mod conflict;
mod dynamic;
mod lookup;
mod miss;
mod pattern;
mod route;
mod routes;
mod set;
mod slash;
mod table;

pub use collect::Collector;
pub use compose::{Empty, Merge, Nest, Prefix};
pub use conflict::{RouteConflict, check};
pub use dynamic::{DynamicRequest, DynamicRoutes, PathParams};
pub(crate) use lookup::{Captures, Lookup, Outcome};
pub(crate) use miss::{Miss, NO_ROUTE, no_such_route};
pub use miss::Root;
pub(crate) use pattern::normalise_path;
pub use pattern::PatternError;
pub use route::Route;
pub use routes::{Endpoint, Mounted, RouteTable, Routes};
pub use set::RouteSet;
pub use slash::TrailingSlash;
pub use table::{MethodSet, RouteInfo, Table};
