//! Compressed responses on a real socket.

use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use waypost::{App, Body, Bytes, Compression, Handle, Response, Routes, Server, get, routes};

use super::{answering, channel, decode, decode_some, poem, prose, text};
use crate::raw::Wire;
use crate::raw::tcp::connect;
use crate::support::soon;

fn spawn(app: App<impl Routes<()>>) -> Handle {
    Server::builder().tcp("127.0.0.1:0").bind().unwrap().spawn(app).unwrap()
}

fn request(method: &str, target: &str, accepted: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {accepted}\r\n\r\n")
}

#[get("/large")]
async fn large() -> String {
    prose(500_000)
}

#[tokio::test]
async fn at_once_with_a_length_or_in_chunks() {
    let handle = spawn(App::new(routes![poem, large]).wrap(Compression::new()));
    let mut wire = connect(&handle).await;
    for coding in ["gzip", "br"] {
        wire.send(request("GET", "/poem", coding)).await;
        let reply = wire.reply().await;
        assert_eq!(reply.header("content-encoding").as_deref(), Some(coding));
        assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string()));
        assert_eq!(reply.header("transfer-encoding"), None);
        assert_eq!(decode(coding, &reply.body), prose(5000).into_bytes());

        wire.send(request("GET", "/large", coding)).await;
        let reply = wire.reply().await;
        assert_eq!(reply.header("transfer-encoding").as_deref(), Some("chunked"));
        assert_eq!(reply.header("content-length"), None);
        assert_eq!(decode(coding, &reply.body), prose(500_000).into_bytes());
    }
    wire.send(request("GET", "/poem", "deflate")).await;
    let reply = wire.reply().await;
    assert_eq!((reply.header("content-encoding"), reply.text()), (None, &*prose(5000)));
}

#[tokio::test]
async fn head_has_no_content_and_no_length() {
    let handle = spawn(App::new(routes![poem, large]).wrap(Compression::new()));
    let mut wire = connect(&handle).await;
    for target in ["/poem", "/large"] {
        // If a byte followed the head, the next answer would not begin where it does.
        wire.send(request("HEAD", target, "gzip") + &request("GET", "/poem", "identity")).await;
        let reply = wire.reply_to_head().await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-encoding").as_deref(), Some("gzip"));
        assert_eq!(reply.header("content-length"), None);
        assert_eq!(wire.reply().await.text(), prose(5000));
    }
}

#[tokio::test]
async fn over_http2() {
    let handle = spawn(App::new(routes![poem, large]).wrap(Compression::new()));
    let stream = TokioIo::new(TcpStream::connect(handle.addr().tcp().unwrap()).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    for (target, size) in [("/poem", 5000), ("/large", 500_000)] {
        for coding in ["gzip", "br"] {
            let request =
                waypost::http::Request::get(format!("http://a{target}")).header("accept-encoding", coding);
            let reply = sender.send_request(request.body(Full::<Bytes>::default()).unwrap()).await.unwrap();
            assert_eq!(reply.headers()["content-encoding"], coding);
            let encoded = reply.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(decode(coding, &encoded), prose(size).into_bytes());
        }
    }
}

/// A server that streams what is sent to it.
fn streaming() -> (tokio::sync::mpsc::UnboundedSender<Result<waypost::Bytes, waypost::BoxError>>, Handle) {
    let (sender, body) = channel();
    let body = std::sync::Mutex::new(Some(body));
    let answer = move |_: &waypost::Request| -> Response {
        text(body.lock().unwrap().take().unwrap_or_else(Body::empty), &[])
    };
    (sender, spawn(answering(Compression::new(), answer)))
}

/// The data of the next chunk.
async fn chunk(wire: &mut Wire<TcpStream>) -> Vec<u8> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.extend(wire.take(1).await);
    }
    let size = usize::from_str_radix(std::str::from_utf8(&line).unwrap().trim(), 16).unwrap();
    let mut data = wire.take(size + 2).await;
    data.truncate(size);
    data
}

#[tokio::test]
async fn the_first_chunk_comes_before_the_second_is_made() {
    for coding in ["gzip", "br"] {
        let (sender, handle) = streaming();
        let mut wire = connect(&handle).await;
        wire.send(request("GET", "/", coding)).await;
        sender.send(Ok("first".into())).unwrap();
        assert_eq!(wire.reply_to_head().await.header("content-encoding").as_deref(), Some(coding));
        let mut seen = Vec::new();
        while decode_some(coding, &seen).0 != b"first" {
            seen.extend(soon(chunk(&mut wire)).await);
        }
        sender.send(Ok(" and second".into())).unwrap();
        drop(sender);
        loop {
            let data = chunk(&mut wire).await;
            if data.is_empty() {
                break;
            }
            seen.extend(data);
        }
        assert_eq!(decode(coding, &seen), b"first and second");
    }
}

#[tokio::test]
async fn an_error_in_the_stream_breaks_the_message() {
    let (sender, handle) = streaming();
    let mut wire = connect(&handle).await;
    wire.send(request("GET", "/", "gzip")).await;
    sender.send(Ok("first".into())).unwrap();
    assert_eq!(wire.reply_to_head().await.status, 200);
    let first = soon(chunk(&mut wire)).await;
    assert_eq!(decode_some("gzip", &first), (b"first".to_vec(), false));
    sender.send(Err("the source broke".into())).unwrap();
    let rest = wire.rest().await;
    assert!(!rest.ends_with(b"0\r\n\r\n"), "a proper end: {rest:?}");
}
