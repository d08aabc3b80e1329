//! What a handler may return, and what is sent for it.

use std::borrow::Cow;
use std::convert::Infallible;

use bytes::BytesMut;
use futures_util::stream;
use http_body_util::{BodyExt as _, Full};
use waypost::http::response::Parts;
use waypost::http::{self, Extensions, HeaderMap, HeaderValue, StatusCode};
use waypost::test::{Client, Reply};
use waypost::{
    App, Body, Bytes, Error, Html, IntoResponse, IntoResponseParts, Json, Redirect, Response, get, post,
    routes,
};

use crate::support::{ask, get, problem, says};

/// Status, `Content-Type` and text.
async fn sent(answer: impl IntoResponse) -> (u16, Option<String>, String) {
    let response = answer.into_response();
    let content_type = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    let (status, body) = (response.status().as_u16(), response.into_body().bytes().await.unwrap());
    (status, content_type, String::from_utf8(body.into()).unwrap())
}

fn typed(content_type: &str, text: &str) -> (u16, Option<String>, String) {
    (200, Some(content_type.to_owned()), text.to_owned())
}

#[tokio::test]
async fn text_and_bytes() {
    let plain = typed("text/plain; charset=utf-8", "grün");
    assert_eq!(sent("grün").await, plain);
    assert_eq!(sent("grün".to_owned()).await, plain);
    assert_eq!(sent(Cow::Borrowed("grün")).await, plain);
    assert_eq!(sent(Cow::<'static, str>::Owned("grün".to_owned())).await, plain);
    let octets = typed("application/octet-stream", "abc");
    assert_eq!(sent(&b"abc"[..]).await, octets);
    assert_eq!(sent(b"abc").await, octets);
    assert_eq!(sent(b"abc".to_vec()).await, octets);
    assert_eq!(sent(Bytes::from_static(b"abc")).await, octets);
    assert_eq!(sent(BytesMut::from("abc")).await, octets);
    assert_eq!(sent(Html("<p>")).await, typed("text/html; charset=utf-8", "<p>"));
    assert_eq!(sent(Html("<p>".to_owned())).await, typed("text/html; charset=utf-8", "<p>"));
    assert_eq!(sent(Json("<p>")).await, typed("application/json", "\"<p>\""));
}

#[tokio::test]
async fn statuses_and_nothing() {
    assert_eq!(sent(()).await, (200, None, String::new()));
    assert_eq!(sent(Body::from("x")).await, (200, None, "x".to_owned()));
    assert_eq!(sent(StatusCode::NO_CONTENT).await, (204, None, String::new()));
    let stream = Body::from_stream(stream::iter([Ok::<_, Infallible>("a"), Ok("b")]));
    assert_eq!(sent(stream).await, (200, None, "ab".to_owned()));
    let mut fields = HeaderMap::new();
    fields.insert("content-type", HeaderValue::from_static("image/png"));
    assert_eq!(sent(fields).await, (200, Some("image/png".to_owned()), String::new()));
    assert_eq!(sent([("content-type", "a/b")]).await, (200, Some("a/b".to_owned()), String::new()));
    let elsewhere = (StatusCode::FOUND, [(http::header::LOCATION, "/there".to_owned())]).into_response();
    assert_eq!(
        (elsewhere.status().as_u16(), &elsewhere.headers()["location"]),
        (302, &"/there".parse().unwrap())
    );
    assert_eq!(sent([("x", "a\r\nb")]).await.0, 500);
}

#[tokio::test]
async fn responses_of_the_http_crate_with_any_body() {
    let made = http::Response::builder().status(203).header("content-type", "x/y");
    let response = made.body(Full::new(Bytes::from_static(b"abc"))).unwrap();
    assert_eq!(sent(response).await, (203, Some("x/y".to_owned()), "abc".to_owned()));
    let boxed = Full::new(Bytes::from_static(b"abc")).map_err(|error| -> std::io::Error { match error {} });
    assert_eq!(sent(Response::new(Body::new(boxed))).await, (200, None, "abc".to_owned()));
}

#[tokio::test]
async fn options_and_results() {
    assert_eq!(sent(Some("x")).await.0, 200);
    let none = sent(None::<&str>).await;
    assert_eq!((none.0, none.1.as_deref()), (404, Some("application/problem+json")));
    assert_eq!(sent(Ok::<_, StatusCode>("x")).await.2, "x");
    assert_eq!(sent(Err::<(), _>(StatusCode::GONE)).await.0, 410);
    assert_eq!(sent(Err::<&str, _>((StatusCode::CONFLICT, "no"))).await.2, "no");
    assert_eq!(sent(Some(Err::<Json<u8>, _>(Error::forbidden()))).await.0, 403);
}

#[tokio::test]
async fn tuples_change_the_head() {
    assert_eq!(sent((StatusCode::CREATED, "x")).await.0, 201);
    let response = (
        StatusCode::ACCEPTED,
        [("x-a", "1"), ("x-b", "2")],
        Some([("content-type", "text/csv".to_owned())]),
        None::<StatusCode>,
        "x",
    );
    let response = response.into_response();
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers()["x-a"], "1");
    assert_eq!(response.headers()["x-b"], "2");
    assert_eq!(response.headers().get_all("content-type").iter().collect::<Vec<_>>(), ["text/csv"]);

    let mut twice = HeaderMap::new();
    twice.append("set-cookie", HeaderValue::from_static("a=1"));
    twice.append("set-cookie", HeaderValue::from_static("b=2"));
    let response = (twice, ()).into_response();
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);

    let mut extensions = Extensions::new();
    extensions.insert(7_u8);
    assert_eq!((extensions, "x").into_response().extensions().get::<u8>(), Some(&7));
}

#[tokio::test]
async fn a_field_cannot_smuggle_in_another() {
    for value in ["a\r\nset-cookie: evil=1", "a\nb", "a\0"] {
        let response = ([("x-value", value.to_owned())], "fine").into_response();
        assert_eq!(response.status(), 500);
        assert!(
            response.headers().get("x-value").is_none() && response.headers().get("set-cookie").is_none()
        );
        let response = Redirect::to(value).into_response();
        assert_eq!(response.status(), 500);
        assert!(response.headers().get("location").is_none());
    }
    for name in ["x y", "x:y", "x\r\ny", ""] {
        assert_eq!(([(name.to_owned(), "v")], "fine").into_response().status(), 500, "{name:?}");
    }
}

#[test]
fn redirects() {
    for (redirect, status) in [
        (Redirect::to("/a?b=c"), 303),
        (Redirect::temporary("/a?b=c"), 307),
        (Redirect::permanent("/a?b=c"), 308),
    ] {
        let response = redirect.into_response();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["location"], "/a?b=c");
        assert_eq!(response.body().len(), Some(0));
    }
}

/// A response of one's own, and a part of one.
struct Teapot;

impl IntoResponse for Teapot {
    fn into_response(self) -> Response {
        (StatusCode::IM_A_TEAPOT, "short and stout").into_response()
    }
}

struct Cached;

impl IntoResponseParts for Cached {
    fn apply(self, parts: &mut Parts) -> Result<(), Error> {
        parts.headers.insert("cache-control", HeaderValue::from_static("max-age=60"));
        Ok(())
    }
}

#[get("/own")]
async fn own() -> impl IntoResponse {
    (Cached, Teapot)
}

#[post("/created", status = 201)]
async fn created() -> &'static str {
    "created"
}

#[post("/kept", status = 201)]
async fn kept() -> StatusCode {
    StatusCode::ACCEPTED
}

#[post("/failed?{how}", status = 201)]
async fn failed(how: &str) -> Result<Option<&'static str>, Error> {
    match how {
        "well" => Ok(Some("well")),
        "none" => Ok(None),
        _ => Err(Error::conflict("no")),
    }
}

#[post("/gone", status = 204)]
async fn gone() {}

#[get("/stream")]
async fn streamed() -> Body {
    Body::from_stream(stream::iter(["a", "b"].map(Ok::<_, Infallible>)))
}

#[get("/breaks")]
async fn breaks() -> Body {
    Body::from_stream(stream::iter([Ok("a"), Err(std::io::Error::other("broken"))]))
}

#[get("/static")]
async fn fixed() -> &'static str {
    FIXED
}

static FIXED: &str = "this lies in the program itself";

#[tokio::test]
async fn of_ones_own() {
    let reply = Client::new(App::new(routes![own])).get("/own").send().await;
    assert_eq!(reply.header("cache-control"), Some("max-age=60"));
    assert_eq!((reply.status().as_u16(), &*reply.text().await), (418, "short and stout"));
}

#[tokio::test]
async fn the_status_option_is_for_success_that_says_no_other() {
    let app = || App::new(routes![created, kept, failed, gone]);
    let post = http::Method::POST;
    assert_eq!(ask(app(), post.clone(), "/created").await, says(201, "created"));
    assert_eq!(ask(app(), post.clone(), "/kept").await.0, 202);
    assert_eq!(ask(app(), post.clone(), "/gone").await, says(204, ""));
    assert_eq!(ask(app(), post.clone(), "/failed?how=well").await, says(201, "well"));
    assert_eq!(ask(app(), post.clone(), "/failed?how=none").await.0, 404);
    assert_eq!(ask(app(), post.clone(), "/failed?how=badly").await.0, 409);
    problem(Client::new(app()).post("/failed").send().await, 400).await;
}

#[tokio::test]
async fn streams_come_piece_by_piece() {
    let client = Client::new(App::new(routes![streamed, breaks]));
    let mut reply: Reply = client.get("/stream").send().await;
    assert_eq!(reply.header("content-length"), None);
    assert_eq!(reply.chunk().await.unwrap().unwrap(), "a");
    assert_eq!(reply.chunk().await.unwrap().unwrap(), "b");
    assert_eq!(reply.chunk().await.unwrap(), None);
    let mut reply = client.get("/breaks").send().await;
    assert_eq!(reply.chunk().await.unwrap().unwrap(), "a");
    assert!(reply.chunk().await.is_err());
}

#[tokio::test]
async fn static_text_is_not_copied() {
    let reply = Client::new(App::new(routes![fixed])).get("/static").send().await;
    assert_eq!(reply.bytes().await.as_ptr(), FIXED.as_ptr());
    assert_eq!(get(App::new(routes![fixed]), "/static").await, says(200, FIXED));
}
