//! The server in the protocols' own bytes. Time is paused and the wires are in memory where deadlines are at stake.

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

use crate::raw::{Site, Wire, connect, connect_with_room};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How many whole seconds pass until `future` is done.
async fn seconds(future: impl Future) -> u64 {
    let start = Instant::now();
    future.await;
    start.elapsed().as_secs()
}

async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

mod http1 {
    use super::*;

    #[tokio::test]
    async fn keeps_the_connection() {
        let mut wire = connect(Site::default());
        for _ in 0..3 {
            wire.send(GET).await;
            let reply = wire.reply().await;
            assert_eq!((reply.status, reply.text()), (200, "hello"));
            assert!(reply.head.starts_with("HTTP/1.1 200 OK\r\n"));
            assert!(reply.header("date").is_some());
        }
    }

    #[tokio::test]
    async fn closes_when_asked() {
        let mut wire = connect(Site::default());
        wire.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
        assert!(String::from_utf8(wire.rest().await).unwrap().ends_with("hello"));
    }

    #[tokio::test]
    async fn answers_pipelined_requests_in_order() {
        let mut wire = connect(Site::default());
        let paths = ["/", "/large", "/a", "/burst", "/b", "/empty"];
        let requests: String = paths.iter().map(|p| format!("GET {p} HTTP/1.1\r\nHost: a\r\n\r\n")).collect();
        wire.send(requests.repeat(20)).await;
        for _ in 0..20 {
            assert_eq!(wire.reply().await.text(), "hello");
            assert_eq!(wire.reply().await.body.len(), 1 << 20);
            assert_eq!(wire.reply().await.text(), "/a");
            assert_eq!(wire.reply().await.text(), "drip drip drip ");
            assert_eq!(wire.reply().await.text(), "/b");
            assert_eq!(wire.reply().await.text(), "");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pipelined_answers_wait_for_no_other() {
        // The first answer comes although the second handler never ends, …
        let mut wire = connect(Site::default());
        wire.send(format!("{GET}GET /forever HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        assert_eq!(wire.reply().await.text(), "hello");
        // … although a second head has begun, …
        let mut wire = connect(Site::default());
        wire.send(format!("{GET}GET /")).await;
        assert_eq!(wire.reply().await.text(), "hello");
        // … and although an empty line follows the body (RFC 9112 section 2.2).
        let mut wire = connect(Site::default());
        wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\r\n").await;
        assert_eq!(wire.reply().await.text(), "hi");
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");
    }

    #[tokio::test(start_paused = true)]
    async fn answers_to_a_peer_that_does_not_read_are_bounded() {
        let site = Site::default();
        let (mut wire, _task) = connect_with_room(site.clone(), 1 << 16);
        wire.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500)).await;
        wait(5).await;
        // One megabyte is on its way, and the next is not made before it has gone.
        let begun = site.begun.load(SeqCst);
        assert!(begun <= 2, "{begun} answers made");
    }

    #[tokio::test]
    async fn http_1_0() {
        let mut wire = connect(Site::default());
        wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").await;
        let reply = wire.reply().await;
        assert_eq!((reply.status, reply.text()), (200, "hello"));
        assert_eq!(reply.header("connection").as_deref(), Some("keep-alive"));
        // HTTP/1.0 knows no chunks: the end of the connection ends the body.
        wire.send("GET /burst HTTP/1.0\r\n\r\n").await;
        let reply = wire.reply().await;
        assert!(reply.header("transfer-encoding").is_none());
        assert_eq!(reply.text(), "drip drip drip ");
    }

    #[tokio::test]
    async fn chunks_in_and_out() {
        let mut wire = connect(Site::default());
        wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").await;
        wire.send("6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n").await;
        let reply = wire.reply().await;
        assert_eq!((reply.header("content-length").as_deref(), reply.text()), (Some("11"), "hello world"));

        wire.send("GET /burst HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let reply = wire.reply().await;
        assert_eq!(reply.header("transfer-encoding").as_deref(), Some("chunked"));
        assert_eq!(reply.text(), "drip drip drip ");

        // Both at once: what comes in goes out.
        wire.send("POST /stream-back HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            .await;
        assert_eq!(wire.reply_to_head().await.status, 200);
        assert_eq!(wire.take(8).await, b"3\r\nabc\r\n");
        wire.send("0\r\n\r\n").await;
        assert_eq!(wire.take(5).await, b"0\r\n\r\n");
    }

    #[tokio::test]
    async fn large_bodies_both_ways() {
        let (mut wire, _task) = connect_with_room(Site::default(), 1000);
        let body: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
        wire.send(format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len())).await;
        wire.send(&body).await;
        assert!(wire.reply().await.body == body);
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");
    }

    #[tokio::test]
    async fn head_gets_no_body() {
        let mut wire = connect(Site::default());
        for path in ["/", "/large"] {
            wire.send(format!("HEAD {path} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
            let reply = wire.reply_to_head().await;
            assert_eq!(reply.status, 200);
            assert_ne!(reply.header("content-length").as_deref(), Some("0"));
        }
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");
    }

    #[tokio::test]
    async fn expects_100_continue() {
        let mut wire = connect(Site::default());
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
        wire.send(head).await;
        assert_eq!(wire.reply_to_head().await.status, 100);
        wire.send("hi").await;
        assert_eq!(wire.reply().await.text(), "hi");
    }

    #[tokio::test]
    async fn malformed_requests_are_answered_400_and_closed() {
        for bytes in [
            "GET\r\n\r\n",
            "GET / HTTP/1.1\r\nno colon\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET / HTTP/3.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
            "\x16\x03\x01\x02\x00\x01\x00\x01\x03\x03",
        ] {
            let mut wire = connect(Site::default());
            wire.send(bytes).await;
            let reply = wire.reply().await;
            assert_eq!(reply.status, 400, "{bytes:?}");
            assert!(wire.rest().await.is_empty());
        }
    }

    #[tokio::test]
    async fn heads_too_large_are_answered_431_and_closed() {
        let (mut wire, _task) = connect_with_room(Site::default(), 1 << 20);
        wire.send(format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(31 * 1024))).await;
        assert_eq!(wire.reply().await.status, 200);
        wire.send(format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(33 * 1024))).await;
        assert_eq!(wire.reply().await.status, 431);
        assert!(wire.rest().await.is_empty());

        let mut wire = connect(Site::default());
        wire.send(format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(101))).await;
        assert_eq!(wire.reply().await.status, 431);
    }

    #[tokio::test]
    async fn a_client_that_closes_its_side_is_still_answered() {
        let mut wire = connect(Site::default());
        wire.send(GET).await;
        wire.stream.shutdown().await.unwrap();
        assert!(String::from_utf8(wire.rest().await).unwrap().ends_with("hello"));
    }

    #[tokio::test]
    async fn a_panic_ends_its_connection_only() {
        let (mut wire, task) = connect_with_room(Site::default(), 1024);
        wire.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert!(wire.rest().await.is_empty());
        assert!(task.await.unwrap_err().is_panic());
    }
}

mod deadlines {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silent_peer_is_closed() {
        let mut wire = connect(Site::default());
        assert_eq!(seconds(wire.rest()).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn so_is_one_that_stops_in_the_preface() {
        for length in [1, 14, 23] {
            let mut wire = connect(Site::default());
            wait(7).await;
            wire.send(&PREFACE[..length]).await;
            assert_eq!(seconds(wire.rest()).await, 3);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_must_be_complete_in_time_however_it_trickles() {
        let mut wire = connect(Site::default());
        wait(9).await;
        let trickle = async {
            for byte in "GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".bytes() {
                if wire.stream.write_all(&[byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        };
        assert_eq!(seconds(trickle).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn so_must_the_next_one() {
        let mut wire = connect(Site::default());
        for idle in [0, 55, 20, 1] {
            wait(idle).await;
            wire.send(&GET[..9]).await;
            wait(9).await;
            wire.send(&GET[9..]).await;
            assert_eq!(wire.reply().await.text(), "hello");
        }
        wait(55).await;
        wire.send(&GET[..9]).await;
        assert_eq!(seconds(wire.rest()).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_closed() {
        for pause in 0..20 {
            let mut wire = connect(Site::default());
            wire.send(GET).await;
            wire.reply().await;
            wait(pause).await;
            wire.send(GET).await;
            wire.reply().await;
            let idle = seconds(wire.rest()).await;
            assert!((60..=75).contains(&idle), "{idle} s after {pause}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_used_connection_is_not() {
        let mut wire = connect(Site::default());
        for _ in 0..50 {
            wire.send(GET).await;
            assert_eq!(wire.reply().await.text(), "hello");
            wait(59).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_handler_is_not_cut_and_idleness_begins_after_it() {
        let mut wire = connect(Site::default());
        wire.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(wire.reply().await.text(), "slow");
        let idle = seconds(wire.rest()).await;
        assert!((60..=75).contains(&idle), "{idle} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_response_is_not_cut() {
        let mut wire = connect(Site::default());
        wire.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
        // Each piece comes when it is made.
        assert_eq!(seconds(wire.reply_to_head()).await, 0);
        for _ in 0..5 {
            let start = Instant::now();
            assert_eq!(wire.take(10).await, b"5\r\ndrip \r\n");
            assert_eq!(start.elapsed().as_secs(), 300);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_http2_connection_is_told_to_go() {
        let (client, server) = tokio::io::duplex(1 << 16);
        tokio::spawn(Server::serve_connection(server, Arc::new(Site::default()), Peer::new(None)));
        let (mut sender, connection) = handshake(client).await;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(get("/slow")).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "slow");
        let idle = seconds(connection).await;
        assert!((60..=75).contains(&idle), "{idle} s");
        drop(sender);
    }

    #[tokio::test(start_paused = true)]
    async fn an_http2_peer_that_sends_frames_but_no_request_is_closed() {
        let mut wire = connect(Site::default());
        wire.send(PREFACE).await;
        wire.send(b"\0\0\0\x04\0\0\0\0\0").await;
        let ping = b"\0\0\x08\x06\0\0\0\0\0pingping";
        let pings = async {
            while wire.stream.write_all(ping).await.is_ok() {
                wire.pending().await;
                wait(1).await;
            }
        };
        let idle = seconds(pings).await;
        assert!((60..=85).contains(&idle), "{idle} s");
    }
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

mod http2 {
    use super::*;

    async fn connect(site: Site) -> Sender {
        let (client, server) = tokio::io::duplex(1 << 16);
        tokio::spawn(Server::serve_connection(server, Arc::new(site), Peer::new(None)));
        let (sender, connection) = handshake(client).await;
        tokio::spawn(connection);
        sender
    }

    #[tokio::test]
    async fn prior_knowledge() {
        let mut sender = connect(Site::default()).await;
        let mut requests = Vec::new();
        for path in ["/", "/large", "/burst", "/missing"] {
            requests.push((path, sender.send_request(get(path))));
        }
        for (path, response) in requests {
            let response = response.await.unwrap();
            assert_eq!(response.version(), http::Version::HTTP_2);
            assert_eq!(response.status(), if path == "/missing" { 404 } else { 200 });
            let body = response.into_body().collect().await.unwrap().to_bytes();
            match path {
                "/" => assert_eq!(body, "hello"),
                "/large" => assert_eq!(body.len(), 1 << 20),
                "/burst" => assert_eq!(body, "drip drip drip "),
                _ => assert_eq!(body, "/missing"),
            }
        }
        let body = Full::new(Bytes::from(vec![7; 500_000]));
        let request = http::Request::post("http://a/echo").body(body).unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), vec![7; 500_000]);
    }

    /// Tells the `Host` and `Cookie` fields it was asked with.
    struct Fields;

    impl waypost::Respond for Fields {
        async fn respond<'a>(
            &'a self,
            request: http::Request<waypost::Body>,
            _: &'a Peer,
        ) -> waypost::Response {
            let all = |name| {
                let values = request.headers().get_all(name).iter();
                values.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            waypost::Response::new(format!("{:?} {:?}", all("host"), all("cookie")).into())
        }
    }

    /// RFC 9113, sections 8.3.1 and 8.2.3.
    #[tokio::test]
    async fn the_authority_is_the_host_and_cookies_are_one_field() {
        let (client, server) = tokio::io::duplex(1 << 16);
        tokio::spawn(Server::serve_connection(server, Arc::new(Fields), Peer::new(None)));
        let (mut sender, connection) = handshake(client).await;
        tokio::spawn(connection);
        let request = http::Request::builder().uri("http://a.example:80/").header("cookie", "a=1");
        let request = request.header("cookie", "b=2").body(Full::default()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, r#"["a.example:80"] ["a=1; b=2"]"#);
    }

    #[tokio::test]
    async fn a_panic_ends_its_stream_only() {
        let mut sender = connect(Site::default()).await;
        assert!(sender.send_request(get("/panic")).await.is_err());
        assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_stream_drops_its_handler() {
        let site = Site::default();
        let mut sender = connect(site.clone()).await;
        let response = sender.send_request(get("/forever"));
        assert!(tokio::time::timeout(Duration::from_secs(1), response).await.is_err());
        wait(1).await;
        assert_eq!(site.running.load(SeqCst), 0);
    }

    /// However the preface is cut into pieces.
    #[tokio::test(start_paused = true)]
    async fn a_preface_in_pieces() {
        for cut in 1..PREFACE.len() {
            let mut wire = crate::raw::connect(Site::default());
            wire.send(&PREFACE[..cut]).await;
            assert_eq!(wire.pending().await, b"");
            wire.send(&PREFACE[cut..]).await;
            wire.send(b"\0\0\0\x04\0\0\0\0\0").await;
            let answer = wire.pending().await;
            assert_eq!(answer[3], 4, "no SETTINGS frame: {answer:?}");
        }
    }

    #[tokio::test]
    async fn a_preface_byte_by_byte_and_then_a_request() {
        let (client, mut ours) = tokio::io::duplex(1 << 16);
        let (mut theirs, server) = tokio::io::duplex(1 << 16);
        tokio::spawn(Server::serve_connection(server, Arc::new(Site::default()), Peer::new(None)));
        tokio::spawn(async move {
            for _ in 0..PREFACE.len() {
                let byte = ours.read_u8().await.unwrap();
                theirs.write_u8(byte).await.unwrap();
                tokio::task::yield_now().await;
            }
            tokio::io::copy_bidirectional(&mut ours, &mut theirs).await
        });
        let (mut sender, connection) = handshake(client).await;
        tokio::spawn(connection);
        assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn look_alikes_are_http1() {
        for (first, second) in [("P", "OST"), ("PRI", "NT"), ("PR", "I"), ("", "PRINT")] {
            let mut wire = crate::raw::connect(Site::default());
            wire.send(first).await;
            assert_eq!(wire.pending().await, b"");
            wire.send(format!("{second} /method HTTP/1.1\r\nHost: a\r\n\r\n")).await;
            assert_eq!(wire.reply().await.text(), format!("{first}{second}"));
            wire.send(GET).await;
            assert_eq!(wire.reply().await.text(), "hello");
        }
        let mut wire = crate::raw::connect(Site::default());
        wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX").await;
        assert_eq!(wire.reply().await.status, 400);
    }

    #[tokio::test]
    async fn a_stream_that_ends_in_the_preface() {
        let mut wire = crate::raw::connect(Site::default());
        wire.send("PRI *").await;
        wire.stream.shutdown().await.unwrap();
        let _ = wire.rest().await;
    }
}

mod socket {
    use super::*;

    async fn serve(site: Site) -> (std::net::SocketAddr, tokio::task::JoinHandle<()>) {
        let server = Server::bind("127.0.0.1:0").await.unwrap();
        let address = server.addr().tcp().unwrap();
        assert_ne!(address.port(), 0);
        let task = tokio::spawn(async move {
            let _ = server.serve(site).await;
        });
        (address, task)
    }

    #[tokio::test]
    async fn both_protocols_on_one_port() {
        let (address, _task) = serve(Site::default()).await;
        let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");

        let (mut sender, connection) = handshake(TcpStream::connect(address).await.unwrap()).await;
        tokio::spawn(connection);
        let response = sender.send_request(get("/")).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
    }

    #[tokio::test]
    async fn dropping_the_future_closes_every_connection() {
        let site = Site::default();
        let (address, task) = serve(site.clone()).await;
        let mut idle = Wire::new(TcpStream::connect(address).await.unwrap());
        idle.send(GET).await;
        idle.reply().await;
        let mut busy = Wire::new(TcpStream::connect(address).await.unwrap());
        busy.send("GET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let (mut sender, connection) = handshake(TcpStream::connect(address).await.unwrap()).await;
        tokio::spawn(connection);
        let streams = [sender.send_request(get("/forever")), sender.send_request(get("/forever"))];
        while site.running.load(SeqCst) < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }

        task.abort();
        assert!(idle.rest().await.is_empty());
        assert!(busy.rest().await.is_empty());
        for stream in streams {
            assert!(stream.await.is_err());
        }
        while site.running.load(SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_panicking_handler_does_not_end_the_server() {
        let (address, task) = serve(Site::default()).await;
        let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
        wire.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
        wire.rest().await;
        let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");
        assert!(!task.is_finished());
    }

    #[tokio::test]
    async fn an_address_in_use_is_named_in_the_error() {
        let first = Server::bind("127.0.0.1:0").await.unwrap();
        let address = first.addr().tcp().unwrap();
        let error = Server::bind(address).await.unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("cannot listen on {address}: ")), "{text}");
        let cause = error.cause().unwrap().downcast_ref::<std::io::Error>().unwrap();
        assert_eq!(cause.kind(), std::io::ErrorKind::AddrInUse);
        assert!(Server::bind("no-such-host.invalid:80").await.is_err());
    }

    #[tokio::test]
    async fn a_listening_socket_is_taken_over() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server::builder().tcp_socket(listener).bind().unwrap();
        let address = server.addr().tcp().unwrap();
        tokio::spawn(server.serve(Site::default()));
        let reply = tokio::task::spawn_blocking(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).unwrap();
            reply
        });
        assert!(reply.await.unwrap().ends_with("hello"));
    }
}

#[allow(dead_code, reason = "spells out what must hold")]
fn the_futures_are_send(server: Server, stream: DuplexStream) {
    fn check(_: impl Send) {}
    check(server.serve(Site::default()));
    check(Server::serve_connection(stream, Arc::new(Site::default()), Peer::new(None)));
}
