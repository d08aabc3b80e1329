//! In HTTP/1.1's own bytes (RFC 9112 section 3.2.3): the connection is the tunnel.

use tokio::net::TcpStream;
use waypost::Bytes;
use waypost::ws::WebSocketUpgrade;

use super::*;

#[tokio::test(start_paused = true)]
async fn every_byte_is_the_tunnels() {
    let (mut wire, handle) = serve(app());
    // Requests before it, and bytes in one piece with it, which could be taken for another.
    wire.send(format!("{NEXT}{}\r\n\r\n{NEXT}", head_of("b:443"))).await;
    assert_eq!(wire.reply().await.text(), "index");
    let reply = wire.reply_to_head().await;
    assert_eq!(reply.status, 200);
    for field in ["content-length", "transfer-encoding", "connection", "upgrade"] {
        assert_eq!(reply.header(field), None, "{field}");
    }
    assert_eq!(wire.take(NEXT.len()).await, NEXT.as_bytes());
    // Both ways, and more than any buffer has room for.
    let large: Vec<u8> = (0..300_000u32).map(|n| n.to_le_bytes()[0]).collect();
    for piece in large.chunks(50_000) {
        wire.send(piece).await;
        assert!(wire.take(piece.len()).await == piece);
    }
    let stats = handle.stats();
    assert_eq!((stats.requests(), stats.requests_open), (2, 1));
    // One way ends, and the other not yet.
    wire.stream.shutdown().await.unwrap();
    assert_eq!(wire.rest().await, b"bye");
}

/// Also those that came while the handler was still looking for the target, read or not.
#[tokio::test(start_paused = true)]
async fn none_is_lost_before_the_answer() {
    let (mut wire, _handle) = serve(app());
    wire.send(head_of("late:1") + "\r\n\r\n").await;
    let early: Vec<u8> = (0..5000u32).map(|n| n.to_le_bytes()[0]).collect();
    for piece in early.chunks(700) {
        wire.send(piece).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(wire.reply_to_head().await.status, 200);
    assert!(wire.take(early.len()).await == early);
}

#[tokio::test(start_paused = true)]
async fn through_middleware() {
    let layer = tower_http::set_header::SetResponseHeaderLayer::overriding(
        waypost::http::header::SERVER,
        HeaderValue::from_static("a"),
    );
    let app = || app().wrap(waypost::Compression::new()).layer(layer.clone());
    let (mut wire, _handle) = serve(app());
    wire.send(head_of("b:1") + "\r\nAccept-Encoding: gzip\r\n\r\nearly").await;
    let reply = wire.reply_to_head().await;
    assert_eq!((reply.status, reply.header("server").as_deref()), (200, Some("a")));
    assert_eq!(wire.take(5).await, b"early");
    let (reply, ..) = ask(app(), &head_of("see:443")).await;
    assert!(reply.text().contains("see:443"), "{}", reply.text());
}

/// No deadline of HTTP's holds it.
#[tokio::test(start_paused = true)]
async fn a_silent_tunnel_stays() {
    let (mut wire, handle) = serve(app());
    wire.send(head_of("stay:1") + "\r\n\r\n").await;
    assert_eq!(wire.reply_to_head().await.status, 200);
    tokio::time::sleep(Duration::from_secs(1_000_000)).await;
    assert_eq!((handle.stats().connections_open, handle.stats().requests_open), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_answer_has_no_content() {
    for (target, status) in [("long:1", 200), ("created:1", 201)] {
        let (mut wire, _handle) = serve(app());
        wire.send(head_of(target) + "\r\n\r\nearly").await;
        let reply = wire.reply_to_head().await;
        assert_eq!((reply.status, reply.header("content-length")), (status, None));
        assert_eq!(reply.header("transfer-encoding"), None);
        assert_eq!(wire.pending().await, b"early");
    }
}

/// The target counts, and not whatever else the client says (RFC 9112 section 3.2.2).
#[tokio::test(start_paused = true)]
async fn what_a_handler_sees() {
    let (reply, ..) = ask(app(), "CONNECT see:443 HTTP/1.1\r\nHost: harmless:443").await;
    assert_eq!(reply.status, 403);
    let document: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    let seen = r#"("see:443", "see:443", "/", Some("see:443"), Some("see:443"))"#;
    assert_eq!(document["detail"], seen);
}

/// What was sent in the hope of a tunnel is not taken for requests (RFC 9931).
#[tokio::test(start_paused = true)]
async fn behind_a_refusal_the_connection_is_closed() {
    for (target, status) in
        [("secret:1", 407), ("see:1", 403), ("taken-back:1", 502), ("unpromised:1", 501), ("empty:1", 501)]
    {
        assert_eq!(refusal(app(), &head_of(target)).await, status, "{target}");
    }
    assert_eq!(refusal(app(), &head_of("switch:1")).await, 501);
    // One that asks to keep the connection, in whatever way.
    let head = head_of("secret:1") + "\r\nConnection: keep-alive\r\nProxy-Connection: keep-alive";
    assert_eq!(refusal(app(), &head).await, 407);
}

/// Nor does it keep the answer from its client, by a reset of the connection.
#[tokio::test(start_paused = true)]
async fn what_comes_behind_a_refusal_is_read_over() {
    for (target, status, length) in [("secret:1", 407, 12), ("tome:1", 403, 1 << 20)] {
        let (mut wire, handle) = serve(app());
        wire.send(head_of(target) + "\r\n\r\n").await;
        wire.send([b'x'; 30_000]).await;
        let reply = wire.reply().await;
        assert_eq!((reply.status, reply.body.len()), (status, length));
        assert_eq!(reply.header("proxy-authenticate").is_some(), status == 407);
        wire.send([b'x'; 150_000]).await;
        wire.stream.shutdown().await.unwrap();
        assert!(wire.rest().await.is_empty());
        assert_eq!(handle.stats().requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn malformed_targets() {
    for target in [
        "a",
        "a:",
        "a:0",
        "a:00",
        "a:65536",
        "a:-1",
        "a:+1",
        "a:x",
        ":1",
        "u@a:1",
        "u:p@a:1",
        "[::1]",
        "[::1]:",
        "[::1]:0",
        "[::1:1",
        "a,b:1",
        "a:1/",
        "a:1/x",
        "a:1?x",
        "http://a:1",
        "http://a:1/",
        "//a:1",
        "/",
        "*",
        "a\u{e9}:1",
        "a:1:1",
    ] {
        assert_eq!(refusal(app(), &format!("CONNECT {target} HTTP/1.1\r\nHost: a:1")).await, 400, "{target}");
    }
    for target in ["a:1", "a.example.:65535", "[::1]:443", "192.0.2.1:00080"] {
        let (mut wire, _handle) = serve(app());
        wire.send(head_of(target) + "\r\n\r\n").await;
        assert_eq!(wire.reply_to_head().await.status, 200, "{target}");
    }
    for fields in ["", "\r\nHost: a:1\r\nHost: a:1", "\r\nHost: a:1, b:1", "\r\nHost: "] {
        assert_eq!(refusal(app(), &format!("CONNECT a:1 HTTP/1.1{fields}")).await, 400, "{fields}");
    }
    assert_eq!(refusal(app(), &(head_of("a:1") + "\r\nExpect: tea")).await, 417);
    // Other methods have no target of this form.
    assert_eq!(refusal(app(), "GET a:1 HTTP/1.1\r\nHost: a:1").await, 400);
}

/// It has none, so what seems to be may be taken for something else by whoever stands before this server.
#[tokio::test(start_paused = true)]
async fn content_is_refused() {
    for fields in [
        "Content-Length: 3",
        "Content-Length: 00",
        "Content-Length: 3\r\nContent-Length: 3",
        "Content-Length: 0\r\nContent-Length: 3",
        "Content-Length: x",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 0",
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: ",
    ] {
        assert_eq!(refusal(app(), &format!("{}\r\n{fields}", head_of("a:1"))).await, 400, "{fields}");
    }
    let (mut wire, _handle) = serve(app());
    wire.send(head_of("a:1") + "\r\nContent-Length: 0\r\n\r\n" + NEXT).await;
    assert_eq!(wire.reply_to_head().await.status, 200);
    assert_eq!(wire.take(NEXT.len()).await, NEXT.as_bytes());
}

/// Whatever it asks for besides a tunnel.
#[tokio::test(start_paused = true)]
async fn another_protocol_is_no_answer() {
    #[route(CONNECT, "/")]
    async fn socket(upgrade: WebSocketUpgrade) -> Response {
        upgrade.on_upgrade(async |_socket| {})
    }

    let fields = "\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\
        \r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    assert_eq!(refusal(App::new(routes![socket]), &(head_of("a:1") + fields)).await, 426);
    let (mut wire, _handle) = serve(app());
    wire.send(head_of("a:1") + fields + "\r\n\r\nearly").await;
    let reply = wire.reply_to_head().await;
    assert_eq!((reply.status, reply.header("upgrade")), (200, None));
    assert_eq!(wire.take(5).await, b"early");
}

#[tokio::test(start_paused = true)]
async fn of_http_1_0() {
    let (mut wire, _handle) = serve(app());
    wire.send("CONNECT a:1 HTTP/1.0\r\n\r\nearly").await;
    let reply = wire.reply_to_head().await;
    assert_eq!((reply.status, reply.header("content-length")), (200, None));
    assert_eq!(wire.take(5).await, b"early");
    // Whose stream hyper would have ended.
    assert_eq!(refusal(app(), "CONNECT a:1 HTTP/1.0\r\nUpgrade: a").await, 501);
    assert_eq!(refusal(app(), "CONNECT secret:1 HTTP/1.0\r\nConnection: keep-alive").await, 407);
}

/// Routes that are bound to a host are bound to that target.
#[tokio::test(start_paused = true)]
async fn a_route_for_one_host() {
    let app = || App::new(routes![index, "//a.example" => [tunnel]]);
    let (mut wire, _handle) = serve(app());
    wire.send("CONNECT a.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n").await;
    assert_eq!(wire.reply_to_head().await.status, 200);
    assert_eq!(refusal(app(), "CONNECT b.example:443 HTTP/1.1\r\nHost: a.example").await, 405);
}

/// One handler for both, with a body that only the other has.
#[tokio::test(start_paused = true)]
async fn beside_another_method() {
    #[route(CONNECT | POST, "/")]
    async fn both(upgrade: Option<Upgrade>, body: Bytes) -> Response {
        match upgrade {
            Some(upgrade) => upgrade.accept("", echo),
            None => Response::new(body.into()),
        }
    }

    let (mut wire, _handle) = serve(App::new(routes![both]));
    wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").await;
    assert_eq!(wire.reply().await.text(), "hello");
    wire.send(head_of("a:1") + "\r\n\r\n" + NEXT).await;
    assert_eq!(wire.reply_to_head().await.status, 200);
    assert_eq!(wire.take(NEXT.len()).await, NEXT.as_bytes());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_is_not_waited_for() {
    let (mut wire, handle) = serve(app());
    wire.send(head_of("slow:1") + "\r\n\r\n").await;
    assert!(wire.pending().await.is_empty());
    assert_eq!(handle.stats().requests_open, 1);
    drop(wire);
    while handle.stats().connections_open > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_handler_has_its_time() {
    let handle = serve_with(|config| config.timeouts.handler = Some(Duration::from_millis(50)));
    let mut wire = Wire::new(TcpStream::connect(handle.addr().tcp().unwrap()).await.unwrap());
    wire.send(head_of("slow:1") + "\r\n\r\n" + NEXT).await;
    let reply = soon(wire.reply()).await;
    assert_eq!((reply.status, reply.header("connection").as_deref()), (503, Some("close")));
    assert!(soon(wire.rest()).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_waits_for_them_and_cuts_them() {
    let (channel, handle) = Channel::serve(app());
    let (mut waits, mut stays) = (channel.connect(1 << 16), channel.connect(1 << 16));
    waits.send(head_of("wait:1") + "\r\n\r\n").await;
    stays.send(head_of("stay:1") + "\r\n\r\n").await;
    assert_eq!(waits.reply_to_head().await.status, 200);
    assert_eq!(stays.reply_to_head().await.status, 200);
    let ended = handle.shutdown(Duration::from_secs(5));
    assert_eq!(waits.rest().await, b"the end");
    let drained = ended.await;
    assert_eq!((drained.connections, drained.requests), (1, 1));
    assert!(stays.rest().await.is_empty());
}
