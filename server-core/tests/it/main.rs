//! Waypost through its public face: one noun a module.
#![allow(clippy::unwrap_used, unreachable_pub)]

// The table of routes.
mod compose;
mod dynamic;
mod host;
mod matching;
mod methods;
mod properties;
mod routing;
mod slash;
mod uri;

// A handler's arguments.
mod arguments;
mod body;
mod borrow;
mod extractors;
mod form;
mod header;
mod info;
mod json;
mod path;
mod proxy;
mod query;
mod state;

// Answers, and what runs around them.
mod compression;
mod edges;
mod errors;
mod fs;
mod layer;
mod middleware;
mod observe;
mod response;
mod send;
mod tower;

// The macros' code, and the client.
mod client;
mod hygiene;

// The server.
mod conformance;
mod connect;
mod connection;
mod raw;
mod server;
mod serving;
mod tls;
mod ws;

mod support;
