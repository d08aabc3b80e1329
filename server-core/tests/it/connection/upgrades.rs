//! Connections that stop speaking HTTP, with paused time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use waypost::{App, Bytes, Handle, Response, State, Upgrade, get, post, routes};

use super::{Wire, wait};
use crate::raw::Channel;

/// How many connections were taken over.
#[derive(Clone, Default)]
struct Taken(Arc<AtomicUsize>);

#[derive(State)]
struct Site {
    taken: Taken,
}

fn accept(upgrade: Upgrade, taken: &Taken) -> Response {
    let taken = taken.clone();
    upgrade.accept("stay", async move |_stream| {
        taken.0.fetch_add(1, SeqCst);
        std::future::pending().await
    })
}

#[get("/")]
async fn stay(upgrade: Upgrade, State(taken): State<&Taken>) -> Response {
    accept(upgrade, taken)
}

#[post("/ignore")]
async fn ignore(upgrade: Upgrade, State(taken): State<&Taken>) -> Response {
    accept(upgrade, taken)
}

#[post("/read")]
async fn read(upgrade: Upgrade, State(taken): State<&Taken>, _body: Bytes) -> Response {
    accept(upgrade, taken)
}

fn serve(room: usize) -> (Wire, Handle, Taken) {
    let taken = Taken::default();
    let app = App::new(routes![stay, ignore, read]).state(Site { taken: taken.clone() });
    let (channel, handle) = Channel::serve(app);
    (channel.connect(room), handle, taken)
}

const FIELDS: &str = "Host: a\r\nConnection: upgrade\r\nUpgrade: stay\r\n";

/// The answer is still HTTP.
#[tokio::test(start_paused = true)]
async fn whose_answer_is_not_taken() {
    let (mut wire, handle, taken) = serve(32);
    wire.send(format!("GET / HTTP/1.1\r\n{FIELDS}\r\n")).await;
    wait(29).await;
    assert_eq!(handle.stats().connections_open, 1);
    wait(6).await;
    assert_eq!(handle.stats().connections_open, 0);
    assert_eq!(taken.0.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn that_are_silent_stay() {
    let (mut wire, handle, taken) = serve(32);
    wire.send(format!("GET / HTTP/1.1\r\n{FIELDS}\r\n")).await;
    assert_eq!(wire.reply_to_head().await.status, 101);
    wait(1_000_000).await;
    assert_eq!((handle.stats().connections_open, handle.stats().requests_open), (1, 1));
    assert_eq!(taken.0.load(SeqCst), 1);
}

/// What follows would be taken for the other protocol's.
#[tokio::test(start_paused = true)]
async fn in_the_middle_of_a_request() {
    for (path, content, status) in [
        ("/ignore", "Content-Length: 5\r\n\r\nhello", 400),
        ("/ignore", "Content-Length: 5\r\n\r\nhel", 400),
        ("/ignore", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 400),
        ("/ignore", "Content-Length: 0\r\n\r\n", 101),
        ("/read", "Content-Length: 5\r\n\r\nhello", 101),
        ("/read", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 101),
    ] {
        let (mut wire, handle, taken) = serve(1 << 16);
        wire.send(format!("POST {path} HTTP/1.1\r\n{FIELDS}{content}")).await;
        let reply = wire.reply().await;
        assert_eq!(reply.status, status, "{path} {content:?}");
        wait(10).await;
        assert_eq!(taken.0.load(SeqCst), usize::from(status == 101), "{path} {content:?}");
        assert_eq!(handle.stats().connections_open, u64::from(status == 101), "{path} {content:?}");
        if status == 400 {
            assert_eq!(reply.header("connection").as_deref(), Some("close"));
            assert_eq!(reply.header("upgrade"), None);
        }
    }
}

/// A body that was read does not speak for the request behind it, nor one that was not for any.
#[tokio::test(start_paused = true)]
async fn behind_a_request_with_content() {
    let (mut wire, _handle, taken) = serve(1 << 16);
    wire.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").await;
    assert_eq!(wire.reply().await.status, 426);
    wire.send(format!("GET / HTTP/1.1\r\n{FIELDS}\r\n")).await;
    assert_eq!(wire.reply_to_head().await.status, 101);
    wait(1).await;
    assert_eq!(taken.0.load(SeqCst), 1);
}
