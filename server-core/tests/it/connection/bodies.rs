//! Clients that keep handlers waiting for the bodies of their requests.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::time::Instant;
use waypost::__connection::Limits;
use waypost::{Body, IntoResponse, Peer, Respond, Response};

use super::{connect, get, post, settle, site, wait};
use crate::raw::Reply;

const HEAD: &str = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";

fn assert_late(reply: &Reply, start: Instant, seconds: std::ops::RangeInclusive<u64>) {
    assert_eq!(reply.status, 408);
    assert_eq!(reply.header("connection").as_deref(), Some("close"));
    assert!(reply.text().contains("too slowly"), "{}", reply.text());
    let passed = start.elapsed().as_secs();
    assert!(seconds.contains(&passed), "after {passed} s");
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_come() {
    for requests in 0..3 {
        let (site, mut served) = site();
        for _ in 0..requests {
            served.wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n").await;
            wait(7).await;
            served.wire.send("hi").await;
            assert_eq!(served.wire.reply().await.text(), "hi");
        }
        let start = Instant::now();
        served.wire.send(HEAD).await;
        assert_late(&served.wire.reply().await, start, 10..=12);
        assert!(served.wire.rest().await.is_empty());
        assert_eq!(site.running.load(SeqCst), 0);
        // The client may still be sending: it is given time to see the answer.
        assert_eq!(served.end().await, 5);
    }
}

/// Its handler would wait for it, or read it up to the limit.
#[tokio::test(start_paused = true)]
async fn one_that_announces_too_much() {
    #[waypost::post("/", body_limit = 999_999)]
    async fn count(mut body: Body) -> waypost::Result<String> {
        let mut total = 0;
        while let Some(piece) = body.chunk().await? {
            total += piece.len();
        }
        Ok(total.to_string())
    }

    let mut served = connect(waypost::App::new(waypost::routes![count]), Limits::default(), 1 << 16);
    let start = Instant::now();
    served.wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n").await;
    assert_eq!(served.wire.reply().await.status, 413);
    assert_eq!(start.elapsed(), Duration::ZERO);
    let mut served = connect(waypost::App::new(waypost::routes![count]), Limits::default(), 1 << 16);
    served.wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n").await;
    for _ in 0..9 {
        served.wire.send([0; 111_111]).await;
    }
    assert_eq!(served.wire.reply().await.text(), "999999");
}

/// What is read ahead of a handler that does something else is little; a body is not read like that.
#[tokio::test(start_paused = true)]
async fn one_that_is_large_comes_in_large_pieces() {
    async fn pieces(mut body: Body, pauses: bool) -> waypost::Result<String> {
        let (mut pieces, mut largest) = (0, 0);
        while let Some(piece) = body.chunk().await? {
            pieces += 1;
            largest = largest.max(piece.len());
            if pauses {
                settle().await;
            }
        }
        Ok(format!("{pieces} {largest}"))
    }

    #[waypost::post("/")]
    async fn reads(body: Body) -> waypost::Result<String> {
        pieces(body, false).await
    }

    #[waypost::post("/pauses")]
    async fn pauses(body: Body) -> waypost::Result<String> {
        pieces(body, true).await
    }

    let app = waypost::App::new(waypost::routes![reads, pauses]);
    let mut served = connect(app, Limits::default(), 1 << 16);
    for path in ["/", "/pauses"] {
        served.wire.send(format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")).await;
        for _ in 0..20 {
            served.wire.send([0; 50_000]).await;
        }
        let reply = served.wire.reply().await;
        let (pieces, largest) = reply.text().split_once(' ').unwrap();
        assert!(pieces.parse::<u32>().unwrap() < 100, "{path}: {pieces} pieces");
        assert!(largest.parse::<usize>().unwrap() > 16 * 1024, "{path}: {largest} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_stops() {
    let (_, mut served) = site();
    served.wire.send(HEAD).await;
    for _ in 0..20 {
        served.wire.send([0; 5000]).await;
        wait(1).await;
    }
    let start = Instant::now();
    assert_late(&served.wire.reply().await, start, 27..=32);
}

#[tokio::test(start_paused = true)]
async fn one_that_drips() {
    let (_, mut served) = site();
    let start = Instant::now();
    served.wire.send(HEAD).await;
    let (mut read, mut write) = tokio::io::split(served.wire.stream);
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while write.write_all(b"x").await.is_ok() {
            wait(1).await;
        }
    });
    use tokio::io::AsyncReadExt as _;
    let mut answer = [0; 12];
    read.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert!((10..=15).contains(&start.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_one_that_is_steady() {
    let (_, mut served) = site();
    served.wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n").await;
    for _ in 0..200 {
        wait(1).await;
        served.wire.send([b'x'; 300]).await;
    }
    let reply = served.wire.reply().await;
    assert_eq!((reply.status, reply.body.len()), (200, 60_000));
    assert_eq!(reply.header("connection"), None);
}

/// Reads after some time, a piece every minute.
struct Late;

impl Respond for Late {
    async fn respond(&self, request: http::Request<Body>, _: &Peer) -> Response {
        wait(100).await;
        let mut body = request.into_body();
        let mut total = 0;
        loop {
            match body.chunk().await {
                Ok(Some(chunk)) => total += chunk.len(),
                Ok(None) => return total.to_string().into_response(),
                Err(error) => return error.into_response(),
            }
            wait(60).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_does_not_read_is_not_the_clients_fault() {
    let mut served = connect(Late, Limits::default(), 100);
    served.wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n").await;
    for _ in 0..20 {
        wait(9).await;
        served.wire.send([0; 10]).await;
    }
    assert_eq!(served.wire.reply().await.text(), "200");

    let (mut sender, ..) = connect(Late, Limits::default(), 1 << 16).http2().await;
    let (request, body) = post("/");
    let response = sender.send_request(request);
    for _ in 0..20 {
        wait(9).await;
        body.send(vec![0; 10].into()).unwrap();
    }
    drop(body);
    let response = response.await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "200");
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_judged_by_itself() {
    let (site, served) = site();
    let (mut sender, _connection, watch, _task) = served.http2().await;
    let (request, body) = post("/echo");
    let start = Instant::now();
    let late = tokio::spawn(sender.send_request(request));
    let (request, steady) = post("/echo");
    let well = sender.send_request(request);
    let mut late_after = None;
    for second in 0..60 {
        wait(1).await;
        steady.send(vec![0; 300].into()).unwrap();
        assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
        if late.is_finished() {
            late_after.get_or_insert(second);
        }
        if second < 8 {
            body.send("x".into()).unwrap();
        }
    }
    let response = late.await.unwrap().unwrap();
    assert_eq!(response.status(), 408);
    assert!((9..=15).contains(&late_after.unwrap()), "{late_after:?}");
    assert!(start.elapsed().as_secs() >= 60);
    drop(steady);
    let well = well.await.unwrap();
    assert_eq!(well.into_body().collect().await.unwrap().to_bytes().len(), 60 * 300);
    settle().await;
    assert_eq!((watch.open(), site.running.load(SeqCst)), (0, 0));
}

/// Who reads in a task of its own is woken, too.
struct Elsewhere;

impl Respond for Elsewhere {
    async fn respond(&self, request: http::Request<Body>, _: &Peer) -> Response {
        match tokio::spawn(request.into_body().bytes()).await.unwrap() {
            Ok(bytes) => Response::new(bytes.into()),
            Err(error) => {
                assert!(error.is_body_failed());
                error.into_response()
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn read_in_another_task() {
    let mut served = connect(Elsewhere, Limits::default(), 1 << 16);
    let start = Instant::now();
    served.wire.send(HEAD).await;
    assert_late(&served.wire.reply().await, start, 10..=12);
}

/// A handler that gives up waiting by itself, and then waits for something else.
struct Impatient;

impl Respond for Impatient {
    async fn respond(&self, request: http::Request<Body>, _: &Peer) -> Response {
        let body = request.into_body();
        assert!(tokio::time::timeout(Duration::from_secs(5), body.bytes()).await.is_err());
        wait(100).await;
        "patience".into_response()
    }
}

#[tokio::test(start_paused = true)]
async fn who_gave_up_does_not_wait() {
    let mut served = connect(Impatient, Limits::default(), 1 << 16);
    served.wire.send(HEAD).await;
    let reply = served.wire.reply().await;
    assert_eq!((reply.status, reply.text()), (200, "patience"));
}

#[tokio::test(start_paused = true)]
async fn limits_are_as_set() {
    let limits = Limits {
        body_grace: Duration::from_millis(400),
        body_gap: Duration::from_secs(2),
        body_rate: 0,
        ..Limits::default()
    };
    let mut served = connect(crate::raw::Site::default(), limits, 1 << 16);
    served.wire.send(HEAD).await;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(1900)).await;
        served.wire.send("x").await;
    }
    let start = Instant::now();
    assert_late(&served.wire.reply().await, start, 2..=2);
}

/// Keeps the body of the request before, read to its last byte but not to its end, and drops it ten seconds later.
#[derive(Default)]
struct Keeper(std::sync::Mutex<Option<Body>>);

impl Respond for Keeper {
    async fn respond(&self, request: http::Request<Body>, _: &Peer) -> Response {
        let mut body = request.into_body();
        if let Some(old) = self.0.lock().unwrap().take() {
            tokio::spawn(async move {
                wait(8).await;
                drop(old);
            });
        }
        match body.chunk().await {
            Ok(chunk) => {
                *self.0.lock().unwrap() = Some(body);
                Response::new(chunk.unwrap_or_default().into())
            }
            Err(error) => error.into_response(),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_earlier_body_has_no_say() {
    let mut served = connect(Keeper::default(), Limits::default(), 1 << 16);
    served.wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n").await;
    wait(1).await;
    served.wire.send("hi").await;
    assert_eq!(served.wire.reply().await.text(), "hi");
    let start = Instant::now();
    served.wire.send(HEAD).await;
    assert_late(&served.wire.reply().await, start, 9..=12);
}

#[waypost::post("/json")]
async fn json(document: waypost::Json<serde_json::Value>) -> String {
    document.0.to_string()
}

#[tokio::test(start_paused = true)]
async fn through_an_extractor() {
    let mut served = connect(waypost::App::new(waypost::routes![json]), Limits::default(), 1 << 16);
    let start = Instant::now();
    let head =
        "POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n";
    served.wire.send(format!("{head}[1, 2")).await;
    assert_late(&served.wire.reply().await, start, 10..=12);
}
