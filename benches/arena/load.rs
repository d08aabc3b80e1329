//! Load that wrk and h2load cannot make: streams of gRPC's messages, and echoes by WebSocket.
//!
//! `arena-load stream-grpc ADDRESS CONNECTIONS SECONDS`: on each connection four streams at a time, each a call of
//! `StreamSum` for 5,000 messages; prints how many came.
//!
//! `arena-load echo-ws ADDRESS CONNECTIONS SECONDS`: on each connection "hello", back and forth; prints how often.
#![allow(clippy::print_stdout)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [profile, address, connections, seconds] = arguments.as_slice() else {
        return Err("arena-load stream-grpc|echo-ws ADDRESS CONNECTIONS SECONDS".into());
    };
    let counted = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..connections.parse()? {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let counted = Arc::clone(&counted);
        match profile.as_str() {
            "stream-grpc" => clients.spawn(streams(stream, counted)),
            "echo-ws" => clients.spawn(echoes(stream, counted)),
            _ => return Err("which profile?".into()),
        };
    }
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(seconds.parse()?)) => {}
        Some(ended) = clients.join_next() => ended??,
    }
    println!("{}", counted.load(Relaxed));
    Ok(())
}

/// `StreamRequest { a: 20, b: 22, count: 5000 }` with its prefix.
const ASKED: &[u8] = b"\x00\x00\x00\x00\x07\x08\x14\x10\x16\x18\x88\x27";
const MESSAGES: usize = 5000;

async fn streams(stream: TcpStream, counted: Arc<AtomicU64>) -> Result<(), Failed> {
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let (mut sender, counted) = (sender.clone(), Arc::clone(&counted));
        tasks.spawn(async move {
            loop {
                let request = Request::post("http://localhost/benchmark.BenchmarkService/StreamSum")
                    .header("content-type", "application/grpc")
                    .header("te", "trailers")
                    .body(Full::new(Bytes::from_static(ASKED)))?;
                let mut body = sender.send_request(request).await?.into_body();
                let (mut rest, mut messages) = (BytesMut::new(), 0);
                let mut status = None;
                while let Some(frame) = body.frame().await {
                    match frame?.into_data() {
                        Ok(data) => {
                            rest.extend_from_slice(&data);
                            let whole = take(&mut rest);
                            messages += whole;
                            counted.fetch_add(whole as u64, Relaxed);
                        }
                        Err(frame) => {
                            status =
                                frame.trailers_ref().and_then(|fields| fields.get("grpc-status").cloned());
                        }
                    }
                }
                if messages != MESSAGES || status.is_none_or(|status| status != "0") {
                    return Err::<(), Failed>(format!("{messages} messages").into());
                }
            }
        });
    }
    tokio::select! {
        ended = connection => Ok(ended?),
        Some(ended) = tasks.join_next() => ended?,
    }
}

/// Takes whole messages off, and counts them.
fn take(bytes: &mut BytesMut) -> usize {
    let mut count = 0;
    while let Some(&[_, a, b, c, d]) = bytes.first_chunk() {
        let whole = 5 + u32::from_be_bytes([a, b, c, d]) as usize;
        if bytes.len() < whole {
            break;
        }
        bytes.advance(whole);
        count += 1;
    }
    count
}

const UPGRADE: &[u8] =
    b"GET /ws HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";
/// "hello" as a client sends it, with a mask of zeros.
const HELLO: &[u8] = b"\x81\x85\x00\x00\x00\x00hello";

async fn echoes(mut stream: TcpStream, counted: Arc<AtomicU64>) -> Result<(), Failed> {
    stream.write_all(UPGRADE).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    if !head.starts_with(b"HTTP/1.1 101") {
        return Err("no upgrade".into());
    }
    let mut echo = [0; 7];
    loop {
        stream.write_all(HELLO).await?;
        stream.read_exact(&mut echo).await?;
        if echo != *b"\x81\x05hello" {
            return Err("no echo".into());
        }
        counted.fetch_add(1, Relaxed);
    }
}
