//! HTTP/1.0 and 1.1.

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
async fn a_large_answer_to_an_upgrade_that_is_not_made_is_whole() {
    let (mut wire, _task) = connect_with_room(Site::default(), 1024);
    wire.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade\r\nUpgrade: a\r\n\r\n").await;
    assert_eq!(wire.reply().await.body.len(), 1 << 20);
    assert!(wire.rest().await.is_empty());
}

#[tokio::test]
async fn a_panic_ends_its_connection_only() {
    let (mut wire, task) = connect_with_room(Site::default(), 1024);
    wire.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(wire.rest().await.is_empty());
    assert!(task.await.unwrap_err().is_panic());
}
