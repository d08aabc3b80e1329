//! Sets of routes that are bound to a host.

use waypost::test::Client;
use waypost::{App, Routes, get, routes};

use crate::support::seen;

#[get("/")]
fn index() -> &'static str {
    "anyone"
}

#[get("/about")]
fn about() -> &'static str {
    "about anyone"
}

#[get("/")]
fn api_index() -> &'static str {
    "api"
}

#[get("/only/{id}")]
fn api_only(id: u32) -> String {
    format!("api {id}")
}

#[get("/")]
fn tenant_index() -> &'static str {
    "tenant"
}

#[get("/v1/ping")]
fn tenant_ping() -> &'static str {
    "pong"
}

#[get("/version")]
fn version() -> &'static str {
    "1"
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![
        index,
        about,
        "//api.example.com" => [api_index, api_only],
        "//*.example.com" => [tenant_index, tenant_ping],
        "//api.example.org/v2" => [version],
    ])
}

async fn at(host: &str, path: &str) -> (u16, String) {
    seen(Client::new(app()).get(path).header("host", host).send().await).await
}

fn ok(text: &str) -> (u16, String) {
    (200, text.to_owned())
}

#[tokio::test]
async fn an_exact_host() {
    assert_eq!(at("api.example.com", "/").await, ok("api"));
    assert_eq!(at("api.example.com", "/only/7").await, ok("api 7"));
    assert_eq!(at("example.com", "/only/7").await.0, 404);
    assert_eq!(at("www.example.com", "/only/7").await.0, 404);
    assert_eq!(at("api.example.com.evil.org", "/only/7").await.0, 404);
    assert_eq!(at("xapi.example.com", "/").await, ok("tenant"));
}

#[tokio::test]
async fn all_hosts_beneath_one() {
    assert_eq!(at("www.example.com", "/").await, ok("tenant"));
    assert_eq!(at("a.b.example.com", "/").await, ok("tenant"));
    assert_eq!(at("www.example.com", "/v1/ping").await, ok("pong"));
    assert_eq!(at("example.com", "/").await, ok("anyone"));
    assert_eq!(at("notexample.com", "/").await, ok("anyone"));
    assert_eq!(at(".example.com", "/v1/ping").await.0, 404);
}

#[tokio::test]
async fn a_host_with_a_prefix() {
    assert_eq!(at("api.example.org", "/v2/version").await, ok("1"));
    assert_eq!(at("api.example.org", "/version").await.0, 404);
    assert_eq!(at("api.example.com", "/v2/version").await.0, 404);
}

#[tokio::test]
async fn the_port_does_not_matter() {
    assert_eq!(at("api.example.com:8080", "/").await, ok("api"));
    assert_eq!(at("www.example.com:1", "/").await, ok("tenant"));
    assert_eq!(at("[::1]:8080", "/").await, ok("anyone"));
}

#[tokio::test]
async fn nor_does_the_case() {
    assert_eq!(at("API.Example.COM", "/").await, ok("api"));
    assert_eq!(at("WWW.EXAMPLE.com:80", "/").await, ok("tenant"));
}

#[tokio::test]
async fn other_hosts_have_the_routes_that_are_bound_to_none() {
    assert_eq!(at("localhost", "/").await, ok("anyone"));
    assert_eq!(at("localhost", "/about").await, ok("about anyone"));
    assert_eq!(at("api.example.com", "/about").await, ok("about anyone"));
}

#[tokio::test]
async fn the_targets_own_authority_comes_first() {
    let client = Client::new(app());
    let reply = client.get("http://api.example.com/").header("host", "localhost").send().await;
    assert_eq!(reply.text().await, "api");
    let reply = client.get("http://localhost/").header("host", "api.example.com").send().await;
    assert_eq!(reply.text().await, "anyone");
}

#[tokio::test]
async fn the_list_of_routes_tells_the_host() {
    let app = app();
    let hosts: Vec<_> = app.routes().iter().map(|route| (route.host(), route.path())).collect();
    assert_eq!(
        hosts,
        [
            (None, "/"),
            (None, "/about"),
            (Some("api.example.com"), "/"),
            (Some("api.example.com"), "/only/{id}"),
            (Some("*.example.com"), "/"),
            (Some("*.example.com"), "/v1/ping"),
            (Some("api.example.org"), "/v2/version"),
        ]
    );
}
