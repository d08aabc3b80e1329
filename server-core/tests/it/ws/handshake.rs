//! Who is given a WebSocket.

use waypost::{Error, post};

use super::*;

#[get("/chat")]
pub(super) async fn chat(upgrade: WebSocketUpgrade) -> Response {
    let offered = upgrade.offered().collect::<Vec<_>>().join("+");
    let upgrade = upgrade.protocols(["chat.v2", "chat"]);
    let selected = upgrade.selected().map(str::to_owned);
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        assert_eq!(socket.protocol(), selected.as_deref());
        let _ = socket.send(Message::text(offered)).await;
    })
}

#[get("/perhaps")]
async fn perhaps(upgrade: Option<WebSocketUpgrade>) -> &'static str {
    if upgrade.is_some() { "could" } else { "could not" }
}

#[get("/whatever")]
async fn whatever(upgrade: Result<WebSocketUpgrade, Error>) -> String {
    upgrade.map_or_else(|error| error.status().to_string(), |upgrade| format!("{:?}", upgrade.origin()))
}

#[get("/ours")]
async fn ours(upgrade: WebSocketUpgrade) -> waypost::Result<Response> {
    Ok(upgrade.same_origin()?.on_upgrade(async |_socket: WebSocket| ()))
}

#[post("/posted")]
async fn posted(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |_socket: WebSocket| ())
}

fn wire() -> Wire {
    let (channel, _handle) = Channel::serve(App::new(routes![chat, perhaps, whatever, ours, posted]));
    channel.connect(1 << 16)
}

#[tokio::test(start_paused = true)]
async fn is_agreed_on() {
    let mut wire = wire();
    wire.send(format!("GET /chat HTTP/1.1\r\n{FIELDS}\r\n")).await;
    let reply = wire.reply_to_head().await;
    assert_eq!(reply.status, 101);
    assert_eq!(reply.header("upgrade").as_deref(), Some("websocket"));
    assert_eq!(reply.header("connection").as_deref(), Some("upgrade"));
    assert_eq!(reply.header("sec-websocket-accept").as_deref(), Some(ACCEPT));
    assert_eq!(reply.header("sec-websocket-protocol"), None);
    assert_eq!(reply.header("sec-websocket-extensions"), None);
    assert_eq!(reply.header("content-length"), None);
}

#[tokio::test(start_paused = true)]
async fn with_the_servers_favourite_of_what_is_offered() {
    for (fields, selected, offered) in [
        ("Sec-WebSocket-Protocol: chat, chat.v2\r\n", Some("chat.v2"), "chat+chat.v2"),
        ("Sec-WebSocket-Protocol: other ,chat\r\n", Some("chat"), "other+chat"),
        ("Sec-WebSocket-Protocol: other\r\nSec-WebSocket-Protocol: chat\r\n", Some("chat"), "other+chat"),
        ("Sec-WebSocket-Protocol: CHAT, , chat.v\r\n", None, "CHAT+chat.v"),
    ] {
        let mut wire = wire();
        wire.send(format!("GET /chat HTTP/1.1\r\n{FIELDS}{fields}\r\n")).await;
        let reply = wire.reply_to_head().await;
        assert_eq!(reply.status, 101);
        assert_eq!(reply.header("sec-websocket-protocol").as_deref(), selected, "{fields}");
        assert_eq!(wire.frame().await, text(offered));
    }
}

#[tokio::test(start_paused = true)]
async fn not_for_those_who_do_not_ask_for_it() {
    let mut wire = wire();
    for fields in [
        String::new(),
        FIELDS.replace("websocket\r\n", "h2c\r\n"),
        FIELDS.replace("Upgrade: websocket\r\n", ""),
        FIELDS.replace("keep-alive, Upgrade", "keep-alive"),
    ] {
        let fields = if fields.is_empty() { "Host: a\r\n" } else { &fields };
        wire.send(format!("GET /chat HTTP/1.1\r\n{fields}\r\n")).await;
        let reply = wire.reply().await;
        assert_eq!(reply.status, 426, "{fields}");
        assert_eq!(reply.header("upgrade").as_deref(), Some("websocket"));
        assert_eq!(reply.header("connection").as_deref(), Some("upgrade"));
        assert_eq!(reply.header("sec-websocket-version").as_deref(), Some("13"));
        wire.send(format!("GET /perhaps HTTP/1.1\r\n{fields}\r\n")).await;
        assert_eq!(wire.reply().await.text(), "could not");
        wire.send(format!("GET /whatever HTTP/1.1\r\n{fields}\r\n")).await;
        assert_eq!(wire.reply().await.text(), "426 Upgrade Required");
    }
}

#[tokio::test(start_paused = true)]
async fn not_for_those_who_ask_in_the_wrong_way() {
    for (fields, status) in [
        (FIELDS.replace("Version: 13", "Version: 8"), 426),
        (FIELDS.replace("Version: 13", "Version: 13, 8"), 426),
        (FIELDS.replace("Sec-WebSocket-Version: 13\r\n", ""), 426),
        (
            FIELDS.replace(
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8",
            ),
            400,
        ),
        (FIELDS.replace(&format!("Sec-WebSocket-Key: {KEY}\r\n"), ""), 400),
        (FIELDS.replace(KEY, "short"), 400),
        (FIELDS.replace(KEY, &format!("{KEY}\r\nSec-WebSocket-Key: {KEY}")), 400),
    ] {
        let mut wire = wire();
        wire.send(format!("GET /chat HTTP/1.1\r\n{fields}\r\n")).await;
        let reply = wire.reply().await;
        assert_eq!(reply.status, status, "{fields}");
        let version = (status == 426).then_some("13");
        assert_eq!(reply.header("sec-websocket-version").as_deref(), version);
        // It is a wish, and a bad one.
        wire.send(format!("GET /perhaps HTTP/1.1\r\n{fields}\r\n")).await;
        assert_eq!(wire.reply().await.status, status, "{fields}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_with_get() {
    for (method, path) in [("POST", "/posted"), ("HEAD", "/chat")] {
        let mut wire = wire();
        wire.send(format!("{method} {path} HTTP/1.1\r\n{FIELDS}\r\n")).await;
        let reply = wire.reply_to_head().await;
        assert_eq!((reply.status, reply.header("allow").as_deref()), (405, Some("GET")));
    }
}

#[tokio::test(start_paused = true)]
async fn pages_of_other_hosts_can_be_refused() {
    for (origin, status) in [
        ("", 101),
        ("Origin: http://a\r\n", 101),
        ("Origin: https://A\r\n", 101),
        ("Origin: https://a:443\r\n", 101),
        ("Origin: https://a:8443\r\n", 403),
        ("Origin: https://b\r\n", 403),
        ("Origin: https://a.b\r\n", 403),
        ("Origin: null\r\n", 403),
        ("Origin: \r\n", 403),
        ("Origin: http://a\r\nOrigin: http://a\r\n", 400),
    ] {
        let mut wire = wire();
        wire.send(format!("GET /ours HTTP/1.1\r\n{FIELDS}{origin}\r\n")).await;
        assert_eq!(wire.reply_to_head().await.status, status, "{origin}");
    }
    let mut wire = wire();
    wire.send(format!("GET /whatever HTTP/1.1\r\n{FIELDS}Origin: https://b\r\n\r\n")).await;
    assert_eq!(wire.reply().await.text(), r#"Some("https://b")"#);
}

#[tokio::test]
async fn not_in_process() {
    let client = waypost::test::Client::new(App::new(routes![chat]));
    let reply =
        client.get("/chat").header("connection", "upgrade").header("upgrade", "websocket").send().await;
    assert_eq!(reply.status(), 501);
}
