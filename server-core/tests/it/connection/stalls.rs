//! Peers that do not take what they have asked for.

use std::sync::atomic::Ordering::SeqCst;

use http_body_util::BodyExt as _;
use hyper::client::conn::http2::Builder;
use hyper_util::rt::TokioExecutor;
use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;
use waypost::__connection::Limits;

use super::{connect, get, settle, site, wait};
use crate::raw::Site;

const LARGE: &str = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn nothing_is_taken() {
    for read_first in [0, 100, 100_000] {
        let mut served = connect(Site::default(), Limits::default(), 1024);
        served.wire.send(LARGE).await;
        served.wire.take(read_first).await;
        let seconds = served.end().await;
        assert!((30..=32).contains(&seconds), "after {seconds} s");
    }
}

#[tokio::test(start_paused = true)]
async fn next_to_nothing_is_taken() {
    // The little that there is room for in between is the wire's own.
    for (bytes, every) in [(1, 29), (100, 1), (1000, 10)] {
        let mut served = connect(Site::default(), Limits::default(), 1024);
        served.wire.send(LARGE).await;
        let start = Instant::now();
        let mut buffer = vec![0; bytes];
        while served.wire.stream.read_exact(&mut buffer).await.is_ok() {
            wait(every).await;
            if served.task.is_finished() {
                break;
            }
            assert!(start.elapsed().as_secs() < 120, "{bytes} every {every} s");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_that_is_steady() {
    for (bytes, every) in [(300, 1), (7_000, 25)] {
        let mut served = connect(Site::default(), Limits::default(), 1024);
        served.wire.send(LARGE).await;
        let start = Instant::now();
        while start.elapsed().as_secs() < 500 {
            served.wire.take(bytes).await;
            wait(every).await;
        }
        served.wire.take(500_000).await;
    }
}

fn windows(stream: u32, connection: u32) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(stream).initial_connection_window_size(connection);
    builder
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_reset_and_its_neighbours_go_on() {
    for window in [0, 1, 1000, 65_535] {
        let (site, served) = site();
        let (mut sender, _connection, watch, _task) = served.http2_with(&mut windows(window, 1 << 20)).await;
        let stalled = sender.send_request(get("/large")).await.unwrap();
        let mut steady = None;
        if window > 0 {
            steady = Some(sender.send_request(get("/large")).await.unwrap().into_body());
        }
        // Clients let a stream go on when half of its window was read.
        let rate = 300.max(window as usize / 30);
        let (mut reset_after, mut taken) = (None, 0);
        for second in 0..60_usize {
            if let Some(steady) = &mut steady {
                while taken < (second + 1) * rate {
                    taken += steady.frame().await.unwrap().unwrap().into_data().unwrap().len();
                }
            }
            wait(1).await;
            assert_eq!(sender.send_request(get("/empty")).await.unwrap().status(), 200);
            if watch.open() == u32::from(steady.is_some()) {
                reset_after.get_or_insert(second);
            }
        }
        let reset_after = reset_after.expect("the stream is reset");
        assert!((29..=33).contains(&reset_after), "after {reset_after} s with {window}");
        let error = stalled.into_body().collect().await.unwrap_err();
        assert!(error.to_string().contains("error reading a body"), "{error}");
        assert_eq!(site.running.load(SeqCst), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_source_is_no_stall() {
    let (_, served) = site();
    let (mut sender, _connection, ..) = served.http2().await;
    let response = sender.send_request(get("/stream")).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "drip ".repeat(5));
}

/// The first stream has taken all there is, and is ended; so is the next, and then the connection.
#[tokio::test(start_paused = true)]
async fn the_connections_window_is_shut() {
    let (_, served) = site();
    let (mut sender, connection, watch, task) = served.http2_with(&mut windows(1 << 20, 65_535)).await;
    let start = Instant::now();
    let first = sender.send_request(get("/large")).await.unwrap();
    wait(40).await;
    assert_eq!(watch.open(), 0);
    assert!(!task.is_finished());
    let second = sender.send_request(get("/large")).await.unwrap();
    task.await.unwrap();
    let seconds = start.elapsed().as_secs();
    assert!((70..=85).contains(&seconds), "after {seconds} s");
    assert!(second.into_body().collect().await.is_err());
    drop(first);
    drop(sender);
    let _ = connection.await.unwrap();
}

/// All of it was handed over to the protocol, of which a part is stuck there: the stream cannot be ended by itself.
#[tokio::test(start_paused = true)]
async fn the_rest_of_a_response() {
    let (site, served) = site();
    let (mut sender, connection, watch, task) = served.http2_with(&mut windows(3, 1 << 20)).await;
    let start = Instant::now();
    let stalled = sender.send_request(get("/")).await.unwrap();
    settle().await;
    assert!(watch.is_busy());
    assert_eq!(site.running.load(SeqCst), 0);
    wait(20).await;
    let slow = tokio::spawn(sender.send_request(get("/slow")));
    // GOAWAY comes, the neighbour is served all the same.
    wait(40).await;
    assert!(sender.send_request(get("/empty")).await.is_err());
    let slow = slow.await.unwrap().unwrap().into_body();
    assert_eq!(slow.collect().await.unwrap().to_bytes(), "slow");
    task.await.unwrap();
    let seconds = start.elapsed().as_secs();
    assert!((3620..=3650).contains(&seconds), "after {seconds} s");
    drop(stalled);
    let _ = connection.await.unwrap();
    assert_eq!(watch.open(), 0);
}

/// A peer whose socket takes nothing, in HTTP/2: there is no telling a stream.
#[tokio::test(start_paused = true)]
async fn http2_over_a_dead_wire() {
    let mut served = connect(Site::default(), Limits::default(), 1024);
    served.wire.send(super::PREFACE).await;
    // SETTINGS with a large window, a WINDOW_UPDATE for the connection, a request for /large.
    served.wire.send(b"\0\0\x06\x04\0\0\0\0\0\0\x04\x7f\xff\xff\xff").await;
    served.wire.send(b"\0\0\x04\x08\0\0\0\0\0\x70\0\0\0").await;
    let head = b"\x82\x87\x01\x01a\x04\x06/large";
    served.wire.send([&[0, 0, head.len() as u8, 1, 5, 0, 0, 0, 1], &head[..]].concat()).await;
    let seconds = served.end().await;
    assert!((30..=35).contains(&seconds), "after {seconds} s");
    assert_eq!(served.watch.requests_http2(), 1);
}
