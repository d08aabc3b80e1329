//! Any `Forwarded` or `X-Forwarded-For` of a client, and what its trusted proxies append: the client is who they say.
//!
//! The first byte chooses how the proxies write; a line feed begins another line of the field.
#![cfg_attr(feature = "libfuzzer", no_main)]

mod common;

use std::sync::LazyLock;

use futures_util::FutureExt as _;
use waypost::http::{HeaderValue, Request};
use waypost::test::Client;
use waypost::{
    App, Body, ClientAddr, ForwardedHeaders, Peer, Respond, TargetOrigin, TrustedProxies, get, routes,
};

use common::target;

target!(run);

#[get("/")]
async fn told(client: ClientAddr, origin: TargetOrigin<'_>) -> String {
    format!("{} {origin}", client.0)
}

/// How the proxies write: the field, what the outer and the inner one append, and what is told by it.
const STYLES: [(ForwardedHeaders, &str, &str, &str, &str); 5] = [
    (
        ForwardedHeaders::XForwarded,
        "x-forwarded-for",
        "192.0.2.7",
        "10.0.0.2",
        "192.0.2.7:0 http://localhost",
    ),
    (
        ForwardedHeaders::XForwarded,
        "x-forwarded-for",
        "[2001:db8::7]:80",
        "::ffff:10.0.0.2",
        "[2001:db8::7]:80 http://localhost",
    ),
    (
        ForwardedHeaders::Rfc7239,
        "forwarded",
        "for=192.0.2.7;proto=https;host=a",
        "for=10.0.0.2;host=b",
        "192.0.2.7:0 https://a",
    ),
    (
        ForwardedHeaders::Rfc7239,
        "forwarded",
        "by=\"a,b\\\"c\\\\\";for=\"[2001:db8::7]:80\";proto=https",
        "host=\"b:1\" ; for=\"10.0.0.2:_x\"",
        "[2001:db8::7]:80 https://b:1",
    ),
    (ForwardedHeaders::Rfc7239, "forwarded", "for=_hidden;host=a", "for=10.0.0.2", "10.0.0.2:0 http://a"),
];

static PROXIES: LazyLock<TrustedProxies> = LazyLock::new(|| match TrustedProxies::new(["10.0.0.0/8"]) {
    Ok(proxies) => proxies,
    Err(error) => panic!("{error}"),
});

fn run(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    let (headers, name, outer, inner, expected) = STYLES[usize::from(choice & 0x7f) % STYLES.len()];
    let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    // Each of the proxies may append to the last line or begin one.
    for element in [outer, inner] {
        match lines.last_mut() {
            Some(line) if *choice < 0x80 => line.extend_from_slice(format!(", {element}").as_bytes()),
            _ => lines.push(element.as_bytes().to_vec()),
        }
    }
    let mut request = Request::new(Body::empty());
    request.headers_mut().insert("host", HeaderValue::from_static("localhost"));
    for line in lines {
        let Ok(line) = HeaderValue::from_bytes(&line) else { return };
        request.headers_mut().append(name, line);
    }
    let peer = Peer::new(Some(([10, 0, 0, 1], 80).into()));
    let stranger = Peer::new(Some(([192, 0, 2, 1], 80).into()));
    assert_eq!(ask(peer.with_forwarded(headers, &PROXIES), request.headers()), expected);
    assert_eq!(
        ask(stranger.with_forwarded(headers, &PROXIES), request.headers()),
        "192.0.2.1:80 http://localhost"
    );
    // Nothing appended: whatever is found, it is found.
    let peer = Peer::new(Some(([10, 0, 0, 1], 80).into())).with_forwarded(headers, &PROXIES);
    if let Ok(alone) = HeaderValue::from_bytes(text) {
        request.headers_mut().insert(name, alone);
        ask(peer, request.headers());
    }
}

fn ask(peer: Peer, fields: &waypost::http::HeaderMap) -> String {
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = fields.clone();
    let client = client(peer);
    let answer = async { client.send(request).await.text().await };
    let Some(text) = answer.now_or_never() else { panic!("the answer waits") };
    text
}

fn client(peer: Peer) -> Client<impl Respond> {
    Client::new(App::new(routes![told])).with_peer(peer)
}
