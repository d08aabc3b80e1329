//! What peers do who mean harm: each test starts a server of its own, attacks it over a socket, and holds it to a bound on
//! its memory while a well-behaved client on another connection goes on being served.
//!
//! `cargo test -p waypost-benches --test flood -- --nocapture` prints the figures of `docs/RELIABILITY.md`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod client;
mod conformance;
mod frames;
mod http1;
mod tools;
mod victim;
mod windows;
mod wire;
