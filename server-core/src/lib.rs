#![doc = include_str!("../README.md")]
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | routes: methods, patterns, query parameters, options | [`macro@get`], [`routes!`] |
//! | an application: state, middleware, errors, limits | [`App`] |
//! | what a handler can take | [`FromRequest`], [`FromParam`], [`FromQuery`] |
//! | what a handler can return | [`IntoResponse`], [`IntoResponseParts`] |
//! | errors, and what clients see of them | [`Error`] |
//! | middleware | [`macro@middleware`], [`Middleware`] |
//! | tower, both ways | [`App`], [`RouteSet::layer`], [`mount`] |
//! | routes known only at run time | [`DynamicRoutes`] |
//! | sockets | [`Server`] |
//! | tests without sockets | [`test::Client`] |
#![cfg_attr(docsrs, feature(doc_cfg))]

// In the order a request travels.
#[cfg(feature = "server")]
mod connection;
#[cfg(feature = "server")]
mod server;

mod respond;

mod app;
mod extract;
mod middleware;
mod request;
mod response;
mod routing;
mod set;

// The vocabulary they share.
mod body;
mod error;
mod uri;

// What extraction is made with.
mod complaint;
#[cfg(feature = "json")]
mod json;
mod octets;
mod percent;
mod scratch;
#[cfg(feature = "json")]
mod tracked;
mod words;

#[cfg(feature = "test")]
pub mod test;

#[doc(hidden)]
pub mod __private;

pub use app::{App, DEFAULT_BODY_LIMIT};
pub use body::Body;
pub use error::{BoxError, Error, Part, Result};
#[cfg(feature = "form")]
pub use extract::Form;
#[cfg(feature = "json")]
pub use extract::Json;
pub use extract::{
    Bearer, BodyUse, ClientAddr, ContentType, Context, Extension, Extraction, FromHeader, FromParam,
    FromQuery, FromRequest, FromState, Header, Host, ParamError, Path, Provide, Query, RawValues, State,
    UserAgent,
};
#[cfg(feature = "server")]
pub use middleware::Timeout;
pub use middleware::{BodyLimit, CatchPanic, Chain, Middleware, Mount, Next, Rest, mount};
pub use request::{Head, Request};
pub use respond::{Peer, Respond};
pub use response::{Html, IntoResponse, IntoResponseParts, Redirect, Response};
pub use routing::{
    DynamicRequest, DynamicRoutes, PathParams, PatternError, Route, RouteConflict, Routes, TrailingSlash,
};
#[cfg(feature = "server")]
pub use server::Server;
pub use set::{RouteSet, RoutesExt};

pub use bytes::Bytes;
pub use http;
#[cfg(feature = "macros")]
pub use waypost_macros::{
    FromParam, State, delete, extractor, fallback, get, head, middleware, options, patch, post, put, route,
    routes,
};
