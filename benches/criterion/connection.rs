//! A connection of HTTP/1.1 over a pipe in memory: everything between the first byte of a request and the last of its
//! answer, save the system. One request at a time, and sixteen sent at once.
#![allow(missing_docs)]

mod settings;

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use criterion::measurement::Measurement;
use criterion::{Throughput, criterion_group, criterion_main};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use waypost::__connection::{Limits, Watch};
use waypost::Peer;
use waypost_benches::servers;

use settings::{Criterion, ThreadTime};

const REQUESTS: [(&str, &str, &str); 2] = [
    ("plaintext", "/hello", "Hello, World!"),
    ("two parameters", "/users/42/posts/news", "post news of user 42"),
];

fn connection(criterion: &mut Criterion) {
    for (name, target, answer) in REQUESTS {
        for depth in [1, 16] {
            let mut group = criterion.benchmark_group(format!("connection, {name}, {depth} at once"));
            group.throughput(Throughput::Elements(depth as u64));
            for (server, serve) in SERVERS {
                let runtime = settings::runtime();
                let mut client =
                    runtime.block_on(async { Client::new(serve(), target, answer, depth).await });
                group.bench_function(server, |bencher| {
                    bencher.iter_custom(|rounds| runtime.block_on(client.exchange(rounds)));
                });
            }
            group.finish();
        }
    }
}

struct Client {
    stream: DuplexStream,
    requests: Vec<u8>,
    answers: Vec<u8>,
}

impl Client {
    /// Asks once, so that it is known how long an answer is.
    async fn new(mut stream: DuplexStream, target: &str, answer: &str, depth: usize) -> Self {
        let request = format!(
            "GET {target} HTTP/1.1\r\nhost: localhost\r\nuser-agent: waypost-benches\r\naccept: */*\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("a server that reads");
        let mut first = Vec::new();
        while !first.ends_with(answer.as_bytes()) {
            let read = stream.read_buf(&mut first).await.expect("a server that answers");
            assert_ne!(read, 0, "the server closed: {}", String::from_utf8_lossy(&first));
        }
        assert!(first.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&first));
        let length = first.len() * depth;
        Self { stream, requests: request.repeat(depth).into_bytes(), answers: vec![0; length] }
    }

    async fn exchange(&mut self, rounds: u64) -> Duration {
        let start = ThreadTime.start();
        for _ in 0..rounds {
            self.stream.write_all(&self.requests).await.expect("a server that reads");
            self.stream.read_exact(&mut self.answers).await.expect("a server that answers");
        }
        ThreadTime.end(start)
    }
}

type Serve = fn() -> DuplexStream;

const SERVERS: [(&str, Serve); 4] = [
    ("waypost", waypost),
    ("axum", axum),
    ("hyper", || hyper(false)),
    ("hyper, header deadline", || hyper(true)),
];

/// Room for what is on its way, in each direction.
const ROOM: usize = 64 * 1024;

/// With all limits and deadlines on, as a server sets them.
fn waypost() -> DuplexStream {
    let (client, server) = duplex(ROOM);
    let (limits, watch) = (Arc::new(Limits::default()), Arc::new(Watch::new()));
    let app = Arc::new(servers::waypost::app());
    tokio::spawn(::waypost::__connection::serve(server, app, Peer::unix(), limits, watch, None, ()));
    client
}

/// By `axum::serve` itself, which is given one connection.
fn axum() -> DuplexStream {
    struct Once(Option<DuplexStream>);

    impl Listener for Once {
        type Io = DuplexStream;
        type Addr = ();

        async fn accept(&mut self) -> (DuplexStream, ()) {
            match self.0.take() {
                Some(stream) => (stream, ()),
                None => pending().await,
            }
        }

        fn local_addr(&self) -> io::Result<()> {
            Ok(())
        }
    }

    let (client, server) = duplex(ROOM);
    tokio::spawn(async move { ::axum::serve(Once(Some(server)), servers::axum::app()).await });
    client
}

fn hyper(deadline: bool) -> DuplexStream {
    let (client, server) = duplex(ROOM);
    let mut builder = ::hyper::server::conn::http1::Builder::new();
    if deadline {
        builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10));
    }
    let service = ::hyper::service::service_fn(servers::hyper::answer::<Incoming>);
    tokio::spawn(builder.serve_connection(TokioIo::new(server), service));
    client
}

criterion_group!(name = benches; config = settings::settings(); targets = connection);
criterion_main!(benches);
