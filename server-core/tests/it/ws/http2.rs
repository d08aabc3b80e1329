//! The same over HTTP/2: a stream in place of a connection (RFC 8441).

use http::{Method, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};
use waypost::{Bytes, Routes};

use super::*;

#[get("/plain")]
async fn plain() -> &'static str {
    "plain"
}

/// Not WebSocket.
#[get("/raw")]
async fn raw(upgrade: Upgrade, State(log): State<&Log>) -> Response {
    assert_eq!(upgrade.protocols().collect::<Vec<_>>(), ["raw"]);
    let log = log.clone();
    upgrade.accept("raw", async move |stream| {
        let (mut read, mut write) = tokio::io::split(stream);
        let copied = tokio::io::copy(&mut read, &mut write).await;
        let _ = log.send(format!("{:?}", copied.ok()));
    })
}

#[get("/chatter")]
async fn chatter(upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade.protocols(["chat"]);
    upgrade.on_upgrade(async |mut socket: WebSocket| {
        let protocol = socket.protocol().unwrap_or_default().to_owned();
        let _ = socket.send(Message::text(protocol)).await;
    })
}

pub(super) fn routes() -> impl Routes<Site> {
    routes![plain, raw, chatter]
}

struct Client {
    sender: SendRequest<Empty<Bytes>>,
    /// Between both, like a network.
    pipe: tokio::task::JoinHandle<std::io::Result<(u64, u64)>>,
}

type Stream = Wire<TokioIo<hyper::upgrade::Upgraded>>;

impl Client {
    /// One that knows the server's settings.
    async fn new(served: &Served) -> Self {
        let mut wire = served.channel.connect(1 << 16);
        let (near, mut far) = tokio::io::duplex(1 << 16);
        let pipe = async move { tokio::io::copy_bidirectional(&mut far, &mut wire.stream).await };
        let pipe = tokio::spawn(pipe);
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(near)).await.unwrap();
        tokio::spawn(connection);
        let mut client = Self { sender, pipe };
        assert_eq!(client.get("/plain").await, (StatusCode::OK, "plain".to_owned()));
        client
    }

    async fn get(&mut self, path: &str) -> (StatusCode, String) {
        let request = http::Request::get(format!("http://a{path}")).body(Empty::new()).unwrap();
        let response = self.sender.send_request(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn connect(
        &mut self,
        path: &str,
        protocol: &'static str,
        fields: &[(&'static str, &str)],
    ) -> http::Response<hyper::body::Incoming> {
        let mut request = http::Request::builder().method(Method::CONNECT).uri(format!("http://a{path}"));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Empty::new()).unwrap();
        request.extensions_mut().insert(Protocol::from_static(protocol));
        self.sender.send_request(request).await.unwrap()
    }

    async fn open(&mut self, path: &str) -> Stream {
        let response = self.connect(path, "websocket", &[("sec-websocket-version", "13")]).await;
        assert_eq!(response.status(), 200);
        for name in ["sec-websocket-accept", "upgrade", "connection", "content-length"] {
            assert_eq!(response.headers().get(name), None, "{name}");
        }
        Wire::new(TokioIo::new(hyper::upgrade::on(response).await.unwrap()))
    }
}

#[tokio::test(start_paused = true)]
async fn talks() {
    let mut served = serve();
    let mut client = Client::new(&served).await;
    let mut wire = client.open("/echo").await;
    for number in 0..200 {
        wire.send(frame(TEXT, number.to_string().as_bytes())).await;
        assert_eq!(wire.frame().await, text(&number.to_string()));
    }
    // Others are served meanwhile, and more than one of these.
    assert_eq!(client.get("/plain").await.0, 200);
    let mut other = client.open("/echo").await;
    other.send(frame(PING, b"?")).await;
    assert_eq!(other.frame().await, (PONG, b"?".to_vec()));
    assert_eq!(served.handle.stats().requests_open, 2);
    // More than any window has room for.
    let large = vec![7; 900_000];
    wire.send(frame(BINARY, &large)).await;
    assert_eq!(wire.frame().await, (BINARY, large));
    wire.send(close(1000, "bye")).await;
    assert_eq!(wire.frame().await, (CLOSE, b"\x03\xE8bye".to_vec()));
    assert!(wire.rest().await.is_empty());
    assert_eq!(
        (served.seen().await, served.seen().await),
        ("closed: 1000 bye".to_owned(), "over".to_owned())
    );
    drop(other);
    assert_eq!(served.seen().await, "the connection ended without a Close message");
    assert_eq!(client.get("/plain").await.0, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(served.handle.stats().requests_open, 0);
}

#[tokio::test(start_paused = true)]
async fn agrees_on_a_subprotocol() {
    let served = serve();
    let mut client = Client::new(&served).await;
    let fields = [("sec-websocket-version", "13"), ("sec-websocket-protocol", "other, chat")];
    let response = client.connect("/chatter", "websocket", &fields).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat");
    let mut wire = Wire::new(TokioIo::new(hyper::upgrade::on(response).await.unwrap()));
    assert_eq!(wire.frame().await, text("chat"));
    wire.asked_to_close(1000).await;
}

#[tokio::test(start_paused = true)]
async fn other_protocols_have_streams_too() {
    let mut served = serve();
    let mut client = Client::new(&served).await;
    let response = client.connect("/raw", "raw", &[]).await;
    assert_eq!(response.status(), 200);
    let mut wire = Wire::new(TokioIo::new(hyper::upgrade::on(response).await.unwrap()));
    wire.send("hello").await;
    assert_eq!(wire.take(5).await, b"hello");
    tokio::io::AsyncWriteExt::shutdown(&mut wire.stream).await.unwrap();
    assert!(wire.rest().await.is_empty());
    assert_eq!(served.seen().await, "Some(5)");
}

/// A success would be taken for the other protocol.
#[tokio::test(start_paused = true)]
async fn only_what_was_promised_is_a_success() {
    let served = serve();
    let mut client = Client::new(&served).await;
    for (path, protocol, version, status) in [
        ("/plain", "websocket", "13", 501),
        ("/nowhere", "websocket", "13", 404),
        ("/echo", "websocket", "12", 426),
        ("/echo", "raw", "13", 426),
        ("/echo", "", "13", 426),
    ] {
        let response = client.connect(path, protocol, &[("sec-websocket-version", version)]).await;
        assert_eq!(response.status(), status, "{path} {protocol}");
    }
    let (status, _) = client.get("/echo").await;
    assert_eq!(status, 426, "nobody asked for it");
    assert_eq!(served.handle.stats().connections_open, 1);
}

#[tokio::test(start_paused = true)]
async fn who_goes_is_missed() {
    let mut served = serve();
    let mut client = Client::new(&served).await;
    let mut wire = client.open("/echo").await;
    wire.send(frame(TEXT, b"a")).await;
    assert_eq!(wire.frame().await, text("a"));
    client.pipe.abort();
    let seen = served.seen().await;
    assert!(seen == "the connection broke" || seen.starts_with("the connection ended"), "{seen}");
    served.closed().await;
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_holds_nobody() {
    let mut served = serve();
    let mut client = Client::new(&served).await;
    let wire = client.open("/pour").await;
    let start = tokio::time::Instant::now();
    assert_eq!(served.seen().await, "the peer was waited for too long");
    assert_eq!(start.elapsed().as_secs(), 30);
    // Others on the connection are still served.
    assert_eq!(client.get("/plain").await.0, 200);
    drop(wire);
}

#[tokio::test(start_paused = true)]
async fn ends_with_the_server() {
    let mut served = serve();
    let mut client = Client::new(&served).await;
    let mut wire = client.open("/echo").await;
    wire.send(frame(TEXT, b"a")).await;
    assert_eq!(wire.frame().await, text("a"));
    let ended = served.handle.shutdown(Duration::from_secs(60));
    wire.asked_to_close(1001).await;
    assert_eq!((served.seen().await, served.seen().await), ("closed: 1001".to_owned(), "over".to_owned()));
    let drained = ended.await;
    assert_eq!((drained.connections, drained.requests), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn is_cut_at_the_servers_deadline() {
    let mut served = serve();
    let mut client = Client::new(&served).await;
    let hidden = client.open("/hide").await;
    let drained = served.handle.shutdown(Duration::from_secs(5)).await;
    assert_eq!((drained.connections, drained.requests), (1, 1));
    assert_eq!(served.seen().await, "true true");
    drop(hidden);
}
