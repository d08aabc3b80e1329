//! What the programs and benchmarks of this package share, and the benchmarks of `peers/` with them: the same work, and
//! the libraries that are asked to do it.

pub mod servers;
pub mod workload;
