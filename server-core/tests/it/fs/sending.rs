//! Files on a wire: framing, pace, and files that change meanwhile.

use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use waypost::{App, Peer, Respond, Server, http, routes};

use super::Folder;
use crate::raw::Wire;

/// Far more than all buffers on the way.
const LARGE: usize = 8 << 20;

fn large() -> Vec<u8> {
    (0..LARGE).map(|i| (i % 251) as u8).collect()
}

fn app(folder: &Folder) -> impl Respond + use<> {
    App::new(routes![..folder.directory()])
}

/// A wire of which each direction takes so many bytes.
fn connect(folder: &Folder, room: usize) -> DuplexStream {
    let (client, server) = tokio::io::duplex(room);
    tokio::spawn(Server::serve_connection(server, Arc::new(app(folder)), Peer::new(None)));
    client
}

type Sender = hyper::client::conn::http2::SendRequest<Empty<Bytes>>;

async fn http2(stream: DuplexStream) -> Sender {
    let builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(method: &str, path: &str) -> http::request::Builder {
    http::Request::builder().method(method).uri(format!("http://a{path}"))
}

#[tokio::test]
async fn http1_over_a_socket() {
    let large = large();
    let folder =
        Folder::new([("a.txt", b"hello"), ("empty", b""), ("large", &large), ("index.html", b"top")]);
    let handle = Server::builder().tcp("127.0.0.1:0").bind().unwrap().spawn(app(&folder)).unwrap();
    let mut wire = Wire::new(TcpStream::connect(handle.addr().tcp().unwrap()).await.unwrap());
    // All on one connection: each answer ends where it says.
    for (path, fields, status, length) in [
        ("/a.txt", "", 200, 5),
        ("/empty", "", 200, 0),
        ("/large", "", 200, LARGE),
        ("/large", "Range: bytes=1000-2999999\r\n", 206, 2_999_000),
        ("/large", "Range: bytes=-1\r\n", 206, 1),
        ("/", "", 200, 3),
        ("/a.txt", "", 200, 5),
    ] {
        wire.send(format!("HEAD {path} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        let head = wire.reply_to_head().await;
        wire.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).await;
        let reply = wire.reply().await;
        assert_eq!((reply.status, reply.body.len()), (status, length), "{path}");
        assert_eq!(reply.header("content-length"), Some(length.to_string()));
        assert_eq!(reply.header("transfer-encoding"), None);
        if status == 200 {
            assert_eq!(head.header("content-length"), reply.header("content-length"));
            assert_eq!(head.header("etag"), reply.header("etag"));
        }
        match length {
            LARGE => assert!(reply.body == large),
            2_999_000 => assert!(reply.body == large[1000..3_000_000]),
            _ => {}
        }
        let tag = reply.header("etag").unwrap();
        wire.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n")).await;
        let reply = wire.reply().await;
        assert_eq!((reply.status, reply.header("content-length")), (304, None));
    }
    handle.shutdown(std::time::Duration::from_secs(20)).await;
}

#[tokio::test]
async fn http2_over_a_wire() {
    let large = large();
    let folder = Folder::new([("a.txt", b"hello"), ("large", &large)]);
    let mut sender = http2(connect(&folder, 1 << 16)).await;
    for (path, range, status, content) in [
        ("/a.txt", None, 200, &b"hello"[..]),
        ("/large", None, 200, &large),
        ("/large", Some("bytes=1000-2999999"), 206, &large[1000..3_000_000]),
        ("/none", None, 404, b""),
    ] {
        let mut get = request("GET", path);
        if let Some(range) = range {
            get = get.header("range", range);
        }
        let response = sender.send_request(get.body(Empty::new()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status);
        if status != 404 {
            assert_eq!(response.headers()["content-length"], content.len().to_string());
            assert!(response.into_body().collect().await.unwrap().to_bytes() == content);
        }
        let head = request("HEAD", path).body(Empty::new()).unwrap();
        let response = sender.send_request(head).await.unwrap();
        if status == 200 {
            assert_eq!(response.headers()["content-length"], content.len().to_string());
        }
        assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    }
}

fn cut(folder: &Folder, length: usize) {
    OpenOptions::new().write(true).open(folder.root.join("large")).unwrap().set_len(length as u64).unwrap();
}

/// What was promised cannot be kept: the connection ends, and the client knows that something is missing.
#[tokio::test]
async fn a_file_that_shrinks_meanwhile() {
    let folder = Folder::new([("large", &large())]);
    let mut wire = Wire::new(connect(&folder, 1 << 16));
    wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\nGET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let head = wire.reply_to_head().await;
    assert_eq!(head.header("content-length"), Some(LARGE.to_string()));
    cut(&folder, LARGE - 1000);
    let rest = wire.rest().await;
    assert!(rest.len() < LARGE, "and no second answer");
    assert!(rest == large()[..rest.len()], "nothing else in its place");

    let folder = Folder::new([("large", &large())]);
    let mut sender = http2(connect(&folder, 1 << 16)).await;
    let response = sender.send_request(request("GET", "/large").body(Empty::new()).unwrap()).await.unwrap();
    cut(&folder, 0);
    assert!(response.into_body().collect().await.is_err(), "a reset");
}

#[tokio::test]
async fn a_file_that_grows_meanwhile() {
    let folder = Folder::new([("large", &large())]);
    let mut wire = Wire::new(connect(&folder, 1 << 16));
    wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let head = wire.reply_to_head().await;
    assert_eq!(head.header("content-length"), Some(LARGE.to_string()));
    OpenOptions::new().append(true).open(folder.root.join("large")).unwrap().write_all(b"more").unwrap();
    assert!(wire.take(LARGE).await == large());
    wire.send("HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(wire.reply_to_head().await.header("content-length"), Some((LARGE + 4).to_string()));
}

/// What the client has not made room for has not been read: it is seen as it is when its turn comes.
#[tokio::test]
async fn nothing_is_read_ahead_of_the_client() {
    let folder = Folder::new([("large", &large())]);
    let mut wire = Wire::new(connect(&folder, 1 << 16));
    wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    wire.reply_to_head().await;
    // Time enough to read it all, were nobody waited for.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let ahead = 2 << 20;
    let mut file = OpenOptions::new().write(true).open(folder.root.join("large")).unwrap();
    file.seek(SeekFrom::Start(ahead as u64)).unwrap();
    file.write_all(&vec![b'!'; LARGE - ahead]).unwrap();
    let body = wire.take(LARGE).await;
    assert!(body[ahead..].iter().all(|byte| *byte == b'!'));
    assert!(body[..ahead / 4] == large()[..ahead / 4]);
}

/// A client that goes away takes the file with it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn files_are_closed_when_the_client_goes() {
    let folder = Folder::new([("large", &large())]);
    let path = folder.root.join("large");
    let open = || {
        let all = std::fs::read_dir("/proc/self/fd").unwrap();
        all.filter(|entry| std::fs::read_link(entry.as_ref().unwrap().path()).is_ok_and(|to| to == path))
            .count()
    };
    let mut wire = Wire::new(connect(&folder, 1 << 16));
    wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    wire.reply_to_head().await;
    assert_eq!(open(), 1);
    drop(wire);
    let closed = async {
        while open() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), closed).await.expect("in time");
}
