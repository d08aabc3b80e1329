//! Where no route takes it.

use waypost::http::Method;
use waypost::test::Client;
use waypost::{DynamicRoutes, fallback};

use super::*;

#[route(ANY, "/")]
fn any() -> &'static str {
    "any"
}

#[route(CONNECT, "/elsewhere")]
fn elsewhere(upgrade: Upgrade) -> Response {
    upgrade.accept("", echo)
}

#[route(ANY, "/{*rest}")]
fn all(rest: &str) -> String {
    rest.to_owned()
}

#[fallback]
fn other() -> &'static str {
    "other"
}

/// Not even an application that says yes to everything is asked.
#[tokio::test(start_paused = true)]
async fn it_is_refused() {
    let app = || App::new(routes![any, elsewhere, all, _ => other]);
    assert!(!app().takes_connect());
    for head in [
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443",
        "CONNECT a:443 HTTP/1.0",
        "CONNECT a HTTP/1.1\r\nHost: a",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 3",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nTransfer-Encoding: chunked",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nConnection: upgrade\r\nUpgrade: a",
    ] {
        assert_eq!(refusal(app(), head).await, 501, "{head}");
    }
    for target in ["/elsewhere", "/", "http://a/elsewhere"] {
        assert_eq!(refusal(app(), &format!("CONNECT {target} HTTP/1.1\r\nHost: a")).await, 400, "{target}");
    }
}

/// Where the method is routed, it is at the root alone.
#[tokio::test(start_paused = true)]
async fn other_paths_are_never_reached() {
    let app = || App::new(routes!["/p" => [tunnel], elsewhere, any]);
    assert!(!app().takes_connect());
    assert_eq!(refusal(app(), &head_of("a:1")).await, 501);
    let mut dynamic = DynamicRoutes::<()>::new();
    dynamic.add(Method::CONNECT, "/", |_| async { StatusCode::FORBIDDEN }).unwrap();
    let app = App::try_new(routes![index, ..dynamic]).unwrap();
    assert!(app.takes_connect());
    assert_eq!(refusal(app, &head_of("a:1")).await, 403);
}

/// In process there is nothing to be a tunnel.
#[tokio::test]
async fn in_process() {
    let reply = Client::new(app()).request(Method::CONNECT, "/").send().await;
    assert_eq!(reply.status(), 501);
}
