//! One connection and its bounds, in the protocols' own bytes, over wires in memory and with paused time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use waypost::__connection::{Limits, Spoken, Watch, serve};
use waypost::{Peer, Respond};

use crate::raw::{PREFACE, Site, Wire};

mod aside;
mod bodies;
mod ends;
mod faults;
mod fields;
mod gone;
mod handler;
mod leave;
mod lengths;
mod parking;
mod pings;
mod protocols;
mod stalls;
mod turns;
mod upgrades;

/// A served connection, seen from both ends.
struct Served<T = DuplexStream> {
    wire: Wire<T>,
    watch: Arc<Watch>,
    task: JoinHandle<()>,
}

/// Serves `app` to a wire of which each direction takes `room` bytes.
fn connect(app: impl Respond, limits: Limits, room: usize) -> Served {
    connect_spoken(app, limits, room, None)
}

fn connect_spoken(app: impl Respond, limits: Limits, room: usize, spoken: Option<Spoken>) -> Served {
    let (client, server) = tokio::io::duplex(room);
    let watch = Arc::new(Watch::new());
    let task = tokio::spawn(serve(
        server,
        Arc::new(app),
        Peer::default(),
        Arc::new(limits),
        Arc::clone(&watch),
        spoken,
        (),
    ));
    Served { wire: Wire::new(client), watch, task }
}

fn site() -> (Site, Served) {
    let site = Site::default();
    (site.clone(), connect(site, Limits::default(), 1 << 16))
}

impl Served {
    /// Waits for the connection to end; whole seconds that took.
    async fn end(&mut self) -> u64 {
        let start = Instant::now();
        (&mut self.task).await.unwrap();
        start.elapsed().as_secs()
    }

    /// Takes the wire for a client of HTTP/2.
    async fn http2(self) -> (Sender, JoinHandle<hyper::Result<()>>, Arc<Watch>, JoinHandle<()>) {
        self.http2_with(&mut hyper::client::conn::http2::Builder::new(TokioExecutor::new())).await
    }

    /// The same, with windows of one's own.
    async fn http2_with(
        self,
        builder: &mut hyper::client::conn::http2::Builder<TokioExecutor>,
    ) -> (Sender, JoinHandle<hyper::Result<()>>, Arc<Watch>, JoinHandle<()>) {
        let (sender, connection) = builder.handshake(TokioIo::new(self.wire.stream)).await.unwrap();
        (sender, tokio::spawn(connection), self.watch, self.task)
    }
}

type ClientBody = BoxBody<Bytes, std::convert::Infallible>;
type Sender = hyper::client::conn::http2::SendRequest<ClientBody>;

fn get(path: &str) -> http::Request<ClientBody> {
    http::Request::builder().uri(format!("http://a{path}")).body(Empty::new().boxed()).unwrap()
}

/// A request whose body is what is sent through the channel.
fn post(path: &str) -> (http::Request<ClientBody>, tokio::sync::mpsc::UnboundedSender<Bytes>) {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let pieces = futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx));
    let body = StreamBody::new(pieces.map(|piece| Ok(http_body::Frame::data(piece))));
    (http::Request::post(format!("http://a{path}")).body(BodyExt::boxed(body)).unwrap(), sender)
}

async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// Lets everything run that can.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}
