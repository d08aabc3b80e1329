//! The test client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use serde_json::json;
use waypost::http::{HeaderMap, Method, Request, Version};
use waypost::test::Client;
use waypost::{App, Body, Head, Response, Routes, get, post, route, routes};

use crate::support::{says, seen};

#[route(ANY, "/mirror")]
async fn mirror(head: &Head, body: String) -> String {
    let kind = head.headers().get("content-type").map_or("-", |value| value.to_str().unwrap());
    format!("{} {} {kind} {body}", head.method(), head.uri())
}

#[get("/fields")]
async fn fields(headers: &HeaderMap) -> String {
    let mut all: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap())).collect();
    all.sort_unstable();
    all.join(" ")
}

#[get("/set/{name}/{value}")]
async fn set(name: &str, value: &str) -> Response {
    let cookie = format!("{name}={value}; Path=/; HttpOnly");
    Response::builder().header("set-cookie", cookie).body(Body::empty()).unwrap()
}

#[get("/area/set")]
async fn set_here() -> Response {
    let response = Response::builder().header("set-cookie", "area=1").header("set-cookie", "all=2; path=/");
    response.body(Body::empty()).unwrap()
}

#[get("/forget/{name}")]
async fn forget(name: &str) -> Response {
    let cookie = format!("{name}=; Max-Age=0; Path=/");
    Response::builder().header("set-cookie", cookie).body(Body::empty()).unwrap()
}

#[route(GET | POST, "/area/cookies")]
async fn cookies(#[header("cookie")] cookies: Option<&str>) -> String {
    cookies.unwrap_or("none").to_owned()
}

#[post("/upper")]
async fn upper(body: Body) -> Body {
    Body::from_stream(futures_util::stream::unfold(body, |mut body| async move {
        let chunk = body.chunk().await.transpose()?;
        Some((chunk.map(|chunk| chunk.to_ascii_uppercase()), body))
    }))
}

fn client() -> Client<App<impl Routes<()>>> {
    Client::new(App::new(routes![mirror, fields, set, set_here, forget, cookies, upper]))
}

#[tokio::test]
async fn has_every_method() {
    let client = client();
    for (request, method) in [
        (client.get("/mirror"), "GET"),
        (client.post("/mirror"), "POST"),
        (client.put("/mirror"), "PUT"),
        (client.patch("/mirror"), "PATCH"),
        (client.delete("/mirror"), "DELETE"),
        (client.options("/mirror"), "OPTIONS"),
        (client.request(Method::from_bytes(b"BREW").unwrap(), "/mirror"), "BREW"),
    ] {
        assert_eq!(seen(request.send().await).await, says(200, &format!("{method} /mirror - ")));
    }
    assert_eq!(seen(client.head("/mirror").send().await).await, says(200, ""));
}

#[tokio::test]
async fn sends_bodies_of_every_kind() {
    let client = client();
    let text = client.post("/mirror").body("text").send().await.text().await;
    assert_eq!(text, "POST /mirror - text");
    let text = client.post("/mirror").json(&json!({ "a": [1] })).send().await.text().await;
    assert_eq!(text, "POST /mirror application/json {\"a\":[1]}");
    let text = client.post("/mirror").form([("a b", "c&d"), ("e", "ü")]).send().await.text().await;
    assert_eq!(text, "POST /mirror application/x-www-form-urlencoded a%20b=c%26d&e=%C3%BC");
    let own = client.post("/mirror").header("content-type", "application/x+json").json(&1);
    assert_eq!(own.send().await.text().await, "POST /mirror application/x+json 1");
}

#[tokio::test]
async fn builds_queries() {
    let text = client().get("/mirror?x").query([("a", "1&2"), ("ü", "")]).send().await.text().await;
    assert_eq!(text, "GET /mirror?x&a=1%262&%C3%BC= - ");
    let none: [(&str, &str); 0] = [];
    assert_eq!(client().get("/mirror").query(none).send().await.text().await, "GET /mirror - ");
}

#[tokio::test]
async fn sends_header_fields() {
    assert_eq!(client().get("/fields").send().await.text().await, "host=localhost");
    let client = client().with_header("x-always", "1").with_header("x-once", "2");
    let request = client.get("/fields").header("x-once", "3").header("x-twice", "4").header("x-twice", "5");
    let expected = "host=localhost x-always=1 x-once=3 x-twice=4 x-twice=5";
    assert_eq!(request.send().await.text().await, expected);
    assert_eq!(
        client.get("/fields").header("host", "a").send().await.text().await,
        "host=a x-always=1 x-once=2"
    );
    let client = client.with_header("host", "b");
    assert_eq!(client.get("/fields").send().await.text().await, "host=b x-always=1 x-once=2");
    assert_eq!(
        client.get("/fields").header("host", "a").send().await.text().await,
        "host=a x-always=1 x-once=2"
    );
}

#[tokio::test]
async fn the_host_is_that_of_the_target() {
    let target = "http://you@example.com:8080/fields";
    assert_eq!(client().get(target).send().await.text().await, "host=example.com:8080");
    assert_eq!(client().get(target).header("host", "a").send().await.text().await, "host=a");
}

#[tokio::test]
async fn sends_a_request_that_is_already_made() {
    let request = Request::builder().method("PUT").uri("/mirror?made").version(Version::HTTP_2);
    let reply = client().send(request.body(Body::from("x")).unwrap()).await;
    assert_eq!(reply.text().await, "PUT /mirror?made - x");
}

#[tokio::test]
async fn keeps_cookies_if_asked() {
    let forgetful = client();
    forgetful.get("/set/a/1").send().await;
    assert_eq!(forgetful.get("/area/cookies").send().await.text().await, "none");

    let client = client().with_cookies();
    assert_eq!(client.get("/area/cookies").send().await.text().await, "none");
    client.get("/set/a/1").send().await;
    assert_eq!(client.get("/area/cookies").send().await.text().await, "a=1");
    client.get("/set/a/2").send().await;
    client.get("/area/set").send().await;
    assert_eq!(client.post("/area/cookies").send().await.text().await, "area=1; a=2; all=2");
    assert_eq!(client.get("/fields").send().await.text().await, "cookie=a=2; all=2 host=localhost");
    client.get("/forget/a").send().await;
    assert_eq!(client.get("/area/cookies").send().await.text().await, "area=1; all=2");
    let own = client.get("/area/cookies").header("cookie", "own=1").send().await;
    assert_eq!(own.text().await, "own=1");
}

/// The app reads a piece, the client gets its answer, and only then the next piece is made.
#[tokio::test]
async fn streams_both_ways() {
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let pieces = futures_util::stream::unfold(0, move |number| {
        count.store(number + 1, SeqCst);
        async move { (number < 3).then(|| (Ok::<_, std::io::Error>(format!("piece {number}")), number + 1)) }
    });
    let mut reply = client().post("/upper").body(Body::from_stream(pieces)).send().await;
    for number in 0..3 {
        assert_eq!(reply.chunk().await.unwrap().unwrap(), format!("PIECE {number}"));
        assert_eq!(made.load(SeqCst), number + 1);
    }
    assert_eq!(reply.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn shows_replies() {
    let reply = client().get("/set/a/1").send().await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.header("Set-Cookie"), Some("a=1; Path=/; HttpOnly"));
    assert_eq!(reply.headers().len(), 1);
    let response = client().get("/mirror").send().await.into_response();
    assert_eq!(response.into_body().bytes().await.unwrap(), "GET /mirror - ");
}

#[tokio::test]
#[should_panic(expected = "not a request target")]
async fn says_what_is_no_target() {
    client().get("/a b").send().await;
}
