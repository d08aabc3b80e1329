//! Responses that break off: never a clean end, and nobody else's harm.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http_body::Frame;
use http_body_util::BodyExt as _;
use waypost::__connection::Limits;
use waypost::{Body, Error, Peer, Respond, Response};

use super::{connect, get, settle};

/// "abc", and then what its name says.
#[derive(Clone, Copy)]
enum Broken {
    Fails,
    Panics,
    Ends,
}

struct Pieces(Broken, bool);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if !std::mem::replace(&mut self.1, true) {
            return Poll::Ready(Some(Ok(Frame::data("abc".into()))));
        }
        match self.0 {
            Broken::Fails => Poll::Ready(Some(Err(Error::internal("the disk is gone")))),
            Broken::Panics => panic!("a body that panics"),
            Broken::Ends => Poll::Ready(None),
        }
    }
}

struct App;

impl Respond for App {
    async fn respond(&self, request: http::Request<Body>, _: &Peer) -> Response {
        let (kind, length) = match request.uri().path() {
            "/fails" => (Broken::Fails, None),
            "/panics" => (Broken::Panics, None),
            "/short" => (Broken::Ends, Some(10)),
            "/long" => (Broken::Ends, Some(2)),
            "/forever" => std::future::pending().await,
            _ => return Response::new("hello".into()),
        };
        let mut response = Response::new(Body::new(Pieces(kind, false)));
        if let Some(length) = length {
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        response
    }
}

#[tokio::test(start_paused = true)]
async fn http1_is_cut() {
    for path in ["/fails", "/panics", "/short"] {
        let mut served = connect(App, Limits::default(), 1 << 16);
        let paths = ["/", "/", path, "/"];
        let requests: String = paths.iter().map(|p| format!("GET {p} HTTP/1.1\r\nHost: a\r\n\r\n")).collect();
        served.wire.send(requests).await;
        // The earlier answers are whole, unless the task has been taken down by a panic.
        if path != "/panics" {
            for _ in 0..2 {
                assert_eq!(served.wire.reply().await.text(), "hello", "before {path}");
            }
        }
        let rest = String::from_utf8(served.wire.rest().await).unwrap();
        assert!(!rest.contains("\r\n0\r\n"), "{rest}");
        assert_eq!(rest.matches("hello").count(), 0, "{rest}");
        assert_eq!((&mut served.task).await.is_err(), path == "/panics");
        assert_eq!(served.watch.open(), 0, "{path}");
    }
}

/// What is beyond the length is not sent, so that the next response begins where it should.
#[tokio::test(start_paused = true)]
async fn a_body_beyond_its_length() {
    let mut served = connect(App, Limits::default(), 1 << 16);
    served.wire.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(served.wire.reply().await.text(), "ab");
    assert_eq!(served.wire.reply().await.text(), "hello");
}

#[tokio::test(start_paused = true)]
async fn http2_resets_the_stream() {
    let (mut sender, _connection, watch, _task) = connect(App, Limits::default(), 1 << 16).http2().await;
    let forever = tokio::spawn(sender.send_request(get("/forever")));
    for path in ["/fails", "/panics", "/short", "/long"] {
        // A reset may overtake what was not sent yet.
        if let Ok(response) = sender.send_request(get(path)).await {
            assert!(response.into_body().collect().await.is_err(), "{path}");
        }
        let hello = sender.send_request(get("/")).await.unwrap();
        assert_eq!(hello.into_body().collect().await.unwrap().to_bytes(), "hello", "after {path}");
        settle().await;
        assert_eq!(watch.open(), 1, "after {path}");
    }
    assert!(!forever.is_finished());
}
