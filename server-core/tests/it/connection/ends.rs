//! What is left of a connection that has ended, or was dropped: nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use waypost::__connection::{Limits, Watch, serve};
use waypost::config::Config;
use waypost::{Handle, Peer, Server};

use super::{PREFACE, Wire, get};
use crate::raw::Site;
use crate::support::until;

const STREAMS: usize = 3;

/// A client of HTTP/2 whose requests are in handlers that never end.
async fn occupy(handle: &Handle, site: &Site) -> JoinHandle<()> {
    let stream = TcpStream::connect(handle.addr().tcp().unwrap()).await.unwrap();
    let builder = &mut hyper::client::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new());
    let (mut sender, connection) = builder.handshake(hyper_util::rt::TokioIo::new(stream)).await.unwrap();
    let client = tokio::spawn(async move {
        let requests: [_; STREAMS] = std::array::from_fn(|_| sender.send_request(get("/forever")));
        let _ = tokio::join!(connection, futures_util::future::join_all(requests));
    });
    until(|| site.running.load(SeqCst) == STREAMS).await;
    client
}

async fn handlers_are_gone_when_the_server_is() {
    for _ in 0..10 {
        let site = Site::default();
        let handle = Server::builder().tcp("127.0.0.1:0").bind().unwrap().spawn(site.clone()).unwrap();
        let client = occupy(&handle, &site).await;
        let cut = handle.shutdown(Duration::from_millis(20)).await;
        assert_eq!(site.running.load(SeqCst), 0);
        assert_eq!((cut.connections, cut.requests), (1, STREAMS as u64));
        client.await.unwrap();

        // So they are when the future that serves is done.
        let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
        let handle = server.handle();
        let served = tokio::spawn(server.serve(site.clone()));
        let client = occupy(&handle, &site).await;
        drop(handle.shutdown(Duration::from_millis(20)));
        served.await.unwrap().unwrap();
        assert_eq!(site.running.load(SeqCst), 0);
        client.await.unwrap();
    }
}

#[tokio::test]
async fn on_one_thread() {
    handlers_are_gone_when_the_server_is().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_several() {
    handlers_are_gone_when_the_server_is().await;
}

#[tokio::test]
async fn on_threads_with_a_runtime_each() {
    let site = Site::default();
    let mut config = Config::default();
    config.workers.per_core = true;
    let server = Server::builder().config(config).tcp("127.0.0.1:0").bind().unwrap();
    let handle = server.handle();
    let thread = std::thread::spawn({
        let site = site.clone();
        move || server.run(site)
    });
    let client = occupy(&handle, &site).await;
    handle.shutdown(Duration::from_millis(20)).await;
    assert_eq!(site.running.load(SeqCst), 0);
    client.await.unwrap();
    thread.join().unwrap().unwrap();
}

/// Notes how many handlers run when it is dropped.
struct Held {
    running: Arc<AtomicUsize>,
    noted: Arc<AtomicUsize>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.noted.store(self.running.load(SeqCst), SeqCst);
    }
}

/// Whether the connection ends by itself or is dropped, as soon as it is polled or later.
#[tokio::test(start_paused = true)]
async fn what_is_held_is_held_by_every_stream() {
    for dropped in [true, false] {
        let site = Site::default();
        let noted = Arc::new(AtomicUsize::new(usize::MAX));
        let held = Held { running: Arc::clone(&site.running), noted: Arc::clone(&noted) };
        let (client, server) = tokio::io::duplex(1 << 16);
        let watch = Arc::new(Watch::new());
        let app = Arc::new(site.clone());
        let limits = Arc::new(Limits::default());
        let task = tokio::spawn(serve(server, app, Peer::default(), limits, Arc::clone(&watch), None, held));
        let mut wire = Wire::new(client);
        wire.send([PREFACE, b"\0\0\0\x04\0\0\0\0\0"].concat()).await;
        for stream in [1, 3, 5] {
            wire.send([0, 0, 15, 1, 5, 0, 0, 0, stream]).await;
            wire.send(b"\x82\x87\x01\x01a\x04\x08/forever").await;
        }
        until(|| site.running.load(SeqCst) == STREAMS).await;
        if dropped {
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            // As many as were cut.
            assert_eq!(watch.open(), STREAMS as u32);
        } else {
            drop(wire);
            task.await.unwrap();
        }
        until(|| noted.load(SeqCst) != usize::MAX).await;
        assert_eq!(noted.load(SeqCst), 0);
    }
}
