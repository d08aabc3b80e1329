//! How much and how long a connection may take.

use std::time::Duration;

/// The bounds of one connection.
///
/// The deadlines on bodies and responses are kept by one alarm a connection, which looks after whoever waits at each
/// `tick`: they strike when due or up to one tick later, never earlier.
#[derive(Clone, Debug)]
pub struct Limits {
    /// HTTP/1 is spoken.
    pub http1: bool,
    /// Whether requests of HTTP/1.0 are served, too.
    pub http1_0: bool,
    /// HTTP/2 is spoken.
    pub http2: bool,
    /// Also to a peer with which nothing was agreed on, and whose first bytes are HTTP/2's.
    pub http2_prior_knowledge: bool,
    /// From the accept to the first byte, and until the protocol is known: a peer that connects and says nothing
    /// must not hold a descriptor. Exact.
    pub first_byte: Duration,
    /// From the first byte of an HTTP/1 request's head to its last, however it trickles in (slowloris). Exact, except
    /// that the part of a head which came in one piece with the request before it is counted only from the next byte.
    pub head: Duration,
    /// Between requests. The peer is given up to a quarter more, so that one alarm a quarter is enough. In HTTP/2 the
    /// time without an open stream, whatever frames come.
    pub keep_alive: Duration,
    /// How long a peer from which nothing has come may go on once the server ends: its request may be on the way.
    pub last_call: Duration,
    /// How long a peer that was told to go (GOAWAY in HTTP/2) may take for it, after the last request in progress.
    pub farewell: Duration,
    /// The longest a client may keep a handler waiting for the next piece of a request's body; 408 then.
    pub body_gap: Duration,
    /// How long a client may keep a handler waiting for the body before the bytes it sends must make up for the time.
    pub body_grace: Duration,
    /// Bytes a second that make up for waiting; 0 if any byte does.
    pub body_rate: u32,
    /// How long the peer may take no byte of a response that is ready; the stream or connection ends then.
    pub write_stall: Duration,
    /// Bytes a second that a peer must take of such a response, on average over `write_stall`; 0 if any byte will do.
    pub write_rate: u32,
    /// From a request's head to the response's; 503 then, or 408 if the handler was waiting for the body.
    pub handler: Option<Duration>,
    /// After so many requests the connection is closed. Off: nothing grows with their number here (nginx, which closes
    /// after 1,000, frees memory pools by it), and peers that do not expect it lose requests.
    pub requests: Option<u64>,
    /// HTTP/1: a client that closes its sending side is still answered. If not, it is taken to have gone, and the
    /// handler is dropped, as it is in HTTP/2 when the stream is reset.
    pub half_close: bool,
    /// The largest head of an HTTP/1 request, and the largest trailers; 431 beyond.
    pub head_bytes: usize,
    /// The most fields in a request's head, each cookie field of HTTP/2 counted; 431 beyond. 100 is hyper's own
    /// default; any other number costs HTTP/1 an allocation a request.
    pub fields: usize,
    /// What an HTTP/1 connection may buffer in each direction, beyond the one piece being added.
    pub buffer: usize,
    /// HTTP/2: requests at once.
    pub streams: u32,
    /// HTTP/2: the largest header list as RFC 9113 section 6.5.2 counts it.
    pub header_list: u32,
    /// HTTP/2: how much of a body a stream may send that was not read. It bounds the speed of an upload: window by
    /// round trip, 256 KiB at 50 ms are 5 MB a second.
    pub stream_window: u32,
    /// HTTP/2: the same for all streams of a connection together, and so the most memory that bodies nobody reads can
    /// take. A few times a stream's window, so that one such stream does not stop the others.
    pub connection_window: u32,
    /// HTTP/2: the largest frame taken. A frame counts when it is complete, so large ones look like gaps.
    pub frame_size: u32,
    /// HTTP/2: what may be buffered of a stream's response.
    pub send_buffer: usize,
    /// HTTP/2: streams the peer may have reset before they were accepted (rapid reset); GOAWAY beyond.
    pub pending_resets: usize,
    /// HTTP/2: streams reset for the peer's faults; GOAWAY beyond.
    pub local_resets: usize,
    /// HTTP/2: a peer that has sent nothing for so long, while a stream is open, is sent a PING.
    pub ping_interval: Duration,
    /// HTTP/2: and is given up when it sends nothing for so long after it.
    pub ping_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            http1: true,
            http1_0: true,
            http2: true,
            http2_prior_knowledge: true,
            first_byte: Duration::from_secs(10),
            head: Duration::from_secs(10),
            keep_alive: Duration::from_secs(60),
            last_call: Duration::from_millis(250),
            farewell: Duration::from_secs(5),
            body_gap: Duration::from_secs(30),
            body_grace: Duration::from_secs(10),
            body_rate: 240,
            write_stall: Duration::from_secs(30),
            write_rate: 240,
            handler: None,
            requests: None,
            half_close: false,
            head_bytes: 32 * 1024,
            fields: Self::FIELDS,
            buffer: 64 * 1024,
            streams: 200,
            header_list: 16 * 1024,
            stream_window: 256 * 1024,
            connection_window: 1024 * 1024,
            frame_size: 16 * 1024,
            send_buffer: 64 * 1024,
            pending_resets: 20,
            local_resets: 1024,
            ping_interval: Duration::from_secs(20),
            ping_timeout: Duration::from_secs(20),
        }
    }
}

impl Limits {
    /// hyper's own limit on fields.
    pub(super) const FIELDS: usize = 100;

    /// How often whoever waits is looked after: a quarter of the shortest time that one may.
    pub(super) fn tick(&self) -> Duration {
        let shortest = self.body_gap.min(self.body_grace).min(self.write_stall);
        (shortest / 4).max(Duration::from_millis(10))
    }
}
