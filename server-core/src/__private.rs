//! Exactly what generated code may touch. Nothing here is a promise to anyone else.

pub use crate::extract::input::{Input, given_header, header, no_body, one_body, takes_path, with_status};
pub use crate::extract::{
    BodyUse, Context, Extraction, FromParam, FromPath, FromQuery, FromRequest, FromState, ParamError, Plain,
    Probe, Provide, Unknown,
};
pub use crate::middleware::{Chain, Middleware, Next, made, taken};
pub use crate::request::Request;
pub use crate::respond::Seat;
pub use crate::response::{Answered, IntoResponse, Response, Slot};
pub use crate::routing::{
    Empty, Endpoint, Merge, MethodSet, Mounted as Route, Nest, Prefix, RouteInfo, RouteTable, Routes, Scope,
    Table, check_list, uri_in,
};
pub use crate::set::RouteSet;
pub use crate::uri::{Piece, uri};

// Types that stand in public signatures and are nobody's to name.
pub use crate::middleware::{Layered, Remaining, Wrap};
pub use crate::routing::{Collector, Root, Slashed};

/// A set, as `routes![]` returns it.
pub fn set<R>(routes: R) -> RouteSet<R> {
    RouteSet::new(routes)
}

/// Answers in a route's place, where its path is asked for in a way that it does not answer.
#[inline]
pub fn missed(request: &mut Request, slot: &mut Slot) -> bool {
    crate::routing::missed(request, slot)
}

/// For ids past the end of a set.
pub fn no_such_route() -> Response {
    crate::routing::no_such_route()
}

/// The value, or the error as the response.
#[doc(hidden)]
#[macro_export]
macro_rules! __attempt {
    ($slot:expr, $result:expr) => {
        match $result {
            ::core::result::Result::Ok(__value) => __value,
            ::core::result::Result::Err(__error) => {
                return $slot.fill($crate::IntoResponse::into_response(__error));
            }
        }
    };
}
pub use crate::__attempt as attempt;
