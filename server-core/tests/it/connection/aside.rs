//! Bodies that somebody goes on reading after the answer was given.

use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::stream;
use http_body_util::BodyExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use waypost::__connection::Limits;
use waypost::{Body, BoxError, IntoResponse, Peer, Respond, Response, Server};

use super::{Served, connect, post, settle, site, wait};
use crate::raw::Wire;

/// Answers at once, or in five pieces, one every ten seconds; what is to be read the test gets.
struct Aside(UnboundedSender<Body>);

impl Respond for Aside {
    async fn respond(&self, request: http::Request<Body>, _: &Peer) -> Response {
        let is_streamed = request.uri().path() == "/stream";
        if request.uri().path() == "/forever" {
            std::future::pending().await
        }
        let body = request.into_body();
        if !body.is_empty() {
            self.0.send(body).unwrap();
        }
        if !is_streamed {
            return "taken".into_response();
        }
        Response::new(Body::from_stream(stream::unfold(0, |piece| async move {
            wait(10).await;
            (piece < 5).then_some((Ok::<_, BoxError>("drip "), piece + 1))
        })))
    }
}

fn aside(limits: Limits) -> (Served, UnboundedReceiver<Body>) {
    let (sender, bodies) = unbounded_channel();
    (connect(Aside(sender), limits, 1 << 16), bodies)
}

fn in_task(mut body: Body) -> JoinHandle<Result<String, u16>> {
    tokio::spawn(async move {
        let mut all = Vec::new();
        loop {
            match body.chunk().await {
                Ok(Some(piece)) => all.extend(piece),
                Ok(None) => return Ok(String::from_utf8(all).unwrap()),
                Err(error) => return Err(error.status().as_u16()),
            }
        }
    })
}

/// Sends what is answered at once.
async fn taken<T: AsyncRead + AsyncWrite + Unpin>(wire: &mut Wire<T>, request: impl AsRef<[u8]>) {
    wire.send(request).await;
    assert_eq!(wire.reply().await.text(), "taken");
}

/// Sends the first half of a body, which its reader takes.
async fn begun(served: &mut Served, bodies: &mut UnboundedReceiver<Body>, half: impl AsRef<[u8]>) -> Body {
    taken(&mut served.wire, half).await;
    let mut body = bodies.recv().await.unwrap();
    assert_eq!(body.chunk().await.unwrap().unwrap(), "abc");
    body
}

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const HALF: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc";

/// Requests in two pieces, whose bodies are `abcdef`.
const IN_HALVES: [(&str, &str); 3] = [
    ("Content-Length: 6\r\n\r\nabc", "def"),
    ("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "3\r\ndef\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n\r\n6\r\nabc", "def\r\n0\r\n\r\n"),
];

#[tokio::test(start_paused = true)]
async fn the_rest_comes_and_so_does_its_end() {
    let (mut served, mut bodies) = aside(Limits::default());
    for pause in [0, 1, 9] {
        for (head, rest) in IN_HALVES {
            taken(&mut served.wire, format!("POST / HTTP/1.1\r\nHost: a\r\n{head}")).await;
            let reading = in_task(bodies.recv().await.unwrap());
            wait(pause).await;
            assert!(!reading.is_finished());
            served.wire.send(rest).await;
            let start = Instant::now();
            assert_eq!(reading.await.unwrap(), Ok("abcdef".to_owned()));
            assert_eq!(start.elapsed(), Duration::ZERO, "{rest}");
        }
    }
    // Pipelined, the next request too.
    for (head, rest) in IN_HALVES {
        taken(&mut served.wire, format!("POST / HTTP/1.1\r\nHost: a\r\n{head}")).await;
        let reading = in_task(bodies.recv().await.unwrap());
        taken(&mut served.wire, format!("{rest}{GET}")).await;
        assert_eq!(reading.await.unwrap(), Ok("abcdef".to_owned()));
    }
}

/// Neither the time for a head nor that between requests runs while a body comes.
#[tokio::test(start_paused = true)]
async fn a_steady_one_takes_as_long_as_it_takes() {
    let (mut served, mut bodies) = aside(Limits::default());
    taken(&mut served.wire, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n").await;
    let reading = in_task(bodies.recv().await.unwrap());
    for _ in 0..200 {
        assert_eq!(served.watch.open(), 1);
        wait(1).await;
        served.wire.send([b'x'; 300]).await;
    }
    assert_eq!(reading.await.unwrap().unwrap().len(), 60_000);
    assert_eq!(served.watch.open(), 0);
    // Now it does.
    wait(50).await;
    taken(&mut served.wire, GET).await;
    let start = Instant::now();
    assert!(served.wire.rest().await.is_empty());
    assert!((60..=75).contains(&start.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn the_time_for_the_next_head_begins_with_it() {
    for (head, rest) in IN_HALVES {
        let (mut served, mut bodies) = aside(Limits::default());
        taken(&mut served.wire, format!("POST / HTTP/1.1\r\nHost: a\r\n{head}")).await;
        let reading = in_task(bodies.recv().await.unwrap());
        wait(5).await;
        served.wire.send(rest).await;
        assert!(reading.await.unwrap().is_ok());
        wait(3).await;
        served.wire.send(&GET[..9]).await;
        let start = Instant::now();
        assert!(served.wire.rest().await.is_empty());
        assert_eq!(start.elapsed().as_secs(), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_yet_may_take_his_time() {
    for (head, rest) in IN_HALVES {
        let (mut served, mut bodies) = aside(Limits::default());
        taken(&mut served.wire, format!("POST / HTTP/1.1\r\nHost: a\r\n{head}")).await;
        let body = bodies.recv().await.unwrap();
        wait(200).await;
        served.wire.send(rest).await;
        wait(200).await;
        assert_eq!(in_task(body).await.unwrap(), Ok("abcdef".to_owned()));
        taken(&mut served.wire, GET).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_stops_is_too_slow() {
    for (head, _) in IN_HALVES {
        let (mut served, mut bodies) = aside(Limits::default());
        taken(&mut served.wire, format!("POST / HTTP/1.1\r\nHost: a\r\n{head}")).await;
        let start = Instant::now();
        assert_eq!(in_task(bodies.recv().await.unwrap()).await.unwrap(), Err(408));
        let passed = start.elapsed().as_secs();
        assert!((10..=12).contains(&passed), "{passed} s");
        assert!(served.wire.rest().await.is_empty());
        // It may still be sending.
        assert_eq!(served.end().await, 5);
    }
}

#[tokio::test(start_paused = true)]
async fn one_whose_client_goes_is_broken_off() {
    for (head, _) in IN_HALVES {
        let (mut served, mut bodies) = aside(Limits::default());
        taken(&mut served.wire, format!("POST / HTTP/1.1\r\nHost: a\r\n{head}")).await;
        let start = Instant::now();
        let reading = in_task(bodies.recv().await.unwrap());
        served.wire = Wire::new(tokio::io::duplex(1).0);
        assert_eq!(reading.await.unwrap(), Err(400));
        served.end().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

/// What is there of it hyper reads over, if that is one piece; for what is not, the connection ends.
#[tokio::test(start_paused = true)]
async fn one_that_is_dropped() {
    for (head, rest) in IN_HALVES {
        let (mut served, mut bodies) = aside(Limits::default());
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{head}");
        let body = begun(&mut served, &mut bodies, head).await;
        wait(20).await;
        let start = Instant::now();
        drop(body);
        assert!(served.wire.rest().await.is_empty());
        assert_eq!(start.elapsed(), Duration::ZERO);
        served.wire.send(rest).await;
        assert_eq!(served.end().await, 5);
    }
    let (mut served, mut bodies) = aside(Limits::default());
    for (head, rest) in [IN_HALVES[0], IN_HALVES[2]] {
        taken(&mut served.wire, format!("POST / HTTP/1.1\r\nHost: a\r\n{head}{rest}")).await;
        drop(bodies.recv().await.unwrap());
        wait(20).await;
        taken(&mut served.wire, GET).await;
    }
}

/// Of what nobody wants hyper reads as much as is there, which is no request's head.
#[tokio::test(start_paused = true)]
async fn what_is_read_over_begins_no_head() {
    let (_, mut served) = site();
    let body = "x".repeat(12_000);
    for _ in 0..3 {
        served
            .wire
            .send(format!("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 12000\r\n\r\n{body}"))
            .await;
        assert_eq!(served.wire.reply().await.text(), "ignored");
        wait(50).await;
    }
    served.wire.send(&GET[..9]).await;
    let start = Instant::now();
    assert!(served.wire.rest().await.is_empty());
    assert_eq!(start.elapsed().as_secs(), 10);
}

/// Of what came with the head there is nothing to be read over: what comes next is a head.
#[tokio::test(start_paused = true)]
async fn the_head_after_one_that_nobody_wanted_has_its_time() {
    const CHUNKED: &str = "Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n";
    for body in ["Content-Length: 6\r\n\r\nabcdef", CHUNKED] {
        let (_, mut served) = site();
        served.wire.send(format!("POST /ignore HTTP/1.1\r\nHost: a\r\n{body}")).await;
        assert_eq!(served.wire.reply().await.text(), "ignored");
        wait(1).await;
        served.wire.send(&GET[..9]).await;
        let start = Instant::now();
        assert!(served.wire.rest().await.is_empty());
        assert_eq!(start.elapsed().as_secs(), 10, "{body}");
    }
}

/// The next request came with its end, before its reader had that.
#[tokio::test(start_paused = true)]
async fn a_client_that_goes_is_missed_by_the_next_handler() {
    let (mut served, mut bodies) = aside(Limits::default());
    let mut body = begun(&mut served, &mut bodies, HALF).await;
    let mut waiting = Box::pin(body.chunk());
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    served.wire.send("defGET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await;
    settle().await;
    assert_eq!(served.watch.requests_http1(), 2);
    drop(served.wire);
    assert!(tokio::time::timeout(Duration::from_secs(1), served.task).await.is_ok());
}

/// Whoever waits for an earlier one has no part in it.
#[tokio::test(start_paused = true)]
async fn the_time_of_the_next_handler_is_its_own() {
    let limits = Limits { handler: Some(Duration::from_secs(3)), ..Limits::default() };
    let (mut served, mut bodies) = aside(limits);
    let mut body = begun(&mut served, &mut bodies, HALF).await;
    let mut waiting = Box::pin(body.chunk());
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    served.wire.send("defGET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(served.wire.reply().await.status, 503);
    assert_eq!(waiting.await.unwrap().unwrap(), "def");
}

#[tokio::test(start_paused = true)]
async fn beside_an_answer_that_streams() {
    let (mut served, mut bodies) = aside(Limits::default());
    // The one or the other ends first.
    for pause in [8, 12] {
        for (head, rest) in IN_HALVES {
            served.wire.send(format!("POST /stream HTTP/1.1\r\nHost: a\r\n{head}")).await;
            assert_eq!(served.wire.reply_to_head().await.status, 200);
            let mut body = bodies.recv().await.unwrap();
            assert_eq!(body.chunk().await.unwrap().unwrap(), "abc");
            for _ in 0..5 {
                assert_eq!(served.wire.take(10).await, b"5\r\ndrip \r\n");
                wait(pause).await;
            }
            if pause > 10 {
                assert_eq!(served.wire.take(5).await, b"0\r\n\r\n");
            }
            served.wire.send(rest).await;
            assert_eq!(in_task(body).await.unwrap(), Ok("def".to_owned()));
            if pause < 10 {
                assert_eq!(served.wire.take(5).await, b"0\r\n\r\n");
            }
        }
    }
    taken(&mut served.wire, GET).await;
}

/// Between two pieces its reader is busy with something else.
#[tokio::test(start_paused = true)]
async fn large_ones_come_in_large_pieces() {
    let (mut served, mut bodies) = aside(Limits::default());
    for path in ["/", "/stream"] {
        served.wire.send(format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")).await;
        let mut body = bodies.recv().await.unwrap();
        let reading = tokio::spawn(async move {
            let (mut pieces, mut total) = (0, 0);
            while let Some(piece) = body.chunk().await.unwrap() {
                pieces += 1;
                total += piece.len();
                settle().await;
            }
            (pieces, total)
        });
        for _ in 0..20 {
            served.wire.send([0; 50_000]).await;
        }
        let (pieces, total) = reading.await.unwrap();
        assert_eq!(total, 1_000_000);
        assert!(pieces < 100, "{pieces} pieces");
        served.wire.reply().await;
    }
}

/// Once the answer is given hyper says no `100 Continue`: the client may send the body, or leave it.
#[tokio::test(start_paused = true)]
async fn one_that_waits_to_be_asked_for() {
    const HEAD: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n";
    let (mut served, mut bodies) = aside(Limits::default());
    served.wire.send(HEAD).await;
    let reply = served.wire.reply().await;
    // What comes next may not be the body.
    assert_eq!((reply.text(), reply.header("connection").as_deref()), ("taken", Some("close")));
    let reading = in_task(bodies.recv().await.unwrap());
    wait(5).await;
    served.wire.send("abcdef").await;
    assert_eq!(reading.await.unwrap(), Ok("abcdef".to_owned()));
    assert!(served.wire.rest().await.is_empty());

    let (mut served, mut bodies) = aside(Limits::default());
    taken(&mut served.wire, HEAD).await;
    let start = Instant::now();
    assert_eq!(in_task(bodies.recv().await.unwrap()).await.unwrap(), Err(408));
    assert!((10..=12).contains(&start.elapsed().as_secs()));
    assert!(served.wire.rest().await.is_empty());

    // Nobody reads it.
    let (mut served, mut bodies) = aside(Limits::default());
    taken(&mut served.wire, HEAD).await;
    drop(bodies.recv().await.unwrap());
    assert!(served.wire.rest().await.is_empty());
}

/// hyper lets go of such a body with the next request: until then its reader does not hear of the end.
#[tokio::test(start_paused = true)]
async fn trailers_are_behind_the_next_request() {
    let (mut served, mut bodies) = aside(Limits::default());
    taken(&mut served.wire, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        .await;
    let reading = in_task(bodies.recv().await.unwrap());
    served.wire.send("3\r\ndef\r\n0\r\nTrailer: t\r\n\r\n").await;
    wait(5).await;
    assert!(!reading.is_finished());
    taken(&mut served.wire, GET).await;
    assert_eq!(reading.await.unwrap(), Ok("abcdef".to_owned()));

    // There is none, and so it seems that the client is slow.
    let rest = "3\r\nabc\r\n3\r\ndef\r\n0\r\nTrailer: t\r\n\r\n";
    taken(
        &mut served.wire,
        format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{rest}"),
    )
    .await;
    let start = Instant::now();
    assert_eq!(in_task(bodies.recv().await.unwrap()).await.unwrap(), Err(408));
    let passed = start.elapsed().as_secs();
    assert!((10..=15).contains(&passed), "{passed} s");
}

#[tokio::test(start_paused = true)]
async fn is_waited_for_when_the_connection_is_to_end() {
    for (head, rest) in IN_HALVES {
        let (mut served, mut bodies) = aside(Limits::default());
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{head}");
        let body = begun(&mut served, &mut bodies, head).await;
        served.watch.leave();
        wait(60).await;
        assert_eq!(served.watch.open(), 1);
        served.wire.send(rest).await;
        assert_eq!(in_task(body).await.unwrap(), Ok("def".to_owned()));
        assert!(served.wire.rest().await.is_empty());
        assert_eq!(served.watch.open(), 0);
        // hyper is done before the reader is: as far as is known, the client may still be sending.
        assert!(served.end().await <= 5);
    }
    // It is the last anyway.
    let (mut served, mut bodies) = aside(Limits { requests: Some(1), ..Limits::default() });
    served.wire.send(HALF).await;
    assert_eq!(served.wire.reply().await.header("connection").as_deref(), Some("close"));
    wait(20).await;
    served.wire.send("def").await;
    assert_eq!(in_task(bodies.recv().await.unwrap()).await.unwrap(), Ok("abcdef".to_owned()));
    assert!(served.wire.rest().await.is_empty());
}

/// All of it has come, so hyper waits for nothing; nor does the connection's end for its reader.
#[tokio::test(start_paused = true)]
async fn is_not_waited_for_when_hyper_is_done() {
    let (mut served, mut bodies) = aside(Limits::default());
    taken(&mut served.wire, format!("{HALF}def")).await;
    let body = bodies.recv().await.unwrap();
    served.watch.leave();
    assert!(served.wire.rest().await.is_empty());
    tokio::time::timeout(Duration::from_secs(6), &mut served.task).await.expect("in time").unwrap();
    assert_eq!(in_task(body).await.unwrap(), Ok("abcdef".to_owned()));
}

/// The end of an earlier body is not the end of the present one, of which the rest is no request.
#[tokio::test(start_paused = true)]
async fn an_earlier_one_does_not_speak_for_a_later() {
    const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    for is_read in [true, false] {
        let (mut served, mut bodies) = aside(Limits::default());
        taken(&mut served.wire, format!("{HALF}def")).await;
        let earlier = bodies.recv().await.unwrap();
        let length = 3 + SMUGGLED.len();
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\nabc");
        taken(&mut served.wire, head).await;
        let later = bodies.recv().await.unwrap();
        assert_eq!(in_task(earlier).await.unwrap(), Ok("abcdef".to_owned()));
        assert_eq!(served.watch.open(), 1);
        if is_read {
            served.watch.park();
            settle().await;
            served.wire.send(SMUGGLED).await;
            assert_eq!(in_task(later).await.unwrap(), Ok(format!("abc{SMUGGLED}")));
            assert!(served.wire.pending().await.is_empty());
        } else {
            drop(later);
            // The rest is still to come.
            assert_eq!(served.end().await, 5);
        }
        assert_eq!(served.watch.requests_http1(), 2);
    }
}

/// Nor does it when it ends after that.
#[tokio::test(start_paused = true)]
async fn one_that_ends_late_takes_nothing_back() {
    let (mut served, mut bodies) = aside(Limits::default());
    for _ in 0..2 {
        taken(&mut served.wire, format!("{HALF}def")).await;
    }
    let (earlier, later) = (bodies.recv().await.unwrap(), bodies.recv().await.unwrap());
    for body in [later, earlier] {
        assert_eq!(in_task(body).await.unwrap(), Ok("abcdef".to_owned()));
    }
    // Nothing is to come, and so nobody lingers for it.
    served.watch.leave();
    assert_eq!(served.end().await, 0);
}

/// Who has given up waiting for a piece is not to blame the client for the time that he takes.
#[tokio::test(start_paused = true)]
async fn who_gave_up_may_come_back() {
    let (mut served, mut bodies) = aside(Limits::default());
    let mut body = begun(&mut served, &mut bodies, HALF).await;
    assert!(tokio::time::timeout(Duration::from_secs(1), body.chunk()).await.is_err());
    served.wire.send("de").await;
    wait(30).await;
    let reading = in_task(body);
    settle().await;
    served.wire.send("f").await;
    assert_eq!(reading.await.unwrap(), Ok("def".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn of_http2() {
    let (served, mut bodies) = aside(Limits::default());
    let (mut sender, _connection, watch, task) = served.http2().await;
    let (request, body) = post("/");
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "taken");
    let reading = in_task(bodies.recv().await.unwrap());
    for _ in 0..200 {
        assert_eq!(watch.open(), 1);
        wait(1).await;
        body.send(vec![b'x'; 300].into()).unwrap();
    }
    drop(body);
    assert_eq!(reading.await.unwrap().unwrap().len(), 60_000);
    settle().await;
    assert_eq!(watch.open(), 0);
    assert!(!task.is_finished());
}

async fn over_a_socket() {
    let (sender, mut bodies) = unbounded_channel();
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = server.addr().tcp().unwrap();
    tokio::spawn(server.serve(Aside(sender)));
    let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
    for (head, rest) in IN_HALVES.repeat(20) {
        taken(&mut wire, format!("POST / HTTP/1.1\r\nHost: a\r\n{head}")).await;
        let reading = in_task(bodies.recv().await.unwrap());
        wire.send(rest).await;
        assert_eq!(reading.await.unwrap(), Ok("abcdef".to_owned()));
    }
}

#[tokio::test]
async fn over_a_socket_on_one_thread() {
    crate::support::soon(over_a_socket()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn over_a_socket_on_several() {
    crate::support::soon(over_a_socket()).await;
}
