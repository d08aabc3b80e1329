//! Clients that go away before they are answered.

use std::sync::atomic::Ordering::SeqCst;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use waypost::__connection::Limits;
use waypost::Server;

use super::{connect, settle, site, wait};
use crate::raw::{Site, Wire};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const SLOW: &str = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
const FOREVER: &str = "GET /forever HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn the_handler_is_dropped() {
    for closes in [true, false] {
        let (site, mut served) = site();
        served.wire.send(GET).await;
        served.wire.reply().await;
        served.wire.send(FOREVER).await;
        wait(100).await;
        assert_eq!(site.running.load(SeqCst), 1);
        if closes {
            served.wire.stream.shutdown().await.unwrap();
        } else {
            served.wire = Wire::new(tokio::io::duplex(1).0);
        }
        assert_eq!(served.end().await, 0);
        assert_eq!(site.running.load(SeqCst), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn so_is_one_that_streams() {
    let (_, mut served) = site();
    served.wire.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
    served.wire.take(5).await;
    wait(100).await;
    served.wire.stream.shutdown().await.unwrap();
    assert_eq!(served.end().await, 0);
    assert!(!served.watch.is_busy());
}

/// An answer that was ready leaves all the same.
#[tokio::test(start_paused = true)]
async fn after_an_answer() {
    let (site, mut served) = site();
    served.wire.send(format!("{GET}{FOREVER}")).await;
    served.wire.stream.shutdown().await.unwrap();
    assert_eq!(served.wire.reply().await.text(), "hello");
    assert_eq!(served.end().await, 0);
    assert_eq!(site.running.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_closed_side_may_be_allowed() {
    let limits = Limits { half_close: true, ..Limits::default() };
    for path in ["/slow", "/stream"] {
        let mut served = connect(Site::default(), limits.clone(), 1 << 16);
        served.wire.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        served.wire.stream.shutdown().await.unwrap();
        let rest = String::from_utf8(served.wire.rest().await).unwrap();
        assert!(rest.ends_with("slow") || rest.ends_with("0\r\n\r\n"), "{rest}");
    }
}

/// What comes while a handler is waited for is the next request, however much it is.
#[tokio::test(start_paused = true)]
async fn who_sends_more_has_not_gone() {
    for count in [1, 5, 500] {
        let (_, mut served) = site();
        served.wire.send(SLOW).await;
        wait(1).await;
        for cut in [3, 10] {
            served.wire.send(&GET[..cut]).await;
            wait(1).await;
            served.wire.send(&GET[cut..]).await;
        }
        served.wire.send(GET.repeat(count)).await;
        assert_eq!(served.wire.reply().await.text(), "slow");
        for _ in 0..count + 2 {
            assert_eq!(served.wire.reply().await.text(), "hello");
        }
        assert_eq!(served.watch.received(), (SLOW.len() + GET.len() * (count + 2)) as u64);
        // Not idle for long: the rest came with the last of it.
        wait(50).await;
        served.wire.send(GET).await;
        assert_eq!(served.wire.reply().await.text(), "hello");
    }
}

/// A body that nobody reads yet is not lost either.
#[tokio::test(start_paused = true)]
async fn a_body_that_waits() {
    struct Late;

    impl waypost::Respond for Late {
        async fn respond(
            &self,
            request: http::Request<waypost::Body>,
            _: &waypost::Peer,
        ) -> waypost::Response {
            wait(10).await;
            waypost::Response::new(request.into_body().bytes().await.unwrap().into())
        }
    }

    for length in [1, 1000, 50_000] {
        let mut served = connect(Late, Limits::default(), 300);
        served.wire.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n")).await;
        wait(1).await;
        let body: Vec<u8> = (0..length).map(|i: u32| (i % 251) as u8).collect();
        served.wire.send(&body).await;
        assert!(served.wire.reply().await.body == body);
    }
}

#[tokio::test]
async fn a_reset_over_a_socket() {
    let site = Site::default();
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = server.addr().tcp().unwrap();
    tokio::spawn(server.serve(site.clone()));
    for resets in [true, false] {
        let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
        wire.send(GET).await;
        wire.reply().await;
        wire.send(FOREVER).await;
        while site.running.load(SeqCst) == 0 {
            settle().await;
        }
        if resets {
            wire.stream.set_zero_linger().unwrap();
        }
        drop(wire);
        while site.running.load(SeqCst) > 0 {
            settle().await;
        }
    }
}
