//! CONNECT: refused, unless there is a route for it, and then a tunnel only where a handler says so.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use waypost::config::Config;
use waypost::http::header::{CONTENT_LENGTH, PROXY_AUTHENTICATE, TRANSFER_ENCODING};
use waypost::http::{HeaderValue, StatusCode};
use waypost::{App, Error, Handle, Head, Respond, Response, Routes, Shutdown, Upgrade, get, route, routes};

use crate::raw::{Channel, Reply, Wire};
use crate::support::soon;

mod http1;
mod http2;
mod unrouted;

/// What comes of it depends on the host that is asked for.
#[route(CONNECT, "/")]
async fn tunnel(head: &Head, upgrade: Upgrade, shutdown: Shutdown) -> waypost::Result<Response> {
    assert_eq!(upgrade.protocols().count(), 0);
    let target = head.uri().authority().unwrap();
    Ok(match target.host() {
        "secret" => {
            let mut response = Response::new("who are you?".into());
            *response.status_mut() = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
            response.headers_mut().insert(PROXY_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"a\""));
            response
        }
        "see" => {
            let host = head.headers().get("host").map(|host| host.to_str().unwrap());
            let parts =
                (head.uri().to_string(), head.original_uri().to_string(), head.path(), head.host(), host);
            return Err(Error::new(StatusCode::FORBIDDEN).detail(format!("{parts:?}")));
        }
        "tome" => {
            let mut response = Response::new(vec![b'x'; 1 << 20].into());
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
        "unpromised" => Response::new("yes".into()),
        "empty" => Response::new(waypost::Body::empty()),
        "switch" => {
            let mut response = Response::new("".into());
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            response
        }
        "long" => {
            let mut response = upgrade.accept("", echo);
            *response.body_mut() = "content".into();
            response.headers_mut().insert(CONTENT_LENGTH, 7.into());
            response.headers_mut().insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            response
        }
        "created" => {
            let mut response = upgrade.accept("", echo);
            *response.status_mut() = StatusCode::CREATED;
            response
        }
        // What was promised is not kept where the answer is another.
        "taken-back" => {
            let mut response = upgrade.accept("", echo);
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }
        "late" => {
            tokio::time::sleep(Duration::from_secs(1)).await;
            upgrade.accept("", echo)
        }
        "slow" => std::future::pending().await,
        "stay" => upgrade.accept("", async |_stream| std::future::pending().await),
        "wait" => upgrade.accept("", async move |mut stream| {
            shutdown.requested().await;
            stream.write_all(b"the end").await.unwrap();
        }),
        _ => upgrade.accept("no field says so", echo),
    })
}

async fn echo(stream: waypost::Upgraded) {
    let (mut read, mut write) = tokio::io::split(stream);
    tokio::io::copy(&mut read, &mut write).await.unwrap();
    write.write_all(b"bye").await.unwrap();
    write.shutdown().await.unwrap();
}

#[get("/")]
fn index() -> &'static str {
    "index"
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![tunnel, index])
}

/// A connection to the app, and its server.
fn serve(app: impl Respond) -> (Wire, Handle) {
    let (channel, handle) = Channel::serve(app);
    (channel.connect(1 << 16), handle)
}

const NEXT: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Asks in HTTP/1.1, with a good request right behind; and what comes back besides the answer until the end, or for a
/// moment.
async fn ask(app: impl Respond, head: &str) -> (Reply, Vec<u8>, u64) {
    let (mut wire, handle) = serve(app);
    wire.send(format!("{head}\r\n\r\n{NEXT}")).await;
    let reply = soon(wire.reply()).await;
    let rest = wire.pending().await;
    (reply, rest, handle.stats().requests())
}

/// Asks for what is refused: the status. Nothing else is answered, nor read as a request, and the connection is to close.
async fn refusal(app: impl Respond, head: &str) -> u16 {
    let (reply, rest, requests) = ask(app, head).await;
    // hyper adds `keep-alive` for a client of HTTP/1.0 that asks for it.
    assert!(reply.header("connection").unwrap().starts_with("close"), "{head}: {}", reply.head);
    // Not even one, where hyper could not read it.
    assert!(rest.is_empty() && requests <= 1, "{head}: {requests} {}", rest.escape_ascii());
    reply.status
}

fn head_of(target: &str) -> String {
    format!("CONNECT {target} HTTP/1.1\r\nHost: {target}")
}

/// With deadlines of one's own.
fn serve_with(change: impl FnOnce(&mut Config)) -> Handle {
    let mut config = Config::default();
    change(&mut config);
    waypost::Server::builder().config(config).tcp("127.0.0.1:0").bind().unwrap().spawn(app()).unwrap()
}
