//! How a server behaves: everything that can be set, with its default.

mod check;
mod duration;

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::connection;
use crate::respond::Peer;
use crate::trust::{ForwardedHeaders, ProxyProtocol, TrustedProxies};

/// A server's settings, all of them with a default that is fit for the open internet.
///
/// Change what needs changing:
///
/// ```
/// use std::time::Duration;
/// use waypost::{Server, config::Config};
///
/// # fn main() -> waypost::Result<()> {
/// let mut config = Config::default();
/// config.limits.connections = 50_000;
/// config.timeouts.keep_alive = Duration::from_secs(15);
/// let server = Server::builder().config(config).tcp("127.0.0.1:0").bind()?;
/// # Ok(())
/// # }
/// ```
///
/// or read them with serde from a file of any self-describing format (JSON, TOML, YAML). What is left out keeps its default, an unknown name is an
/// error, and a duration is a number of seconds or a text such as `"15"`, `"250ms"`, `"10s"`, `"5m"`, `"1h"`:
///
/// ```
/// use waypost::config::Config;
///
/// let config: Config = serde_json::from_str(
///     r#"{ "limits": { "connections": 50000 }, "timeouts": { "keep_alive": "15s", "handler": 2.5 } }"#,
/// ).unwrap();
/// assert_eq!(config.timeouts.keep_alive.as_secs(), 15);
/// assert_eq!(config.timeouts.handler.unwrap().as_millis(), 2500);
/// assert!(serde_json::from_str::<Config>(r#"{ "timeouts": { "keepalive": 15 } }"#).is_err());
/// ```
///
/// Values that no server can be run with are an error of [`bind`](crate::Builder::bind), which names the setting.
///
/// How large a request's body may be is the application's setting ([`App::body_limit`](crate::App::body_limit)), for
/// it differs from route to route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The threads of [`Server::run`](crate::Server::run).
    pub workers: Workers,
    /// What is spoken.
    pub protocols: Protocols,
    /// How much a peer may take.
    pub limits: Limits,
    /// How long a peer may take.
    pub timeouts: Timeouts,
    /// Settings of HTTP/2 alone.
    pub http2: Http2,
    /// Settings of TCP sockets.
    pub tcp: Tcp,
    /// Who stands between the server and its clients.
    pub proxies: Proxies,
    /// How a server ends.
    pub drain: Drain,
}

/// The threads that [`Server::run`](crate::Server::run) makes. Other ways to serve use the caller's.
///
/// ```
/// use waypost::config::{Config, Workers};
///
/// let config: Config = serde_json::from_str(r#"{ "workers": { "per_core": true, "threads": 4 } }"#).unwrap();
/// assert!(config.workers.per_core && !config.workers.pin);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Workers {
    /// Each thread has a runtime and, for TCP, a listening socket of its own (`SO_REUSEPORT`): a connection stays on
    /// the thread that accepted it. Less work for a request; but a handler that blocks holds up the connections of its
    /// thread, and connections may be spread unevenly. Otherwise the threads of one runtime share all connections.
    /// Not on systems without `SO_REUSEPORT`, such as Windows. Default: no.
    pub per_core: bool,
    /// How many; `None`, the default: as many as the process may run at once.
    pub threads: Option<NonZeroUsize>,
    /// Binds each thread to a processor of those the process may use, where the system can (Linux); only with
    /// `per_core`. Threads of `spawn_blocking` are not bound; what a handler starts with [`std::thread`] is, as its
    /// parent. Default: no.
    pub pin: bool,
}

/// The protocols that are spoken. HTTP/1 is 1.0 and 1.1; HTTP/2 is negotiated by TLS (ALPN) or comes by prior knowledge.
///
/// ```
/// use waypost::config::Config;
///
/// let mut config = Config::default();
/// config.protocols.http1 = false; // gRPC only, say
///
/// let mut config = Config::default();
/// config.protocols.http2_prior_knowledge = false; // HTTP/2 over TLS only
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Protocols {
    /// HTTP/1.0 and 1.1 (RFC 9112). Default: with the feature `http1`, which is on by default.
    pub http1: bool,
    /// HTTP/1.0, where HTTP/1 is on. Where it is not allowed, its requests are answered 505 (RFC 9110 section 15.6.6), and the
    /// connection is closed. Default: yes.
    pub http1_0: bool,
    /// HTTP/2 (RFC 9113). Default: with the feature `http2`, which is on by default.
    pub http2: bool,
    /// HTTP/2 by prior knowledge (RFC 9113 section 3.3), where HTTP/2 is on: without TLS ("h2c"), as a proxy that has ended
    /// TLS would pass it on, or over TLS by which nothing was negotiated. Where it is not allowed, HTTP/2 is what ALPN says
    /// and nothing else; a preface is answered 505 (RFC 9110 section 15.6.6), and the connection is closed. With HTTP/1 off
    /// as well, whoever did not negotiate HTTP/2 is closed without an answer. Default: yes.
    pub http2_prior_knowledge: bool,
    /// A client of HTTP/1 that has closed its sending side is still answered. Otherwise it is taken to have gone away:
    /// its handler is dropped, as in HTTP/2 when a stream is reset. Default: no.
    pub half_close: bool,
}

impl Default for Protocols {
    fn default() -> Self {
        Self {
            http1: cfg!(feature = "http1"),
            http1_0: true,
            http2: cfg!(feature = "http2"),
            http2_prior_knowledge: true,
            half_close: false,
        }
    }
}

/// How much a peer may take.
///
/// ```
/// use waypost::config::Limits;
///
/// let limits = Limits::default();
/// assert_eq!(limits.connections, 10_000);
/// assert_eq!(limits.head_bytes, 32 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at once; further ones wait in the sockets' backlog, but for one that each runtime has accepted. At
    /// least 1. Default: 10,000. It is lowered to what the process may have open files, less 100 that are left for the
    /// application. While the server ends, what is in the backlog waits for room until the deadline.
    pub connections: usize,
    /// Connections at once from one client address (IPv6: from one /64); further ones are closed. A reverse proxy is
    /// one client. Unix sockets are not counted. `None`: no such limit. At least 1. Default: 5,000, half of
    /// `connections`. Where that is lowered for want of open files, this is lowered to half of it, or to
    /// all of it if it was no less.
    pub connections_per_client: Option<usize>,
    /// Connections at once that are negotiating TLS, from the client's first byte on; further ones wait, within the
    /// deadline of [`Timeouts::handshake`]. At least 1, and no more than `connections`. Default: 1,000.
    pub handshakes: usize,
    /// Requests on one connection, which then ends as politely as the protocol can. `None`: any number.
    /// Default: 1,000,000, so that no connection stays with one thread for ever.
    pub requests_per_connection: Option<u64>,
    /// Bytes of an HTTP/1 request's head, request line included, and of its trailers; 431 beyond. At least 1 KiB.
    /// Default: 32 KiB.
    pub head_bytes: usize,
    /// Fields of a request's head, in both protocols; 431 beyond. More than 100 cost HTTP/1 an allocation for each
    /// request. Default: 100.
    pub head_fields: usize,
    /// Bytes that an HTTP/1 connection buffers in each direction. At least 8 KiB. Default: 64 KiB.
    pub buffer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_client: Some(5_000),
            handshakes: 1_000,
            requests_per_connection: Some(1_000_000),
            head_bytes: 32 * 1024,
            head_fields: 100,
            buffer_bytes: 64 * 1024,
        }
    }
}

/// How long a peer may take. [`Duration::MAX`] is for ever; none can be zero.
///
/// ```
/// use std::time::Duration;
/// use waypost::config::Timeouts;
///
/// let timeouts = Timeouts::default();
/// assert_eq!(timeouts.head, Duration::from_secs(10));
/// assert_eq!(timeouts.handler, None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Timeouts {
    /// The PROXY header and the TLS handshake together; then closed. Default: 10 s.
    #[serde(with = "duration")]
    pub handshake: Duration,
    /// From the connection (or its handshake) to the first byte, and until the protocol is known; then closed.
    /// Default: 10 s.
    #[serde(with = "duration")]
    pub first_byte: Duration,
    /// An HTTP/1 request's head, from its first byte to its last; then closed. Default: 10 s.
    #[serde(with = "duration")]
    pub head: Duration,
    /// Between requests; in HTTP/2 without an open stream, whatever else the peer sends. Then closed; up to a quarter
    /// more is granted. Default: 60 s.
    #[serde(with = "duration")]
    pub keep_alive: Duration,
    /// Without a byte of a body that a handler waits for; then 408. Default: 30 s.
    #[serde(with = "duration")]
    pub body_gap: Duration,
    /// Without the peer taking a byte of a response that is there; then the connection, in HTTP/2 the stream, is cut.
    /// Default: 30 s.
    #[serde(with = "duration")]
    pub write_stall: Duration,
    /// The least average rate, in bytes a second, of a body that a handler waits for, after `rate_grace` of waiting,
    /// and of a response that the peer is slow to take, over `write_stall`; 0: any. Default: 240.
    pub min_rate: u32,
    /// How long a body may be waited for before `min_rate` counts, and so how long one may be that does not come at
    /// all. Default: 10 s.
    #[serde(with = "duration")]
    pub rate_grace: Duration,
    /// From a request's head to its response's; then the handler is dropped and 503 answered, or 408 if it waited for
    /// the body. For a part of an application use [`Timeout`](crate::Timeout). Default: `None`, as long as it takes.
    #[serde(with = "duration::optional")]
    pub handler: Option<Duration>,
    /// HTTP/2: a peer that has been silent for so long while a stream is open is asked whether it is still there
    /// (PING). Default: 20 s.
    #[serde(with = "duration")]
    pub ping: Duration,
    /// And is given up when it is silent for so long after that. Default: 20 s.
    #[serde(with = "duration")]
    pub pong: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            first_byte: Duration::from_secs(10),
            head: Duration::from_secs(10),
            keep_alive: Duration::from_secs(60),
            body_gap: Duration::from_secs(30),
            write_stall: Duration::from_secs(30),
            min_rate: 240,
            rate_grace: Duration::from_secs(10),
            handler: None,
            ping: Duration::from_secs(20),
            pong: Duration::from_secs(20),
        }
    }
}

/// Settings of HTTP/2 (RFC 9113) alone.
///
/// ```
/// use waypost::config::Http2;
///
/// assert_eq!(Http2::default().streams, 200);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Http2 {
    /// Requests at once on a connection (`SETTINGS_MAX_CONCURRENT_STREAMS`). Default: 200.
    pub streams: u32,
    /// Bytes of a request's header list as section 6.5.2 counts them (`SETTINGS_MAX_HEADER_LIST_SIZE`). Default: 16 KiB.
    pub header_list_bytes: u32,
    /// Bytes of one request's body that a peer may send ahead of the handler (`SETTINGS_INITIAL_WINDOW_SIZE`).
    /// It bounds the speed of an upload: 256 KiB a round trip of 50 ms are 5 MB/s. Default: 256 KiB.
    pub stream_window: u32,
    /// Bytes of all bodies of a connection that its peer may send ahead; at first at least 65,535. Default: 1 MiB.
    pub connection_window: u32,
}

impl Default for Http2 {
    fn default() -> Self {
        Self {
            streams: 200,
            header_list_bytes: 16 * 1024,
            stream_window: 256 * 1024,
            connection_window: 1024 * 1024,
        }
    }
}

/// Settings of TCP sockets.
///
/// ```
/// use waypost::config::Tcp;
///
/// assert!(Tcp::default().nodelay);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Tcp {
    /// Send at once and do not wait for more (`TCP_NODELAY`); without it some responses are 40 ms late. Default: yes.
    pub nodelay: bool,
    /// Connections that wait to be accepted; the system may have a lower bound. Default: 4,096.
    pub backlog: u32,
    /// After how much silence the system asks whether the peer is still there (`SO_KEEPALIVE`); `None`: never.
    /// In whole seconds, from 1 to 32,767. Default: 60 s.
    #[serde(with = "duration::optional")]
    pub keep_alive: Option<Duration>,
    /// Let other sockets, of this process or another, listen on the same address (`SO_REUSEPORT`; a system without it, such
    /// as Windows, refuses to listen): for replacing a running program without refusing a connection.
    /// [`Workers::per_core`] does so anyway. Default: no.
    pub reuse_port: bool,
    /// A socket for an IPv6 address takes no IPv4 connections, so that another can (`IPV6_V6ONLY`). Default: no.
    pub only_v6: bool,
}

impl Default for Tcp {
    fn default() -> Self {
        Self {
            nodelay: true,
            backlog: 4096,
            keep_alive: Some(Duration::from_secs(60)),
            reuse_port: false,
            only_v6: false,
        }
    }
}

/// Who stands between the server and its clients, and is believed when it says who they are.
///
/// ```
/// use waypost::{ForwardedHeaders, TrustedProxies, config::Config};
///
/// # fn main() -> waypost::Result<()> {
/// let mut config = Config::default();
/// config.proxies.trusted = TrustedProxies::new(["10.0.0.0/8", "unix"])?;
/// config.proxies.headers = ForwardedHeaders::XForwarded;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Proxies {
    /// Whose word is taken. Default: nobody's.
    pub trusted: TrustedProxies,
    /// Whether their connections begin with a header of the PROXY protocol. Default: no.
    pub protocol: ProxyProtocol,
    /// Which header fields of theirs say who the client is. Default: none.
    pub headers: ForwardedHeaders,
}

impl Proxies {
    /// Whether it is about to say, before HTTP, whose connection it passes on.
    pub(super) fn is_proxy(&self, peer: &Peer) -> bool {
        self.protocol != ProxyProtocol::Off && peer.is_trusted_by(&self.trusted)
    }
}

/// How a server ends once it is asked to.
///
/// ```
/// use waypost::config::Drain;
///
/// assert_eq!(Drain::default().deadline.as_secs(), 30);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Drain {
    /// How long it goes on as before, but for saying that it is not ready, so that load balancers send no more.
    /// Default: 0 s.
    #[serde(with = "duration")]
    pub delay: Duration,
    /// How long requests in progress may then take, before they are cut. A handler that blocks its thread cannot be
    /// cut: it is not waited for longer than a second more. Default: 30 s.
    #[serde(with = "duration")]
    pub deadline: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Self { delay: Duration::ZERO, deadline: Duration::from_secs(30) }
    }
}

impl Config {
    /// As a connection wants it. What is not named here is not for users to change: hyper's caps on floods, say.
    pub(super) fn connection(&self) -> connection::Limits {
        let Self { protocols, limits, timeouts, http2, .. } = self;
        // Each by name, so that none is forgotten here.
        let fixed = connection::Limits::default();
        connection::Limits {
            http1: protocols.http1,
            http1_0: protocols.http1_0,
            http2: protocols.http2,
            http2_prior_knowledge: protocols.http2_prior_knowledge,
            half_close: protocols.half_close,
            first_byte: bounded(timeouts.first_byte),
            head: bounded(timeouts.head),
            keep_alive: bounded(timeouts.keep_alive),
            body_gap: bounded(timeouts.body_gap),
            body_grace: bounded(timeouts.rate_grace),
            body_rate: timeouts.min_rate,
            write_stall: bounded(timeouts.write_stall),
            write_rate: timeouts.min_rate,
            handler: timeouts.handler.map(bounded),
            ping_interval: bounded(timeouts.ping),
            ping_timeout: bounded(timeouts.pong),
            requests: limits.requests_per_connection,
            head_bytes: limits.head_bytes,
            fields: limits.head_fields,
            buffer: limits.buffer_bytes,
            streams: http2.streams,
            header_list: http2.header_list_bytes,
            stream_window: http2.stream_window,
            connection_window: http2.connection_window,
            last_call: fixed.last_call,
            farewell: fixed.farewell,
            frame_size: fixed.frame_size,
            send_buffer: fixed.send_buffer,
            pending_resets: fixed.pending_resets,
            local_resets: fixed.local_resets,
        }
    }
}

/// What is as good as for ever, in a number that can be added to a time.
fn bounded(duration: Duration) -> Duration {
    duration.min(Duration::from_secs(30 * 365 * 24 * 3600))
}
