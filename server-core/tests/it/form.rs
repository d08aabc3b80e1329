//! Forms.

use std::borrow::Cow;

use serde::Deserialize;
use waypost::test::Client;
use waypost::{App, Form, Routes, post, routes};

use crate::support::{at, fault, post as send, problem, says, seen};

#[derive(Deserialize)]
struct SignUp<'a> {
    name: &'a str,
    #[serde(borrow)]
    email: Cow<'a, str>,
    age: Option<u8>,
    #[serde(borrow, default)]
    tag: Vec<&'a str>,
    #[serde(default)]
    news: bool,
}

#[post("/signup")]
async fn sign_up(Form(form): Form<SignUp<'_>>) -> String {
    format!("{} {} {:?} {:?} {}", form.name, form.email, form.age, form.tag, form.news)
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![sign_up])
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn fills_a_struct() {
    let pairs =
        [("name", "Zoë & Co"), ("email", "z+1@example.com"), ("age", "7"), ("tag", "a=b"), ("tag", "")];
    let reply = Client::new(app()).post("/signup").form(pairs).send().await;
    assert_eq!(seen(reply).await, says(200, "Zoë & Co z+1@example.com Some(7) [\"a=b\", \"\"] false"));
}

#[tokio::test]
async fn reads_what_browsers_send() {
    let reply = send(app(), "/signup", FORM, "name=a+b&email=%C3%BC%40x&age=8&news=true&submit").await;
    assert_eq!(seen(reply).await, says(200, "a b ü@x Some(8) [] true"));
    let reply =
        send(app(), "/signup", "application/x-www-form-urlencoded; charset=UTF-8", "name=&email=").await;
    assert_eq!(seen(reply).await, says(200, "  None [] false"));
}

#[tokio::test]
async fn names_what_is_at_fault_by_its_pointer() {
    for (body, pointer) in [
        ("email=x", "/name"),
        ("", "/name"),
        ("name=a&name=b&email=x", "/name"),
        ("name=a&email=x&age=256", "/age"),
        ("name=a&email=x&age=", "/age"),
        ("name=a&email=x&news=on", "/news"),
    ] {
        assert_eq!(fault(send(app(), "/signup", FORM, body).await, 400).await, at("body", pointer), "{body}");
    }
}

#[tokio::test]
async fn another_media_type_is_a_415() {
    for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        problem(send(app(), "/signup", kind, "name=a&email=b").await, 415).await;
    }
    problem(Client::new(app()).post("/signup").body("name=a&email=b").send().await, 415).await;
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_a_400() {
    problem(send(app(), "/signup", FORM, "name=%FF&email=x").await, 400).await;
    let raw = &b"name=\xff&email=x"[..];
    problem(Client::new(app()).post("/signup").header("content-type", FORM).body(raw).send().await, 400)
        .await;
}

#[tokio::test]
async fn a_form_has_bounds() {
    let fields = |count: usize| format!("name=a&email=b{}", "&x=1".repeat(count - 2));
    assert_eq!(send(app(), "/signup", FORM, &fields(1000)).await.status(), 200);
    problem(send(app(), "/signup", FORM, &fields(1001)).await, 400).await;
    let large = format!("name=a&email={}", "x".repeat(2 * 1024 * 1024));
    problem(send(app(), "/signup", FORM, &large).await, 413).await;
}
