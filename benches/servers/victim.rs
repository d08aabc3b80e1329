//! Waypost for the floods of `tests/flood`: the same server, with a route that reads a body whole, one that has a large
//! answer, and deadlines that a test can wait for.

use std::time::Duration;

use bytes::Bytes;
use waypost::config::Config;
use waypost::{App, Server, get, post, routes};

use super::Served;

static MEBIBYTE: [u8; 1 << 20] = [b'x'; 1 << 20];

#[get("/hello")]
async fn hello() -> &'static str {
    "Hello, World!"
}

#[get("/mebibyte")]
async fn mebibyte() -> &'static [u8] {
    &MEBIBYTE
}

#[post("/echo")]
async fn echo(body: Bytes) -> Bytes {
    body
}

/// Waits for a second or half of it where the defaults wait for ten or more, if `short`.
pub async fn serve(listener: std::net::TcpListener, short: bool) -> Served {
    let mut config = Config::default();
    if short {
        let second = Duration::from_secs(1);
        let half = Duration::from_millis(500);
        let timeouts = &mut config.timeouts;
        timeouts.first_byte = second;
        timeouts.head = second;
        timeouts.keep_alive = second;
        timeouts.body_gap = half;
        timeouts.rate_grace = half;
        timeouts.write_stall = half;
        timeouts.ping = second;
        timeouts.pong = second;
    }
    let app = App::new(routes![hello, mebibyte, echo]);
    Ok(Server::builder().config(config).tcp_socket(listener).bind()?.serve(app).await?)
}
