//! JSON in and out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use waypost::test::Client;
use waypost::{App, Body, Json, Routes, post, routes};

use crate::support::{at, fault, post as send, problem, says, seen};

#[derive(Deserialize, Serialize, Debug, PartialEq)]
struct Order<'a> {
    name: &'a str,
    #[serde(borrow, default)]
    note: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    items: Vec<Item<'a>>,
}

#[derive(Deserialize, Serialize, Debug, PartialEq)]
struct Item<'a> {
    sku: &'a str,
    count: u8,
}

#[post("/order")]
async fn order(Json(order): Json<Order<'_>>) -> Json<Order<'_>> {
    Json(order)
}

#[post("/value")]
async fn value(Json(value): Json<Value>) -> Json<Value> {
    Json(value)
}

#[post("/map")]
async fn map(Json(map): Json<BTreeMap<&str, Vec<&str>>>) -> String {
    format!("{map:?}")
}

#[derive(Deserialize, Debug)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(dead_code, reason = "shown")]
enum Tagged<'a> {
    Text { text: &'a str },
    Pair(#[serde(borrow)] Pair<'a>),
}

#[derive(Deserialize, Debug)]
#[expect(dead_code, reason = "shown")]
struct Pair<'a> {
    left: &'a str,
    right: &'a str,
}

#[post("/tagged")]
async fn tagged(Json(tagged): Json<Tagged<'_>>) -> String {
    format!("{tagged:?}")
}

#[post("/number")]
async fn number(Json(number): Json<u8>) -> String {
    number.to_string()
}

#[post("/maybe")]
async fn maybe(body: Option<Json<u8>>) -> String {
    format!("{body:?}")
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![order, value, map, tagged, number, maybe])
}

const JSON: &str = "application/json";

#[tokio::test]
async fn there_and_back() {
    let document = json!({ "name": "a", "note": "b", "items": [{ "sku": "x", "count": 255 }] });
    let reply = Client::new(app()).post("/order").json(&document).send().await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.header("content-type"), Some(JSON));
    assert_eq!(reply.json::<Value>().await, document);
}

#[tokio::test]
async fn an_escape_never_makes_a_borrowed_string_fail() {
    let body =
        r#"{"name":"a\"\\\/\b\f\n\r\té\ud83d\ude00","note":"\u0000","items":[{"sku":"\t","count":1}]}"#;
    let reply = send(app(), "/order", JSON, body).await;
    let back = reply.json::<Value>().await;
    let items = json!([{ "sku": "\t", "count": 1 }]);
    assert_eq!(back, json!({ "name": "a\"\\/\u{8}\u{c}\n\r\té😀", "note": "\0", "items": items }));

    let reply = send(app(), "/map", JSON, r#"{"k\u0065y":["\n","plain"],"b":[]}"#).await;
    assert_eq!(seen(reply).await, says(200, r#"{"b": [], "key": ["\n", "plain"]}"#));
}

#[tokio::test]
async fn nor_does_it_where_serde_buffers() {
    let reply = send(app(), "/tagged", JSON, r#"{"text":"a\"b","k\u0069nd":"te\u0078t"}"#).await;
    assert_eq!(seen(reply).await, says(200, r#"Text { text: "a\"b" }"#));
    let reply = send(app(), "/tagged", JSON, r#"{"left":"\n","right":"","kind":"pair"}"#).await;
    assert_eq!(seen(reply).await, says(200, r#"Pair(Pair { left: "\n", right: "" })"#));
}

#[tokio::test]
async fn names_the_value_at_fault() {
    for (body, pointer) in [
        (r#"{"name":1}"#, "/name"),
        (r#"{"name":"\n","note":1}"#, "/note"),
        (r#"{"name":"","items":[{"sku":"","count":1},{"sku":"","count":256}]}"#, "/items/1/count"),
        (r#"{"name":"","items":[{"sku":"","count":-1}]}"#, "/items/0/count"),
        (r#"{"name":"","items":[{"sku":"\u00e9","count":"1"}]}"#, "/items/0/count"),
        (r#"{"name":"","items":[null]}"#, "/items/0"),
        (r#"{"name":"","items":{}}"#, "/items"),
    ] {
        assert_eq!(fault(send(app(), "/order", JSON, body).await, 422).await, at("body", pointer), "{body}");
    }
    let reply = send(app(), "/map", JSON, r#"{"a/b~c":[1]}"#).await;
    assert_eq!(fault(reply, 422).await, at("body", "/a~1b~0c/0"));
}

#[tokio::test]
async fn tells_what_is_missing_or_given_twice() {
    for (body, word) in [
        ("{}", "name"),
        (r#"{"name":"","items":[{"count":1}]}"#, "sku"),
        (r#"{"name":"","name":""}"#, "name"),
    ] {
        let problem = problem(send(app(), "/order", JSON, body).await, 422).await;
        assert!(problem["errors"][0].to_string().contains(word), "{problem}");
    }
}

#[tokio::test]
async fn what_is_no_json_is_a_400() {
    for body in [
        "",
        " ",
        "{",
        "nul",
        "{\"name\":\"a\"} x",
        "{\"name\":\"a\",}",
        "{'name':'a'}",
        "{\"name\":\"\\x\"}",
        "{\"name\":\"\n\"}",
        "{\"name\":\"a\" \"note\":1}",
        "[01]",
        "NaN",
        "\u{feff}{}",
    ] {
        problem(send(app(), "/order", JSON, body).await, 400).await;
        problem(send(app(), "/value", JSON, body).await, 400).await;
    }
    for raw in [&b"{\"name\":\"\xff\"}"[..], b"\"\xed\xa0\x80\"", b"{\"name\":\"\\n\xc3\"}"] {
        let reply = Client::new(app()).post("/order").header("content-type", JSON).body(raw).send().await;
        problem(reply, 400).await;
    }
}

/// Half of a surrogate pair is within the grammar (RFC 8259 section 8.2), and still no text.
#[tokio::test]
async fn half_a_surrogate_pair_is_no_text() {
    for body in [r#"{"name":"\ud800"}"#, r#"{"name":"\udc00x"}"#, r#"{"name":"\ud800\u0041"}"#] {
        assert_eq!(fault(send(app(), "/order", JSON, body).await, 422).await, at("body", "/name"), "{body}");
    }
    problem(send(app(), "/value", JSON, r#""\ud800""#).await, 422).await;
}

#[tokio::test]
async fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(send(app(), "/value", JSON, &nested(127)).await.status(), 200);
    for depth in [129, 100_000] {
        problem(send(app(), "/value", JSON, &nested(depth)).await, 422).await;
        let ignored = format!("{{\"name\":\"\\n\",\"other\":{}}}", nested(depth));
        assert_eq!(send(app(), "/order", JSON, &ignored).await.status(), 200);
        let items = format!("{{\"name\":\"\\n\",\"items\":{}}}", nested(depth));
        problem(send(app(), "/order", JSON, &items).await, 422).await;
    }
    problem(send(app(), "/value", JSON, &"[".repeat(1_000_000)).await, 400).await;
    problem(send(app(), "/value", JSON, &"{\"a\":".repeat(100_000)).await, 400).await;
}

#[tokio::test]
async fn the_media_type_must_be_json() {
    for kind in [
        JSON,
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "APPLICATION/JSON",
        "application/problem+json",
        "application/vnd.api+JSON; version=1",
    ] {
        assert_eq!(send(app(), "/number", kind, "7").await.status(), 200, "{kind}");
    }
    for kind in [
        "text/plain",
        "text/json",
        "application/jsonp",
        "application/xml+jsonx",
        "application/+json",
        "application/x-www-form-urlencoded",
        "json",
        "",
    ] {
        problem(send(app(), "/number", kind, "7").await, 415).await;
    }
    problem(Client::new(app()).post("/number").body("7").send().await, 415).await;
}

#[tokio::test]
async fn an_option_is_none_without_a_body_and_never_for_a_bad_one() {
    assert_eq!(seen(send(app(), "/maybe", JSON, "7").await).await, says(200, "Some(Json(7))"));
    for body in ["x", "256", "\"\""] {
        assert!(send(app(), "/maybe", JSON, body).await.status().is_client_error(), "{body}");
    }
    assert_eq!(send(app(), "/maybe", "text/plain", "7").await.status(), 415);
    assert_eq!(seen(Client::new(app()).post("/maybe").send().await).await, says(200, "None"));
}

#[tokio::test]
async fn numbers_keep_to_their_type() {
    assert_eq!(seen(send(app(), "/number", JSON, " 255 ").await).await, says(200, "255"));
    for body in ["256", "-1", "1.5", "1e2", "\"1\"", "null", "true"] {
        problem(send(app(), "/number", JSON, body).await, 422).await;
    }
    let wide = "[18446744073709551615,-9223372036854775808,0.1,-0.0]";
    assert_eq!(seen(send(app(), "/value", JSON, wide).await).await, says(200, wide));
}

#[tokio::test]
async fn a_body_in_pieces_is_one_document() {
    let pieces = ["{\"na", "me\":\"\\", "n\"}"].map(Ok::<_, std::io::Error>);
    let stream = Body::from_stream(futures_util::stream::iter(pieces));
    let reply = Client::new(app()).post("/order").header("content-type", JSON).body(stream).send().await;
    assert_eq!(reply.json::<Value>().await["name"], "\n");
}

#[tokio::test]
async fn what_cannot_be_serialised_is_a_500_that_hides_it() {
    #[post("/bad")]
    async fn bad() -> Json<BTreeMap<(u8, u8), u8>> {
        Json(BTreeMap::from([((1, 2), 3)]))
    }

    let problem = problem(Client::new(App::new(routes![bad])).post("/bad").send().await, 500).await;
    assert!(!problem.to_string().contains("key"), "{problem}");
}

#[tokio::test]
async fn the_length_is_known() {
    use waypost::IntoResponse;

    let response = Json(json!({ "a": [1, 2] })).into_response();
    assert_eq!(response.body().len(), Some(11));
    assert_eq!(response.into_body().bytes().await.unwrap(), "{\"a\":[1,2]}");
}
