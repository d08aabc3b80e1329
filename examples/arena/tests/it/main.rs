//! The arena's entry as the arena sees it: the real process, on free ports, profile by profile.
#![allow(clippy::print_stderr, clippy::unwrap_used, unreachable_pub)]

// The profiles.
mod database;
mod echo;
mod files;
mod grpc;
mod json;
mod own;
mod protocols;
mod sums;
mod upload;

// What they are asked with.
mod arena;
mod http1;
mod http2;
mod postgres;

/// What is started, and where its data is.
const PROGRAM: &str = env!("CARGO_BIN_EXE_waypost-arena");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
