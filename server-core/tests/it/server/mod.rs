//! The server in the protocols' own bytes. Time is paused and the wires are in memory where deadlines are at stake.

mod deadlines;
mod http1;
mod http2;
mod socket;
mod streams;

use std::future::Future;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::Instant;
use waypost::{Peer, Server};

use crate::raw::{PREFACE, Site, Wire, connect, connect_with_room};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// How many whole seconds pass until `future` is done.
async fn seconds(future: impl Future) -> u64 {
    let start = Instant::now();
    future.await;
    start.elapsed().as_secs()
}

async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

type Sender = hyper::client::conn::http2::SendRequest<Full<Bytes>>;

async fn handshake<T>(stream: T) -> (Sender, impl Future<Output = hyper::Result<()>>)
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap()
}

fn get(path: &str) -> http::Request<Full<Bytes>> {
    http::Request::builder().uri(format!("http://a{path}")).body(Full::default()).unwrap()
}

#[allow(dead_code, reason = "spells out what must hold")]
fn the_futures_are_send(server: Server, stream: DuplexStream) {
    fn check(_: impl Send) {}
    check(server.serve(Site::default()));
    check(Server::serve_connection(stream, Arc::new(Site::default()), Peer::new(None)));
}
