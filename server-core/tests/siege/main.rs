//! The server under siege: slow clients, restarts, faults. What needs a process of its own is this binary once more.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod client;
mod faults;
mod idle;
mod log;
mod panics;
mod program;
mod resets;
mod restart;
mod signals;
mod site;
mod slow;
mod tools;
