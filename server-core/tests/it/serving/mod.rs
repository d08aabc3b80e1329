//! The server's faces: how it is bound, served, asked and ended.

mod addresses;
mod ending;
mod in_force;
mod limits;
mod own_threads;
mod proxies;
mod settings;
#[cfg(unix)]
mod unix;
mod upgrades;

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use waypost::config::Config;
use waypost::{App, Builder, Handle, Server, Shutdown, get, routes};

use crate::raw::tcp::{connect, port};
use crate::raw::{Channel, Site, Wire};
use crate::support::{PATIENCE, soon, until};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

fn spawn(site: &Site) -> Handle {
    spawn_with(Server::builder(), site)
}

fn spawn_with(builder: Builder, site: &Site) -> Handle {
    builder.tcp("127.0.0.1:0").bind().unwrap().spawn(site.clone()).unwrap()
}

fn configured(change: impl FnOnce(&mut Config)) -> Builder {
    let mut config = Config::default();
    change(&mut config);
    Server::builder().config(config)
}

/// A connection with a request that was answered.
async fn idle(handle: &Handle) -> Wire<TcpStream> {
    let mut wire = connect(handle).await;
    wire.send(GET).await;
    assert_eq!(wire.reply().await.status, 200);
    wire
}

#[tokio::test]
async fn counts_what_passes() {
    let handle = spawn(&Site::default());
    let mut wire = idle(&handle).await;
    wire.send(GET).await;
    let reply = wire.reply().await;
    let stats = handle.stats();
    assert_eq!((stats.connections_accepted, stats.connections_open), (1, 1));
    assert_eq!((stats.requests_http1, stats.requests_http2, stats.requests()), (2, 0, 2));
    assert_eq!(stats.bytes_received, 2 * GET.len() as u64);
    let sent = stats.bytes_sent;
    assert_eq!(sent, 2 * (reply.head.len() + 2 + reply.body.len()) as u64);
    drop(wire);
    until(|| handle.stats().connections_open == 0).await;
    let after = handle.stats();
    assert_eq!((after.requests(), after.bytes_sent), (2, sent), "kept when the connection has ended");
}

#[tokio::test]
async fn counts_each_protocol() {
    use hyper_util::rt::{TokioExecutor, TokioIo};

    let handle = spawn(&Site::default());
    let _silent = connect(&handle).await;
    let http1 = idle(&handle).await;
    let before = handle.stats();
    let (received, sent) = (before.bytes_received, before.bytes_sent);
    assert!(received > 0 && sent > 0);
    assert_eq!((before.connections_http2, before.bytes_received_http2, before.bytes_sent_http2), (0, 0, 0));

    let stream = TokioIo::new(TcpStream::connect(port(&handle)).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = hyper::Request::get("http://a/").body(String::new()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
    let during = handle.stats();
    assert_eq!((during.connections_http2, during.connections_open), (1, 3));
    drop((sender, http1));
    let _ = soon(connection).await;
    until(|| handle.stats().connections_open == 1).await;
    let after = handle.stats();
    assert_eq!((after.requests_http1, after.requests_http2), (1, 1));
    assert_eq!((after.connections_accepted, after.connections_http2), (3, 1));
    assert!(after.bytes_received_http2 >= 24 && after.bytes_sent_http2 > 0, "{after:?}");
    assert_eq!(after.bytes_received - after.bytes_received_http2, received);
    assert_eq!(after.bytes_sent - after.bytes_sent_http2, sent);
}

/// A port that is taken over is one that the system listens on for us.
#[tokio::test]
async fn what_the_system_accepted_is_served() {
    let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
    let handle = server.handle();
    let mut waiting = connect(&handle).await;
    waiting.send(GET).await;
    let drained = handle.shutdown(PATIENCE);
    tokio::spawn(server.serve(Site::default()));
    let reply = soon(waiting.reply()).await;
    assert_eq!(reply.status, 200);
    let mut rest = Vec::new();
    soon(waiting.stream.read_to_end(&mut rest)).await.unwrap();
    soon(drained).await;
}

/// However many they are, and whether or not there is room for all of them at once.
#[tokio::test]
async fn all_that_the_system_accepted_are_served() {
    for connections in [10_000, 10] {
        let server = configured(|config| config.limits.connections = connections);
        let server = server.tcp("127.0.0.1:0").bind().unwrap();
        let handle = server.handle();
        let mut waiting = Vec::new();
        for _ in 0..300 {
            let mut wire = connect(&handle).await;
            wire.send(GET).await;
            waiting.push(wire);
        }
        let drained = handle.shutdown(PATIENCE);
        tokio::spawn(server.serve(Site::default()));
        for wire in &mut waiting {
            assert_eq!(soon(wire.reply()).await.status, 200);
        }
        assert_eq!(soon(drained).await.connections, 0);
        assert_eq!(handle.stats().requests(), 300);
    }
}
