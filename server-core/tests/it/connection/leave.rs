//! A connection that is asked to end.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use waypost::__connection::{Limits, Spoken, Watch, serve};
use waypost::Peer;

use super::{Served, connect, connect_spoken, get, settle, site, wait};
use crate::raw::{Site, Wire};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const SLOW: &str = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn before_the_first_poll() {
    let (client, server) = tokio::io::duplex(1 << 16);
    let watch = Arc::new(Watch::new());
    watch.leave();
    let limits = Arc::new(Limits::default());
    tokio::spawn(serve(server, Arc::new(Site::default()), Peer::default(), limits, watch, None, ()))
        .await
        .unwrap();
    assert!(Wire::new(client).rest().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_ends_at_once() {
    for requests in 1..3 {
        let (_, mut served) = site();
        for _ in 0..requests {
            served.wire.send(GET).await;
            assert_eq!(served.wire.reply().await.text(), "hello");
        }
        settle().await;
        assert!(!served.watch.is_busy());
        served.watch.leave();
        assert!(served.wire.rest().await.is_empty());
        assert_eq!(served.end().await, 0);
        assert_eq!(served.watch.requests_http1(), requests);
        served.watch.leave();
    }
}

/// Its first request may be on the way: the system accepts in the server's name, and says so to the client.
#[tokio::test(start_paused = true)]
async fn who_has_just_come_may_send_a_request() {
    let moment = Duration::from_millis(240);
    for leave_first in [true, false] {
        let (_, mut served) = site();
        if leave_first {
            served.watch.leave();
        }
        settle().await;
        served.watch.leave();
        tokio::time::sleep(moment).await;
        assert!(!served.task.is_finished());
        served.wire.send(GET).await;
        let reply = served.wire.reply().await;
        assert_eq!((reply.status, reply.header("connection").as_deref()), (200, Some("close")));
        assert!(served.wire.rest().await.is_empty());
        assert_eq!(served.end().await, 0);
    }
    for spoken in [None, Some(Spoken::Http1), Some(Spoken::Http2)] {
        let mut served = connect_spoken(Site::default(), Limits::default(), 1 << 16, spoken);
        settle().await;
        served.watch.leave();
        let start = tokio::time::Instant::now();
        served.end().await;
        assert!((250..260).contains(&start.elapsed().as_millis()), "{spoken:?}");
        served.watch.leave();
        let leftover = served.wire.rest().await;
        assert!(leftover.is_empty() || spoken == Some(Spoken::Http2));
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_just_come_may_speak_http2() {
    for spoken in [None, Some(Spoken::Http2)] {
        let served = connect_spoken(Site::default(), Limits::default(), 1 << 16, spoken);
        served.watch.leave();
        settle().await;
        let (mut sender, connection, _, task) = served.http2().await;
        let response = sender.send_request(get("/")).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
        connection.await.unwrap().unwrap();
        task.await.unwrap();
    }
    // One that asks for nothing is told to go (frame type 7, GOAWAY).
    let mut served = connect(Site::default(), Limits::default(), 1 << 16);
    served.watch.leave();
    served.wire.send([super::PREFACE, b"\0\0\0\x04\0\0\0\0\0"].concat()).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(!frame_types(&served.wire.pending().await).contains(&7));
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(frame_types(&served.wire.pending().await).contains(&7));
}

/// The request is there, and nobody has looked yet.
#[tokio::test(start_paused = true)]
async fn the_answer_says_so_however_late_it_is() {
    for first in [true, false] {
        let (_, mut served) = site();
        if !first {
            served.wire.send(GET).await;
            served.wire.reply().await;
        }
        settle().await;
        served.wire.send(GET).await;
        served.watch.leave();
        let reply = served.wire.reply().await;
        assert_eq!((reply.status, reply.header("connection").as_deref()), (200, Some("close")));
        assert!(served.wire.rest().await.is_empty());
        assert_eq!(served.end().await, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn from_another_thread() {
    let (_, mut served) = site();
    served.wire.send(GET).await;
    served.wire.reply().await;
    settle().await;
    let watch = Arc::clone(&served.watch);
    std::thread::spawn(move || watch.leave()).join().unwrap();
    assert_eq!(served.end().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_in_progress_is_answered_and_those_behind_it_are_not() {
    let (site, mut served) = site();
    served.wire.send(format!("{SLOW}{GET}")).await;
    wait(1).await;
    served.watch.leave();
    wait(1).await;
    assert!(served.watch.is_busy());
    assert_eq!(served.watch.open(), 1);
    let reply = served.wire.reply().await;
    assert_eq!((reply.status, reply.text()), (200, "slow"));
    assert_eq!(reply.header("connection").as_deref(), Some("close"));
    assert!(served.wire.rest().await.is_empty());
    assert_eq!(served.end().await, 0);
    assert_eq!(site.begun.load(SeqCst), 1);
    assert!(!served.watch.is_busy());
}

#[tokio::test(start_paused = true)]
async fn so_is_one_whose_response_has_begun() {
    let (_, mut served) = site();
    served.wire.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
    served.wire.reply_to_head().await;
    served.watch.leave();
    let rest = String::from_utf8(served.wire.rest().await).unwrap();
    assert_eq!(rest, "5\r\ndrip \r\n".repeat(5) + "0\r\n\r\n");
    assert_eq!(served.end().await, 0);
}

/// Wherever in its head it is, and whether it is the first or not.
#[tokio::test(start_paused = true)]
async fn so_is_one_that_has_begun_to_come() {
    let post = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    for first in [true, false] {
        for cut in [1, 3, 12, post.len() - 4, post.len() - 1] {
            let (_, mut served) = site();
            if !first {
                served.wire.send(GET).await;
                served.wire.reply().await;
            }
            served.wire.send(&post[..cut]).await;
            settle().await;
            served.watch.leave();
            wait(3).await;
            assert!(!served.task.is_finished(), "after {cut}");
            served.wire.send(&post[cut..]).await;
            let reply = served.wire.reply().await;
            assert_eq!(reply.text(), "hi", "after {cut}");
            assert_eq!(reply.header("connection").as_deref(), Some("close"), "after {cut}");
            assert!(served.wire.rest().await.is_empty());
            assert_eq!(served.end().await, 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn its_head_must_come_in_time() {
    for first in [true, false] {
        let (_, mut served) = site();
        if !first {
            served.wire.send(GET).await;
            served.wire.reply().await;
        }
        served.wire.send("GET / HT").await;
        settle().await;
        served.watch.leave();
        assert!((9..=10).contains(&served.end().await));
    }
    let (_, mut served) = site();
    served.wire.send("P").await;
    settle().await;
    served.watch.leave();
    assert!((9..=10).contains(&served.end().await));
}

#[tokio::test(start_paused = true)]
async fn streams_of_http2_finish() {
    let (_, served) = site();
    let (mut sender, connection, watch, task) = served.http2().await;
    let slow = sender.send_request(get("/slow"));
    let large = sender.send_request(get("/large"));
    wait(1).await;
    watch.leave();
    wait(1).await;
    assert!(sender.send_request(get("/")).await.is_err());
    let large = large.await.unwrap().into_body().collect().await.unwrap().to_bytes();
    assert_eq!(large.len(), 1 << 20);
    assert!(watch.is_busy());
    let slow = slow.await.unwrap().into_body().collect().await.unwrap().to_bytes();
    assert_eq!(slow, "slow");
    task.await.unwrap();
    connection.await.unwrap().unwrap();
    assert_eq!((watch.requests_http1(), watch.requests_http2(), watch.is_busy()), (0, 2, false));
}

#[tokio::test(start_paused = true)]
async fn idle_http2_ends_at_once() {
    let (_, served) = site();
    let (mut sender, connection, watch, task) = served.http2().await;
    sender.send_request(get("/")).await.unwrap();
    wait(1).await;
    watch.leave();
    let start = tokio::time::Instant::now();
    task.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 0);
    connection.await.unwrap().unwrap();
}

/// Asked in the middle of the preface: then GOAWAY is the first that the peer hears.
#[tokio::test(start_paused = true)]
async fn in_the_preface() {
    for cut in [1, 20, 24] {
        let (_, mut served) = site();
        served.wire.send(&super::PREFACE[..cut]).await;
        settle().await;
        served.watch.leave();
        settle().await;
        served.wire.send(&super::PREFACE[cut..]).await;
        served.wire.send(b"\0\0\0\x04\0\0\0\0\0").await;
        // No request comes for so long.
        wait(1).await;
        let frames = served.wire.pending().await;
        let types = frame_types(&frames);
        assert!(types.contains(&7), "no GOAWAY after {cut}: {types:?}");
        // This peer does not answer the PING that asks whether it has seen that.
        assert!((4..=5).contains(&served.end().await));
    }
}

fn frame_types(mut bytes: &[u8]) -> Vec<u8> {
    let mut types = Vec::new();
    while let [a, b, c, kind, ..] = *bytes {
        types.push(kind);
        bytes = &bytes[9 + u32::from_be_bytes([0, a, b, c]) as usize..];
    }
    types
}

#[tokio::test(start_paused = true)]
async fn bytes_are_counted() {
    let (_, mut served) = site();
    served.wire.send(GET).await;
    let reply = served.wire.reply().await;
    assert_eq!(served.watch.received(), GET.len() as u64);
    assert_eq!(served.watch.sent(), (reply.head.len() + 2 + reply.body.len()) as u64);
    assert_eq!(served.watch.open(), 0);

    let (_, served) = site();
    let (mut sender, _connection, watch, _task) = served.http2().await;
    let large = sender.send_request(get("/large")).await.unwrap();
    assert_eq!(large.into_body().collect().await.unwrap().to_bytes().len(), 1 << 20);
    assert!(watch.sent() > 1 << 20);
    assert!((50..1000).contains(&watch.received()));
}

/// A stream that notes whether it was shut down, as TLS wants it.
struct Closing {
    stream: DuplexStream,
    shut_down: Arc<AtomicBool>,
}

impl AsyncRead for Closing {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Closing {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.shut_down.store(true, SeqCst);
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// However the connection ends politely: asked, idle for too long, or in HTTP/2.
#[tokio::test(start_paused = true)]
async fn the_stream_is_shut_down() {
    for (asked, http2) in [(true, false), (false, false), (true, true), (false, true)] {
        let (client, stream) = tokio::io::duplex(1 << 16);
        let shut_down = Arc::new(AtomicBool::new(false));
        let stream = Closing { stream, shut_down: Arc::clone(&shut_down) };
        let watch = Arc::new(Watch::new());
        let limits = Arc::new(Limits::default());
        let app = Arc::new(Site::default());
        let task = tokio::spawn(serve(stream, app, Peer::default(), limits, Arc::clone(&watch), None, ()));
        let mut served = Served { wire: Wire::new(client), watch, task };
        if http2 {
            served.wire.send(super::PREFACE).await;
            served.wire.send(b"\0\0\0\x04\0\0\0\0\0").await;
            served.wire.pending().await;
            if asked {
                served.watch.leave();
                wait(1).await;
            } else {
                wait(71).await;
            }
            // GOAWAY, and the PING that asks whether it was seen.
            let frames = served.wire.pending().await;
            assert_eq!(frame_types(&frames), [7, 6]);
            served.wire.send(b"\0\0\x08\x06\x01\0\0\0\0").await;
            served.wire.send(&frames[frames.len() - 8..]).await;
            assert_eq!(served.end().await, 0);
        } else {
            served.wire.send(GET).await;
            served.wire.reply().await;
            if asked {
                served.watch.leave();
            }
            served.end().await;
        }
        assert!(shut_down.load(SeqCst), "asked: {asked}, HTTP/2: {http2}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_so_many_requests() {
    let limits = Limits { requests: Some(3), ..Limits::default() };
    let mut served = connect(Site::default(), limits.clone(), 1 << 16);
    served.wire.send(GET.repeat(5)).await;
    for n in 1..=3 {
        let reply = served.wire.reply().await;
        assert_eq!(reply.header("connection").as_deref(), (n == 3).then_some("close"));
    }
    assert!(served.wire.rest().await.is_empty());
    assert_eq!((served.end().await, served.watch.requests_http1()), (0, 3));

    let (mut sender, connection, watch, task) = connect(Site::default(), limits, 1 << 16).http2().await;
    for _ in 0..3 {
        assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
    }
    task.await.unwrap();
    connection.await.unwrap().unwrap();
    assert_eq!(watch.requests_http2(), 3);
}
