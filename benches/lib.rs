//! What the programs and benchmarks of this package share, and the benchmarks of `peers/` with them: the same work, and
//! the libraries that are asked to do it.

#![allow(missing_docs, missing_debug_implementations, reason = "nobody's library but of the programs here")]

pub mod servers;
pub mod workload;
