//! How much and how long a connection may take.

use std::time::Duration;

/// The bounds of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// From the accept to the first byte, and until the protocol is known: a peer that connects and says nothing
    /// must not hold a descriptor. Exact.
    pub(crate) first_byte: Duration,
    /// From the first byte of an HTTP/1 request's head to its last, however it trickles in (slowloris). Exact, except
    /// that the part of a head which came in one piece with the request before it is counted only from the next byte.
    pub(crate) head: Duration,
    /// Between requests. The peer is given up to a quarter more, so that one alarm a quarter is enough. In HTTP/2 the
    /// time without an open stream, whatever frames come.
    pub(crate) keep_alive: Duration,
    /// How long a peer may take to close its side before the connection is cut: one of HTTP/2 after GOAWAY, one of
    /// HTTP/1 after the last response.
    pub(crate) farewell: Duration,
    /// The largest head of an HTTP/1 request, and the largest trailers; 431 beyond. That it has at most 100 fields is
    /// hyper's own default, kept because setting it would cost an allocation a request.
    pub(crate) head_bytes: usize,
    /// What an HTTP/1 connection may buffer in each direction, beyond the one piece being added.
    pub(crate) buffer: usize,
    /// HTTP/2: requests at once.
    pub(crate) streams: u32,
    /// HTTP/2: the largest header list as RFC 9113 section 6.5.2 counts it.
    pub(crate) header_list: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(10),
            head: Duration::from_secs(10),
            keep_alive: Duration::from_secs(60),
            farewell: Duration::from_secs(5),
            head_bytes: 32 * 1024,
            buffer: 64 * 1024,
            streams: 200,
            header_list: 16 * 1024,
        }
    }
}
