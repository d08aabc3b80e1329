//! Which route answers a request: sets of routes, what they may not do to each other, and finding one of them.

mod check;
mod collect;
mod compose;
mod conflict;
mod dynamic;
mod either;
mod entry;
mod fallback;
mod fault;
mod hosts;
mod judge;
mod literal;
mod lookup;
mod miss;
mod path;
mod pattern;
mod route;
mod routes;
mod scope;
mod slash;
mod table;
mod text;

pub use check::check_list;
pub(crate) use check::check_program;
pub use collect::Collector;
pub use compose::{Empty, Merge, Nest, Prefix};
pub use conflict::RouteConflict;
pub use dynamic::{DynamicRequest, DynamicRoutes, PathParams};
pub(crate) use entry::Entry;
pub(crate) use fallback::below;
pub(crate) use lookup::{Lookup, Outcome};
pub use miss::Root;
pub(crate) use miss::{NO_ROUTE, allow_somewhere, missed, no_such_route};
pub use pattern::PatternError;
pub(crate) use pattern::normalise_path;
pub use route::{Route, uri_in};
pub use routes::{Endpoint, Mounted, RouteTable, Routes};
pub use scope::Scope;
pub(crate) use scope::Shared;
pub use slash::{Slashed, TrailingSlash};
pub use table::{MethodSet, RouteInfo, Table};

#[cfg(test)]
mod tests;
