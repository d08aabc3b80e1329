//! How a WebSocket ends (RFC 6455 section 7).

use tokio::io::AsyncWriteExt as _;
use waypost::Routes;

use super::*;

/// Closes, and hears the rest.
#[get("/leave")]
async fn leave(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        socket.close(CloseCode::new(4000).unwrap(), "enough").await.unwrap();
        let end = loop {
            match socket.recv().await {
                Some(Ok(message)) => {
                    let _ = log.send(format!("{message:?}"));
                }
                other => break other,
            }
        };
        let _ = log.send(format!("{:?}", end.map(|end| end.unwrap_err().to_string())));
    })
}

/// Ends after one message.
#[get("/once")]
async fn once(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        let _ = socket.recv().await;
    })
}

#[get("/panic")]
async fn panic(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        let _ = socket.recv().await;
        panic!("a handler that panics");
    })
}

/// Has a last word when the server ends.
#[get("/last-word")]
async fn last_word(upgrade: WebSocketUpgrade, shutdown: Shutdown) -> Response {
    upgrade.close_on_shutdown(false).on_upgrade(async move |mut socket: WebSocket| {
        tokio::select! {
            () = shutdown.requested() => {
                socket.send(Message::text("back soon")).await.unwrap();
                socket.close(CloseCode::SERVICE_RESTART, "").await.unwrap();
            }
            _ = socket.recv() => {}
        }
    })
}

/// Works for ten seconds on each message.
#[get("/work")]
async fn work(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            tokio::time::sleep(Duration::from_secs(10)).await;
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

/// Keeps the socket where the server does not look, and never ends.
#[get("/hide")]
async fn hide(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    upgrade.close_on_shutdown(false).on_upgrade(async move |socket: WebSocket| {
        let (mut sender, mut receiver) = socket.split();
        tokio::spawn(async move {
            let end: Option<Result<Message, WebSocketError>> = receiver.recv().await;
            let sent = sender.send(Message::text("late")).await;
            let _ = log.send(format!("{} {}", end.is_none(), sent.unwrap_err().is_closed()));
        });
    })
}

pub(super) fn routes() -> impl Routes<Site> {
    routes![leave, once, panic, last_word, work, hide]
}

#[tokio::test(start_paused = true)]
async fn by_the_peer() {
    for (sent, told, seen) in [
        (frame(CLOSE, b""), &b""[..], "closed: "),
        (close(1000, ""), b"\x03\xE8", "closed: 1000"),
        (close(1001, "tab closed"), b"\x03\xE9tab closed", "closed: 1001 tab closed"),
        (close(4321, ""), b"\x10\xE1", "closed: 4321"),
    ] {
        let mut served = serve();
        let mut wire = served.open("/echo").await;
        wire.send([frame(TEXT, b"a"), sent, frame(TEXT, b"after the end")].concat()).await;
        assert_eq!(wire.frame().await, text("a"));
        assert_eq!(wire.frame().await, (CLOSE, told.to_vec()));
        assert!(wire.rest().await.is_empty());
        assert_eq!(served.seen().await, seen);
        assert_eq!(served.seen().await, "over");
        served.closed().await;
    }
}

#[tokio::test(start_paused = true)]
async fn with_a_code_that_is_none() {
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        let served = serve();
        let mut wire = served.open("/echo").await;
        wire.send(close(code, "")).await;
        wire.closed_with(1002).await;
    }
}

#[tokio::test(start_paused = true)]
async fn by_the_handler() {
    let mut served = serve();
    let mut wire = served.open("/leave").await;
    assert_eq!(wire.frame().await, (CLOSE, b"\x0F\xA0enough".to_vec()));
    // What was on its way is heard.
    wire.send([frame(TEXT, b"a"), frame(PING, b"unanswered"), close(4000, "fine")].concat()).await;
    assert!(wire.rest().await.is_empty());
    assert_eq!(served.seen().await, r#"Text("a")"#);
    assert!(served.seen().await.contains("4000"));
    assert_eq!(served.seen().await, "None");
    served.closed().await;
}

#[tokio::test(start_paused = true)]
async fn by_the_handler_and_no_answer() {
    let mut served = serve();
    let mut wire = served.open("/leave").await;
    let start = tokio::time::Instant::now();
    wire.send(frame(TEXT, b"a")).await;
    assert_eq!(served.seen().await, r#"Text("a")"#);
    assert_eq!(served.seen().await, r#"Some("the peer was waited for too long")"#);
    assert_eq!(start.elapsed().as_secs(), 10);
    served.closed().await;
    // A peer that goes instead has closed, too.
    let mut wire = served.open("/leave").await;
    wire.close(4000).await;
    drop(wire);
    assert_eq!(served.seen().await, "None");
}

#[tokio::test(start_paused = true)]
async fn when_the_handler_has_ended() {
    let served = serve();
    let mut wire = served.open("/once").await;
    wire.send(frame(TEXT, b"a")).await;
    wire.close(1000).await;
    // Its answer is waited for, whatever comes before.
    wire.send(frame(TEXT, b"b")).await;
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(served.handle.stats().connections_open, 1);
    wire.send(close(1000, "")).await;
    assert!(wire.rest().await.is_empty());
    served.closed().await;
    // But not for ever, also if it goes on talking.
    let mut wire = served.open("/once").await;
    wire.send(frame(TEXT, b"a")).await;
    let start = tokio::time::Instant::now();
    while wire.stream.write_all(&frame(TEXT, b"on and on")).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(start.elapsed().as_secs(), 10);
    served.closed().await;
}

#[tokio::test(start_paused = true)]
async fn when_the_handler_panics() {
    let served = serve();
    let mut wire = served.open("/panic").await;
    wire.send(frame(TEXT, b"a")).await;
    wire.closed_with(1011).await;
    served.closed().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_word() {
    let mut served = serve();
    let mut wire = served.open("/echo").await;
    wire.send(&frame(TEXT, b"half")[..4]).await;
    drop(wire);
    assert_eq!(served.seen().await, "the connection ended without a Close message");
    served.closed().await;
}

/// Who says no more may still listen.
#[tokio::test(start_paused = true)]
async fn by_half() {
    let mut served = serve();
    let mut wire = served.open("/echo").await;
    wire.send(frame(TEXT, b"a")).await;
    wire.stream.shutdown().await.unwrap();
    assert_eq!(wire.frame().await, text("a"));
    assert!(wire.rest().await.is_empty());
    assert_eq!(served.seen().await, "the connection ended without a Close message");
}

#[tokio::test(start_paused = true)]
async fn with_the_server() {
    let mut served = serve();
    let mut idle = served.open("/echo").await;
    let mut polite = served.open("/last-word").await;
    let mut busy = served.open("/work").await;
    busy.send(frame(TEXT, b"work")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let ended = served.handle.shutdown(Duration::from_secs(60));
    // Who waits is closed, and its answer waited for.
    idle.asked_to_close(1001).await;
    assert_eq!((served.seen().await, served.seen().await), ("closed: 1001".to_owned(), "over".to_owned()));
    // Who wants a last word has it.
    assert_eq!(polite.frame().await, text("back soon"));
    polite.asked_to_close(1012).await;
    // Who is at work finishes.
    assert_eq!(busy.frame().await, text("work"));
    busy.close(1001).await;
    busy.send(close(1001, "")).await;
    assert!(busy.rest().await.is_empty());
    let drained = ended.await;
    assert_eq!((drained.connections, drained.requests), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn with_the_servers_deadline() {
    let mut served = serve();
    let mut hidden = served.open("/hide").await;
    let mut deaf = served.open("/echo").await;
    let drained = served.handle.shutdown(Duration::from_secs(5)).await;
    assert_eq!((drained.connections, drained.requests), (2, 2));
    // Cut, and told so while there is room; whoever has the socket is told, too.
    hidden.closed_with(1001).await;
    assert_eq!(served.seen().await, "true true");
    deaf.closed_with(1001).await;
}
