//! tokio, for those that leave it to their user.

/// A runtime whose threads, so many, share the connections.
pub fn shared(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
}
