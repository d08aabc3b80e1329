//! Peers that reset their connection at every byte of an answer.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::SockRef;
use waypost::{Handle, Server};

use crate::site;
use crate::tools::{PATIENCE, ask_once, until};

const HTTP1: &[u8] = b"GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n";

/// Preface, SETTINGS, and HEADERS of `GET /pieces`.
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\
    \0\0\0\x04\0\0\0\0\0\
    \0\0\x0e\x01\x05\0\0\0\x01\x82\x86\x44\x07/pieces\x41\x01a";

fn send(address: SocketAddr, request: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request).unwrap();
    stream
}

/// How many bytes come until they end in `end`.
fn length(address: SocketAddr, request: &[u8], end: &[u8]) -> usize {
    let mut stream = send(address, request);
    let mut seen = Vec::new();
    while !seen.ends_with(end) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
    seen.len()
}

/// Reads so many bytes of the answer and resets the connection.
fn reset_after(address: SocketAddr, request: &[u8], bytes: usize) {
    let mut stream = send(address, request);
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    stream.read_exact(&mut vec![0; bytes]).unwrap();
}

async fn all_gone(handle: &Handle) {
    until("all connections are gone", || handle.stats().connections_open == 0).await;
    assert_eq!(handle.stats().requests_open, 0);
}

async fn resets(request: &'static [u8], end: &'static [u8]) -> usize {
    let handle = Server::builder().tcp("127.0.0.1:0").bind().unwrap().spawn(site::app()).unwrap();
    let address = handle.addr().tcp().unwrap();
    let length = tokio::task::spawn_blocking(move || {
        let length = length(address, request, end);
        (0..=length).for_each(|bytes| reset_after(address, request, bytes));
        length
    });
    let length = length.await.unwrap();
    all_gone(&handle).await;
    // In the middle of what does not fit into the system's buffers, too.
    tokio::task::spawn_blocking(move || {
        for kib in (0..1024).step_by(64) {
            reset_after(address, b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", kib * 1024 + 7);
        }
    })
    .await
    .unwrap();
    all_gone(&handle).await;
    ask_once(address).await;
    assert_eq!(handle.stats().connections_refused, 0);
    length
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http1_at_every_byte() {
    let length = resets(HTTP1, b"\r\n0\r\n\r\n").await;
    println!("an answer of HTTP/1 was reset after each of its {length} bytes");
    assert!(length > 100, "{length}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_at_every_byte() {
    let length = resets(HTTP2, b"\0\0\0\0\x01\0\0\0\x01").await;
    println!("an answer of HTTP/2 was reset after each of its {length} bytes");
    assert!(length > 100, "{length}");
}
