//! Handlers that take too long.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::time::Instant;
use waypost::__connection::Limits;

use super::{connect, get, post};
use crate::raw::Site;

fn limits() -> Limits {
    Limits { handler: Some(Duration::from_secs(5)), ..Limits::default() }
}

#[tokio::test(start_paused = true)]
async fn are_dropped() {
    let site = Site::default();
    let mut served = connect(site.clone(), limits(), 1 << 16);
    for _ in 0..3 {
        let start = Instant::now();
        served.wire.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let reply = served.wire.reply().await;
        assert_eq!((reply.status, start.elapsed().as_secs()), (503, 5));
        assert!(reply.text().contains("the request took too long to answer"), "{}", reply.text());
        assert_eq!(site.running.load(SeqCst), 0);
        served.wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(served.wire.reply().await.text(), "hello");
    }

    let (mut sender, ..) = connect(site.clone(), limits(), 1 << 16).http2().await;
    let start = Instant::now();
    let response = sender.send_request(get("/slow")).await.unwrap();
    assert_eq!((response.status().as_u16(), start.elapsed().as_secs()), (503, 5));
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8(body.to_vec()).unwrap().contains("took too long"));
    assert_eq!(site.running.load(SeqCst), 0);
    assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn that_wait_for_the_client() {
    let mut served = connect(Site::default(), limits(), 1 << 16);
    let start = Instant::now();
    served.wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab").await;
    let reply = served.wire.reply().await;
    assert_eq!((reply.status, start.elapsed().as_secs()), (408, 5));
    assert_eq!(reply.header("connection").as_deref(), Some("close"));
    assert!(served.wire.rest().await.is_empty());

    let (mut sender, ..) = connect(Site::default(), limits(), 1 << 16).http2().await;
    let (request, body) = post("/echo");
    let start = Instant::now();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!((response.status().as_u16(), start.elapsed().as_secs()), (408, 5));
    drop(body);
}

/// The time is the handler's, not that of the response's body.
#[tokio::test(start_paused = true)]
async fn that_stream() {
    let mut served = connect(Site::default(), limits(), 1 << 16);
    served.wire.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let reply = served.wire.reply().await;
    assert_eq!((reply.status, reply.text()), (200, "drip drip drip drip drip "));
}
