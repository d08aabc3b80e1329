//! Connections that stop speaking HTTP.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use waypost::{Response, Upgrade};

use super::*;

#[get("/echo")]
async fn echo(upgrade: Upgrade) -> Response {
    assert_eq!(upgrade.protocols().collect::<Vec<_>>(), ["echo", "other/1"]);
    upgrade.accept("echo", |stream| async move {
        let (mut read, mut write) = tokio::io::split(stream);
        tokio::io::copy(&mut read, &mut write).await.unwrap();
        write.write_all(b"bye").await.unwrap();
        write.shutdown().await.unwrap();
    })
}

#[get("/wait")]
async fn wait(upgrade: Upgrade, shutdown: Shutdown) -> Response {
    upgrade.accept("wait", async move |mut stream| {
        shutdown.requested().await;
        stream.write_all(b"the end").await.unwrap();
    })
}

#[get("/stay")]
async fn stay(upgrade: Upgrade) -> Response {
    upgrade.accept("stay", async |_stream| std::future::pending().await)
}

#[get("/perhaps")]
async fn perhaps(upgrade: Option<Upgrade>) -> &'static str {
    if upgrade.is_some() { "could" } else { "could not" }
}

fn serve() -> Handle {
    let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
    server.spawn(App::new(routes![echo, wait, stay, perhaps])).unwrap()
}

fn ask(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo, other/1\r\n\r\n"
    )
}

#[tokio::test]
async fn every_byte_is_the_other_protocols() {
    let handle = serve();
    // Requests before it, and bytes that come in one piece with it.
    let mut wire = connect(&handle).await;
    let early = "GET /perhaps HTTP/1.1\r\nHost: a\r\n\r\n";
    wire.send(format!("{early}{}early ", ask("/echo"))).await;
    assert_eq!(wire.reply().await.text(), "could not");
    let reply = wire.reply_to_head().await;
    assert_eq!((reply.status, reply.header("upgrade").as_deref()), (101, Some("echo")));
    assert_eq!(reply.header("connection").as_deref(), Some("upgrade"));
    assert_eq!(wire.take(6).await, b"early ");
    let large: Vec<u8> = (0..1_000_000u32).map(|n| n.to_le_bytes()[0]).collect();
    let (mut read, mut write) = wire.stream.split();
    let mut back = vec![0; large.len()];
    let (sent, received) = tokio::join!(write.write_all(&large), read.read_exact(&mut back));
    sent.unwrap();
    received.unwrap();
    assert!(back == large);
    assert_eq!(handle.stats().requests_open, 1);
    write.shutdown().await.unwrap();
    let mut rest = Vec::new();
    soon(read.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, b"bye");
    until(|| handle.stats().connections_open == 0).await;
}

#[tokio::test]
async fn a_server_that_ends_waits_for_them_and_cuts_them() {
    let handle = serve();
    let (mut waits, mut stays) = (connect(&handle).await, connect(&handle).await);
    waits.send(ask("/wait")).await;
    stays.send(ask("/stay")).await;
    assert_eq!(waits.reply_to_head().await.status, 101);
    assert_eq!(stays.reply_to_head().await.status, 101);
    let ended = handle.shutdown(Duration::from_millis(200));
    assert_eq!(soon(waits.rest()).await, b"the end");
    let drained = soon(ended).await;
    assert_eq!((drained.connections, drained.requests), (1, 1));
    assert!(soon(stays.rest()).await.is_empty());
}

#[tokio::test]
async fn only_for_those_who_ask() {
    let handle = serve();
    let mut wire = connect(&handle).await;
    for request in [
        "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n",
    ] {
        wire.send(request).await;
        assert_eq!(wire.reply().await.status, 426, "{request}");
    }
    wire.send(ask("/perhaps").replace("1.1", "1.0")).await;
    assert_eq!(wire.reply().await.text(), "could not");
    let client = waypost::test::Client::new(App::new(routes![echo]));
    let reply = client.get("/echo").header("connection", "upgrade").header("upgrade", "echo").send().await;
    assert_eq!(reply.status(), 501);
}
