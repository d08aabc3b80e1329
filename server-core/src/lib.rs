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
//! | smaller responses | `Compression` (feature `compression`) |
//! | tower, both ways | [`App`], [`RouteSet::layer`], [`mount`] |
//! | routes known only at run time | [`DynamicRoutes`] |
//! | sockets | [`Server`], [`Builder`], [`Listener`] |
//! | settings, limits, deadlines | [`config::Config`] |
//! | how a server ends, what it counts | [`Handle`], [`Shutdown`], [`termination`] |
//! | routes for load balancers | [`health()`] |
//! | clients behind proxies | [`ClientAddr`], [`TargetOrigin`], [`TrustedProxies`] |
//! | what is told of requests: spans, measurements | `App::trace` (feature `tracing`), `App::metrics` (feature `metrics`) |
//! | TLS | `Tls` (feature `tls` or `tls-ring`), [`TlsInfo`], [`ClientCertificate`] |
//! | files from a folder | `fs::Directory` (feature `fs`) |
//! | other protocols on a connection, tunnels of CONNECT | [`Upgrade`] |
//! | WebSocket | `ws` (feature `ws`) |
//! | tests without sockets | `test::Client` (feature `test`) |
#![cfg_attr(docsrs, feature(doc_cfg))]
// The documentation's links lead to what the default features bring; with fewer, what some lead to is not there.
#![cfg_attr(
    not(all(feature = "macros", feature = "json", feature = "server")),
    allow(rustdoc::broken_intra_doc_links)
)]

// In the order a request travels.
#[cfg(feature = "server")]
mod connection;
mod lifecycle;
mod respond;
#[cfg(feature = "server")]
mod server;

mod app;
mod extract;
#[cfg(feature = "fs")]
pub mod fs;
#[cfg(feature = "macros")]
mod health;
mod middleware;
mod request;
mod response;
mod routing;
mod set;

// The vocabulary they share.
mod body;
#[cfg(any(feature = "compression", feature = "fs"))]
mod encoding;
mod error;
mod trust;
#[cfg(feature = "server")]
mod upgrade;
mod uri;

// Tools that know no HTTP of their own.
mod authority;
#[cfg(feature = "server")]
mod duplex;

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

#[cfg(feature = "ws")]
#[cfg_attr(docsrs, doc(cfg(feature = "ws")))]
pub mod ws;

#[doc(hidden)]
pub mod __private;

/// One connection with limits of one's own. For tests and benches.
#[cfg(feature = "server")]
#[doc(hidden)]
pub mod __connection {
    pub use crate::connection::{Limits, Spoken, Watch, serve};
}

#[cfg(feature = "metrics")]
pub use app::Metrics;
#[cfg(feature = "tracing")]
pub use app::Trace;
pub use app::{App, DEFAULT_BODY_LIMIT};
pub use body::Body;
pub use error::{BoxError, Error, Part, Result};
#[cfg(feature = "form")]
pub use extract::Form;
#[cfg(feature = "json")]
pub use extract::Json;
pub use extract::{
    Bearer, BodyUse, ClientAddr, ClientCertificate, ContentType, Context, Extension, Extraction, FromHeader,
    FromParam, FromQuery, FromRequest, FromState, Header, Host, ParamError, Path, Provide, Query, RawValues,
    State, TargetOrigin, UserAgent,
};
#[cfg(feature = "macros")]
pub use health::health;
pub use lifecycle::Shutdown;
#[cfg(feature = "compression")]
pub use middleware::Compression;
#[cfg(feature = "server")]
pub use middleware::Timeout;
pub use middleware::{BodyLimit, CatchPanic, Chain, Middleware, Mount, Next, Rest, mount};
pub use request::{Head, Request};
pub use respond::{Peer, Respond, TlsInfo, TlsVersion};
pub use response::{Html, IntoResponse, IntoResponseParts, Redirect, Response};
pub use routing::{
    DynamicRequest, DynamicRoutes, PathParams, PatternError, Route, RouteConflict, Routes, TrailingSlash,
};
#[cfg(feature = "server")]
pub use server::{Address, Builder, Drained, Handle, Listener, Server, Stats, config, termination};
#[cfg(feature = "_tls")]
#[cfg_attr(docsrs, doc(cfg(any(feature = "tls", feature = "tls-ring"))))]
pub use server::{ClientAuth, Tls, TlsCertificate, TlsError, TlsReloader};
pub use set::{RouteSet, RoutesExt};
pub use trust::{ForwardedHeaders, ProxyProtocol, TrustError, TrustedProxies};
#[cfg(feature = "server")]
pub use upgrade::{Upgrade, Upgraded};

pub use bytes::Bytes;
pub use http;
#[cfg(feature = "macros")]
pub use waypost_macros::{
    FromParam, State, delete, extractor, fallback, get, head, middleware, options, patch, post, put, route,
    routes,
};
