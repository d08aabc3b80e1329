//! Where borrowed values lie: inside the request's own buffers.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use waypost::http::HeaderMap;
use waypost::test::Client;
use waypost::{
    App, Bearer, Bytes, Form, Head, Header, Json, Path, Query, Routes, UserAgent, get, post, routes,
};

use crate::support::{get, says, seen};

/// Whether all of `part` is a piece of `whole`.
fn lies_in(part: &str, whole: &[u8]) -> bool {
    let whole = whole.as_ptr_range();
    let part = part.as_bytes().as_ptr_range();
    whole.start <= part.start && part.end <= whole.end
}

fn lies_in_headers(part: &str, headers: &HeaderMap) -> bool {
    headers.values().any(|value| lies_in(part, value.as_bytes()))
}

#[get("/path/{a}/{b}")]
async fn path(a: &str, head: &Head, b: Cow<'_, str>) -> String {
    let before = (Span::of(a.as_bytes()), Span::of(b.as_bytes()));
    tokio::task::yield_now().await;
    assert_eq!(before, (Span::of(a.as_bytes()), Span::of(b.as_bytes())));
    assert!(matches!(b, Cow::Borrowed(_)));
    let uri = head.uri().path().as_bytes();
    format!("{a} {b} {} {}", lies_in(a, uri), lies_in(&b, uri))
}

#[get("/rest/{*rest}")]
async fn rest(rest: &str, head: &Head) -> String {
    tokio::task::yield_now().await;
    format!("{rest} {}", lies_in(rest, head.uri().path().as_bytes()))
}

#[get("/whole/{a}/{b}")]
async fn whole(Path((a, b)): Path<(&str, &str)>, head: &Head) -> String {
    tokio::task::yield_now().await;
    let uri = head.uri().path().as_bytes();
    format!("{a} {b} {} {}", lies_in(a, uri), lies_in(b, uri))
}

#[get("/query?{a}&{tag}")]
async fn query(a: &str, tag: Vec<&str>, head: &Head) -> String {
    tokio::task::yield_now().await;
    let uri = head.query().unwrap_or("").as_bytes();
    let tags: Vec<_> = tag.iter().map(|tag| lies_in(tag, uri)).collect();
    format!("{a} {tag:?} {} {tags:?}", lies_in(a, uri))
}

#[derive(Deserialize)]
struct Search<'a> {
    q: &'a str,
    #[serde(borrow)]
    tag: Vec<&'a str>,
}

#[get("/search")]
async fn search(head: &Head, Query(search): Query<Search<'_>>) -> String {
    tokio::task::yield_now().await;
    let uri = head.query().unwrap_or("").as_bytes();
    format!("{} {}", lies_in(search.q, uri), search.tag.iter().all(|tag| lies_in(tag, uri)))
}

#[get("/header")]
async fn header(
    #[header("x-name")] name: &str,
    Header(UserAgent(agent)): Header<UserAgent<'_>>,
    Header(Bearer(token)): Header<Bearer<'_>>,
    headers: &HeaderMap,
) -> String {
    tokio::task::yield_now().await;
    let all = [name, agent, token].map(|text| lies_in_headers(text, headers));
    format!("{name} {agent} {token} {all:?}")
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![path, rest, whole, query, search, header])
}

#[tokio::test]
async fn path_parameters() {
    assert_eq!(get(app(), "/path/one/two").await, says(200, "one two true true"));
    assert_eq!(get(app(), "/rest/a/b/c").await, says(200, "a/b/c true"));
    assert_eq!(get(app(), "/whole/one/two").await, says(200, "one two true true"));
}

#[tokio::test]
async fn what_was_escaped_is_kept_elsewhere_for_as_long() {
    assert_eq!(get(app(), "/path/one%20/two%20").await, says(200, "one  two  false false"));
    assert_eq!(get(app(), "/rest/a%2Fb").await, says(200, "a/b false"));
    assert_eq!(
        get(app(), "/query?a=%C3%BC&tag=x+y&tag=z").await,
        says(200, "ü [\"x y\", \"z\"] false [false, true]")
    );
}

#[tokio::test]
async fn an_escape_beside_it_does_not_move_a_value() {
    assert_eq!(get(app(), "/path/one%20/two").await, says(200, "one  two false true"));
}

#[tokio::test]
async fn query_parameters() {
    assert_eq!(
        get(app(), "/query?tag=x&a=one&tag=y").await,
        says(200, "one [\"x\", \"y\"] true [true, true]")
    );
    assert_eq!(get(app(), "/search?q=one&tag=a&tag=b").await, says(200, "true true"));
}

#[tokio::test]
async fn header_fields() {
    let request = Client::new(app());
    let request = request.get("/header").header("x-name", "n").header("user-agent", "u");
    let reply = request.header("authorization", "Bearer t").send().await;
    assert_eq!(seen(reply).await, says(200, "n u t [true, true, true]"));
}

#[derive(Deserialize)]
struct NewUser<'a> {
    name: &'a str,
    #[serde(borrow)]
    tags: Vec<&'a str>,
    #[serde(borrow)]
    note: Cow<'a, str>,
}

/// Where the borrowed text of a body lies: first address and end.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq)]
struct Span(usize, usize);

impl Span {
    fn of(text: &[u8]) -> Self {
        let range = text.as_ptr_range();
        Self(range.start as usize, range.end as usize)
    }

    fn is_in(self, whole: Self) -> bool {
        whole.0 <= self.0 && self.1 <= whole.1
    }
}

#[post("/json")]
async fn document(Json(user): Json<NewUser<'_>>) -> Json<Vec<Span>> {
    tokio::task::yield_now().await;
    assert!(matches!(user.note, Cow::Borrowed(_)));
    let all = [user.name, &user.note].into_iter().chain(user.tags.iter().copied());
    Json(all.map(|text| Span::of(text.as_bytes())).collect())
}

#[post("/form")]
async fn form(Form(user): Form<NewUser<'_>>) -> Json<Vec<Span>> {
    tokio::task::yield_now().await;
    let all = [user.name, &user.note].into_iter().chain(user.tags.iter().copied());
    Json(all.map(|text| Span::of(text.as_bytes())).collect())
}

#[post("/text")]
async fn text(text: &str) -> Json<Vec<Span>> {
    tokio::task::yield_now().await;
    Json(vec![Span::of(text.as_bytes())])
}

#[post("/slice")]
async fn slice(bytes: &[u8]) -> Json<Vec<Span>> {
    tokio::task::yield_now().await;
    Json(vec![Span::of(bytes)])
}

#[post("/bytes")]
async fn bytes(bytes: Bytes) -> Json<Vec<Span>> {
    tokio::task::yield_now().await;
    Json(vec![Span::of(&bytes)])
}

/// Sends a body, and returns where it was and where the handler found its pieces.
async fn spans(target: &str, content_type: &str, body: &str) -> (Span, Vec<Span>) {
    let client = Client::new(App::new(routes![document, form, text, slice, bytes]));
    let body = Bytes::from(body.as_bytes().to_vec());
    let whole = Span::of(&body);
    let reply = client.post(target).header("content-type", content_type).body(body.clone()).send().await;
    assert_eq!(reply.status(), 200);
    (whole, reply.json().await)
}

#[tokio::test]
async fn bodies() {
    for target in ["/text", "/slice", "/bytes"] {
        let (whole, found) = spans(target, "text/plain", "some text").await;
        assert_eq!((found[0].0, found[0].1), (whole.0, whole.1), "{target}");
    }
    let form = "application/x-www-form-urlencoded";
    let (whole, found) = spans("/form", form, "name=a&tags=b&tags=c&note=d").await;
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|span| span.is_in(whole)), "{found:?} in {whole:?}");
}

/// An engine that parses in place needs a buffer of its own; what it borrows still lies in one.
#[tokio::test]
async fn json_strings() {
    let document = r#"{"name":"one","tags":["two","three"],"note":"four"}"#;
    let (whole, found) = spans("/json", "application/json", document).await;
    assert_eq!(found.len(), 4);
    if cfg!(feature = "simd-json") {
        let first = found.iter().map(|span| span.0).min().unwrap();
        let end = found.iter().map(|span| span.1).max().unwrap();
        assert!(end - first <= document.len(), "{found:?}");
    } else {
        assert!(found.iter().all(|span| span.is_in(whole)), "{found:?} in {whole:?}");
    }
}

#[cfg(not(feature = "simd-json"))]
#[tokio::test]
async fn json_strings_beside_one_with_an_escape() {
    let document = r#"{"name":"o\"ne","tags":["two"],"note":"four"}"#;
    let (whole, found) = spans("/json", "application/json", document).await;
    assert_eq!(found.iter().map(|span| span.is_in(whole)).collect::<Vec<_>>(), [false, true, true]);
}

#[derive(Serialize)]
struct Greeting<'a> {
    hello: &'a str,
}

#[tokio::test]
async fn the_response_may_borrow_too() {
    #[get("/hello/{name}")]
    async fn hello(name: &str) -> Json<Greeting<'_>> {
        tokio::task::yield_now().await;
        Json(Greeting { hello: name })
    }

    assert_eq!(get(App::new(routes![hello]), "/hello/you").await, says(200, r#"{"hello":"you"}"#));
    assert_eq!(get(App::new(routes![hello]), "/hello/%22").await, says(200, r#"{"hello":"\""}"#));
}
