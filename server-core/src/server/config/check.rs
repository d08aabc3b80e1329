//! Settings that no server can be run with.

use std::fmt::Display;
use std::io;
use std::time::Duration;

use super::Config;

/// Most that a window of HTTP/2 can be (RFC 9113 section 6.9.1).
const WINDOW: u32 = (1 << 31) - 1;

impl Config {
    /// Looks for what would make the server panic, refuse everybody or wait for nothing.
    pub(in super::super) fn check(&self) -> io::Result<()> {
        let Self { limits, timeouts, http2, tcp, .. } = self;
        least("limits.connections", limits.connections, 1)?;
        least("limits.connections_per_client", limits.connections_per_client.unwrap_or(1), 1)?;
        least("limits.handshakes", limits.handshakes, 1)?;
        least("limits.requests_per_connection", limits.requests_per_connection.unwrap_or(1), 1)?;
        least("limits.head_bytes", limits.head_bytes, 1024)?;
        least("limits.head_fields", limits.head_fields, 1)?;
        least("limits.buffer_bytes", limits.buffer_bytes, 8192)?;
        for (name, time) in [
            ("timeouts.handshake", Some(timeouts.handshake)),
            ("timeouts.first_byte", Some(timeouts.first_byte)),
            ("timeouts.head", Some(timeouts.head)),
            ("timeouts.keep_alive", Some(timeouts.keep_alive)),
            ("timeouts.body_gap", Some(timeouts.body_gap)),
            ("timeouts.write_stall", Some(timeouts.write_stall)),
            ("timeouts.rate_grace", Some(timeouts.rate_grace)),
            ("timeouts.handler", timeouts.handler),
            ("timeouts.ping", Some(timeouts.ping)),
            ("timeouts.pong", Some(timeouts.pong)),
            ("tcp.keep_alive", tcp.keep_alive),
        ] {
            if time == Some(Duration::ZERO) {
                return Err(fault(name, "0s", "it must be longer"));
            }
        }
        least("http2.streams", http2.streams, 1)?;
        least("http2.header_list_bytes", http2.header_list_bytes, 1024)?;
        for (name, window) in [
            ("http2.stream_window", http2.stream_window),
            ("http2.connection_window", http2.connection_window),
        ] {
            if !(1..=WINDOW).contains(&window) {
                return Err(fault(name, window, &format!("it must be from 1 to {WINDOW}")));
            }
        }
        least("tcp.backlog", tcp.backlog, 1)
    }
}

fn least<T: PartialOrd + Display>(name: &str, value: T, least: T) -> io::Result<()> {
    if value < least { Err(fault(name, value, &format!("it must be at least {least}"))) } else { Ok(()) }
}

fn fault(name: &str, value: impl Display, range: &str) -> io::Error {
    let text = format!("the setting `{name}` is {value}: {range}");
    io::Error::new(io::ErrorKind::InvalidInput, text)
}
