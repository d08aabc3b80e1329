//! In HTTP/2 (RFC 9113 section 8.5): a stream is the tunnel.

use http::Method;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};
use waypost::Bytes;

use super::*;

struct Client(SendRequest<Empty<Bytes>>);

type Stream = Wire<TokioIo<hyper::upgrade::Upgraded>>;

impl Client {
    async fn new(app: impl Respond) -> (Self, Handle) {
        let (wire, handle) = serve(app);
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(wire.stream)).await.unwrap();
        tokio::spawn(connection);
        let mut client = Self(sender);
        // It knows the server's settings then.
        assert_eq!(client.send(http::Request::get("http://a/")).await.status(), 200);
        (client, handle)
    }

    async fn send(&mut self, request: http::request::Builder) -> http::Response<Incoming> {
        self.0.send_request(request.body(Empty::new()).unwrap()).await.unwrap()
    }

    async fn connect(&mut self, target: &str) -> http::Response<Incoming> {
        self.send(http::Request::builder().method(Method::CONNECT).uri(target)).await
    }

    async fn open(&mut self, target: &str) -> Stream {
        let response = self.connect(target).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers().get("content-length"), None);
        Wire::new(TokioIo::new(hyper::upgrade::on(response).await.unwrap()))
    }
}

async fn text(response: http::Response<Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn both_ways_beside_others() {
    let (mut client, handle) = Client::new(app()).await;
    let (mut one, mut other) = (client.open("b:443").await, client.open("long:1").await);
    let large = vec![7; 400_000];
    for piece in large.chunks(50_000) {
        one.send(piece).await;
        assert!(one.take(piece.len()).await == piece);
    }
    other.send("hello").await;
    assert_eq!(other.take(5).await, b"hello");
    assert_eq!(text(client.send(http::Request::get("http://a/")).await).await, "index");
    assert_eq!((handle.stats().connections_open, handle.stats().requests_open), (1, 2));
    one.stream.shutdown().await.unwrap();
    assert_eq!(one.rest().await, b"bye");
    drop(other);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(handle.stats().requests_open, 0);
}

/// The stream ends, and the connection stays.
#[tokio::test(start_paused = true)]
async fn a_refusal_is_the_streams() {
    let (mut client, handle) = Client::new(app()).await;
    for (target, status) in [
        ("secret:1", 407),
        ("see:1", 403),
        ("taken-back:1", 502),
        ("unpromised:1", 501),
        ("empty:1", 501),
        ("switch:1", 501),
        ("a:0", 400),
        ("a", 400),
        ("a:65536", 400),
        ("u@a:1", 400),
    ] {
        assert_eq!(client.connect(target).await.status(), status, "{target}");
    }
    assert_eq!(text(client.connect("secret:1").await).await, "who are you?");
    let seen = text(client.connect("see:443").await).await;
    let expected = r#"("see:443", "see:443", "/", Some("see:443"), Some("see:443"))"#;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&seen).unwrap()["detail"], expected);
    let request = http::Request::builder().method(Method::CONNECT).uri("a:443");
    assert_eq!(client.send(request.header("host", "b:443")).await.status(), 400);
    assert_eq!((handle.stats().connections_open, handle.stats().requests_open), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn content_is_refused() {
    let (mut client, _handle) = Client::new(app()).await;
    let request = http::Request::builder().method(Method::CONNECT).uri("a:443").header("content-length", "3");
    let sent = client.0.send_request(request.body(Empty::new()).unwrap()).await;
    assert!(sent.is_err_and(|error| !error.is_closed()), "the stream is reset");
    assert_eq!(text(client.send(http::Request::get("http://a/")).await).await, "index");
}

/// An extended CONNECT goes where it went: to what answers GET.
#[tokio::test(start_paused = true)]
async fn an_extended_one_is_another() {
    #[get("/{host}")]
    async fn other(host: &str, head: &Head, upgrade: Upgrade) -> Response {
        assert_eq!((head.method(), host), (&Method::GET, "b"));
        assert_eq!(upgrade.protocols().collect::<Vec<_>>(), ["raw"]);
        upgrade.accept("raw", echo)
    }

    let (mut client, _handle) = Client::new(App::new(routes![tunnel, index, other])).await;
    let extended = |path: &str| {
        let uri = format!("http://a{path}");
        http::Request::builder().method(Method::CONNECT).uri(uri).extension(Protocol::from_static("raw"))
    };
    let response = client.send(extended("/b")).await;
    assert_eq!(response.status(), 200);
    let mut wire = Wire::new(TokioIo::new(hyper::upgrade::on(response).await.unwrap()));
    wire.send("hello").await;
    assert_eq!(wire.take(5).await, b"hello");
    // Where there is no protocol to be spoken, the tunnel's route is not asked.
    assert_eq!(client.send(extended("/")).await.status(), 501);
    client.open("b:443").await.send("x").await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_waits_for_them_and_cuts_them() {
    let (mut client, handle) = Client::new(app()).await;
    let (mut waits, mut stays) = (client.open("wait:1").await, client.open("stay:1").await);
    let ended = handle.shutdown(Duration::from_secs(5));
    assert_eq!(waits.rest().await, b"the end");
    let drained = ended.await;
    assert_eq!((drained.connections, drained.requests), (1, 1));
    assert!(stays.rest().await.is_empty());
}
