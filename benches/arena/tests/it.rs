//! The sibling gives the answers that `examples/arena` gives: the checks are its own, made of this process. Only what its
//! `own.rs` has is not asked of both.
#![allow(clippy::print_stderr, clippy::unwrap_used, unreachable_pub, missing_docs)]

#[path = "../../../examples/arena/tests/it/arena.rs"]
mod arena;
#[path = "../../../examples/arena/tests/it/database.rs"]
mod database;
#[path = "../../../examples/arena/tests/it/echo.rs"]
mod echo;
#[path = "../../../examples/arena/tests/it/files.rs"]
mod files;
#[path = "../../../examples/arena/tests/it/grpc.rs"]
mod grpc;
#[path = "../../../examples/arena/tests/it/http1.rs"]
mod http1;
#[path = "../../../examples/arena/tests/it/http2.rs"]
mod http2;
#[path = "../../../examples/arena/tests/it/json.rs"]
mod json;
#[path = "../../../examples/arena/tests/it/postgres.rs"]
mod postgres;
#[path = "../../../examples/arena/tests/it/protocols.rs"]
mod protocols;
#[path = "../../../examples/arena/tests/it/sums.rs"]
mod sums;
#[path = "../../../examples/arena/tests/it/upload.rs"]
mod upload;

/// What is started, and where its data is.
const PROGRAM: &str = env!("CARGO_BIN_EXE_waypost-benches-arena");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/arena/data");
