//! What a server has done.

/// A server's counts since its start, of all its threads.
///
/// ```
/// use waypost::{App, Server, get, routes};
///
/// #[get("/")]
/// async fn index() {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
/// let handle = Server::bind("127.0.0.1:0").await?.spawn(App::new(routes![index]))?;
/// assert_eq!(handle.stats().requests(), 0);
/// assert_eq!(handle.stats().connections_open, 0);
/// # Ok(())
/// # }
/// ```
///
/// Requests count from their complete head on; bytes as they pass the socket, without TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Connections that were accepted, the refused ones not among them.
    pub connections_accepted: u64,
    /// Connections that were closed at once because their client had too many.
    pub connections_refused: u64,
    /// Connections there are now.
    pub connections_open: u64,
    /// Requests over HTTP/1.0 and 1.1.
    pub requests_http1: u64,
    /// Requests over HTTP/2.
    pub requests_http2: u64,
    /// Connections over HTTP/2, of those accepted. The others spoke HTTP/1, or have said nothing yet.
    pub connections_http2: u64,
    /// Requests whose response is not handed over yet, or whose body is still read.
    pub requests_open: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Bytes received over HTTP/2, of all.
    pub bytes_received_http2: u64,
    /// Bytes sent over HTTP/2, of all.
    pub bytes_sent_http2: u64,
}

impl Stats {
    /// Requests over all protocols.
    ///
    /// ```
    /// assert_eq!(waypost::Stats::default().requests(), 0);
    /// ```
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests_http1 + self.requests_http2
    }
}
