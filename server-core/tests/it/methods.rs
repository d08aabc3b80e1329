//! HEAD, OPTIONS, and methods that a known path does not have.

use waypost::http::Method;
use waypost::test::Client;
use waypost::{
    App, Body, Bytes, Response, Routes, delete, fallback, get, head, options, patch, post, put, route, routes,
};

use crate::support::{ask, members, problem, says};

mod reading {
    use super::*;

    #[get("/things/{id}")]
    pub(super) async fn show(id: u32) -> String {
        format!("thing {id}")
    }

    pub(super) fn routes() -> impl Routes<()> {
        routes![show]
    }
}

mod writing {
    use super::*;

    #[post("/{id}")]
    async fn change(id: u32, body: Bytes) -> String {
        format!("{id}: {} bytes", body.len())
    }

    #[delete("/{thing}")]
    async fn remove(thing: u32) -> String {
        format!("{thing} is gone")
    }

    pub(super) fn routes() -> impl Routes<()> {
        routes!["/things" => [change, remove]]
    }
}

/// The handlers of one path lie in two modules, in sets of their own, and call its parameter differently.
fn things() -> App<impl Routes<()>> {
    App::new(routes![..reading::routes(), ..writing::routes()])
}

#[tokio::test]
async fn methods_of_one_path_come_together_from_everywhere() {
    assert_eq!(ask(things(), Method::GET, "/things/1").await, says(200, "thing 1"));
    assert_eq!(ask(things(), Method::POST, "/things/1").await, says(200, "1: 0 bytes"));
    assert_eq!(ask(things(), Method::DELETE, "/things/1").await, says(200, "1 is gone"));
}

#[tokio::test]
async fn another_method_is_a_405_with_allow() {
    for method in ["PUT", "PATCH", "TRACE", "BREW", "get"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let reply = Client::new(things()).request(method, "/things/1").send().await;
        assert_eq!(members(&reply, "allow"), ["DELETE", "GET", "HEAD", "OPTIONS", "POST"]);
        assert_eq!(problem(reply, 405).await["title"], "Method Not Allowed");
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_404_whatever_the_method() {
    for method in [Method::PUT, Method::OPTIONS, Method::HEAD] {
        let reply = Client::new(things()).request(method, "/nothing").send().await;
        assert_eq!(reply.status(), 404);
        assert_eq!(reply.header("allow"), None);
    }
}

#[tokio::test]
async fn options_tells_what_there_is() {
    let reply = Client::new(things()).options("/things/1").send().await;
    assert_eq!(reply.status(), 204);
    assert_eq!(members(&reply, "allow"), ["DELETE", "GET", "HEAD", "OPTIONS", "POST"]);
    assert_eq!(reply.text().await, "");
}

/// RFC 9110 section 9.3.7: what the server has, wherever; no fallback is asked.
#[tokio::test]
async fn options_of_an_asterisk_tells_what_there_is_anywhere() {
    let reply = Client::new(things()).options("*").send().await;
    assert_eq!(reply.status(), 204);
    assert_eq!(members(&reply, "allow"), ["DELETE", "GET", "HEAD", "OPTIONS", "POST"]);

    #[fallback]
    fn nowhere() -> &'static str {
        "fallback"
    }

    let client = Client::new(App::new(routes![any, ..writing::routes(), _ => nowhere]));
    let reply = client.options("*").send().await;
    assert_eq!((reply.status().as_u16(), reply.header("allow")), (204, Some("DELETE, OPTIONS, POST")));
    assert_eq!(client.get("*").send().await.text().await, "fallback");
    assert_eq!(Client::new(App::new(routes![])).options("*").send().await.header("allow"), Some("OPTIONS"));
}

#[tokio::test]
async fn without_get_there_is_no_head() {
    #[post("/only")]
    fn only() {}

    let client = Client::new(App::new(routes![only]));
    let reply = client.head("/only").send().await;
    assert_eq!(reply.status(), 405);
    assert_eq!(members(&reply, "allow"), ["OPTIONS", "POST"]);
    assert_eq!(reply.text().await, "");
}

#[tokio::test]
async fn get_answers_head_without_content() {
    let reply = Client::new(things()).head("/things/12").send().await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(reply.header("content-length"), Some("8"));
    assert_eq!(reply.text().await, "");
}

#[tokio::test]
async fn head_of_an_error_has_no_content_either() {
    let reply = Client::new(things()).head("/things/x").send().await;
    assert_eq!(reply.status(), 400);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert_eq!(reply.text().await, "");
}

#[tokio::test]
async fn head_of_a_stream_has_no_length() {
    #[get("/stream")]
    fn stream() -> Body {
        Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>("a"), Ok("b")]))
    }

    let reply = Client::new(App::new(routes![stream])).head("/stream").send().await;
    assert_eq!(reply.header("content-length"), None);
    assert_eq!(reply.text().await, "");
}

#[get("/own")]
async fn own_get() -> &'static str {
    "get"
}

#[head("/own")]
async fn own_head() -> Response {
    Response::builder().header("x-own", "head").body(Body::empty()).unwrap()
}

#[options("/own")]
async fn own_options() -> &'static str {
    "options"
}

#[tokio::test]
async fn routed_head_and_options_come_first() {
    let client = Client::new(App::new(routes![own_get, own_head, own_options]));
    let reply = client.head("/own").send().await;
    assert_eq!(reply.header("x-own"), Some("head"));
    let reply = client.options("/own").send().await;
    assert_eq!((reply.status().as_u16(), &*reply.text().await), (200, "options"));
    assert_eq!(client.get("/own").send().await.text().await, "get");
}

#[put("/all")]
fn all_put() -> &'static str {
    "put"
}

#[patch("/all")]
fn all_patch() -> &'static str {
    "patch"
}

#[route(GET | POST, "/several")]
fn several(method: Method) -> String {
    format!("several {method}")
}

#[route(ANY, "/any")]
fn any(method: &Method) -> String {
    format!("any {method}")
}

#[get("/any")]
fn any_get() -> &'static str {
    "its own"
}

#[tokio::test]
async fn every_attribute_is_its_method() {
    let app = || App::new(routes![all_put, all_patch]);
    assert_eq!(ask(app(), Method::PUT, "/all").await, says(200, "put"));
    assert_eq!(ask(app(), Method::PATCH, "/all").await, says(200, "patch"));
}

#[tokio::test]
async fn one_handler_can_have_several_methods() {
    let app = || App::new(routes![several]);
    assert_eq!(ask(app(), Method::GET, "/several").await, says(200, "several GET"));
    assert_eq!(ask(app(), Method::POST, "/several").await, says(200, "several POST"));
    assert_eq!(ask(app(), Method::PUT, "/several").await.0, 405);
}

#[tokio::test]
async fn any_takes_the_methods_that_nobody_else_has() {
    let app = || App::new(routes![any, any_get]);
    assert_eq!(ask(app(), Method::GET, "/any").await, says(200, "its own"));
    assert_eq!(ask(app(), Method::DELETE, "/any").await, says(200, "any DELETE"));
    assert_eq!(ask(app(), Method::from_bytes(b"PURGE").unwrap(), "/any").await, says(200, "any PURGE"));
}
