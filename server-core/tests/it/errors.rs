//! Errors: the document a client sees, what it does not see, and the one place to rewrite them.

use std::sync::{Arc, Mutex};

use serde_json::json;
use waypost::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use waypost::http::{HeaderValue, StatusCode};
use waypost::test::Client;
use waypost::{
    App, BoxError, Error, IntoResponse, Json, Next, Part, Request, Response, Routes, get, middleware, post,
    routes,
};

use crate::support::{get, problem, says};

#[get("/io")]
async fn io() -> waypost::Result<String> {
    Ok(std::fs::read_to_string("/no/such/secret/file")?)
}

#[get("/source")]
async fn source() -> waypost::Result<()> {
    Err(Error::internal("the password is hunter2").title("Out of order").detail("come back on Monday"))
}

#[get("/full")]
async fn full() -> waypost::Result<()> {
    Err(Error::new(StatusCode::UNPROCESSABLE_ENTITY)
        .title("Not \"that\"")
        .detail("a\nb\u{1}ü")
        .and_invalid(Part::Body, "/a/0", "first")
        .and_invalid(Part::Header, "x-y", "second")
        .and_invalid(Part::Path, "id", "third")
        .and_invalid(Part::Query, "page", "fourth")
        .header(RETRY_AFTER, HeaderValue::from_static("7")))
}

#[get("/panic")]
async fn panics() -> &'static str {
    panic!("the password is hunter2")
}

#[get("/late")]
async fn late() -> &'static str {
    tokio::task::yield_now().await;
    std::panic::panic_any(7_u8)
}

#[post("/json/{id}")]
async fn document(id: u8, Json(number): Json<u8>) -> String {
    format!("{id} {number}")
}

#[get("/status")]
async fn status() -> StatusCode {
    StatusCode::NOT_FOUND
}

#[middleware]
async fn forbids(request: &mut Request, next: Next<'_>) -> waypost::Result<Response> {
    if request.headers().contains_key("x-forbid") {
        return Err(Error::forbidden());
    }
    Ok(next.run(request).await)
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![io, source, full, panics, late, document, status].wrap(forbids))
}

#[tokio::test]
async fn a_5xx_hides_its_cause() {
    for target in ["/io", "/panic", "/late"] {
        let problem = problem(Client::new(app()).get(target).send().await, 500).await;
        assert_eq!(problem, json!({ "title": "Internal Server Error", "status": 500 }), "{target}");
    }
    let problem = problem(Client::new(app()).get("/source").send().await, 500).await;
    assert_eq!(problem, json!({ "title": "Out of order", "status": 500, "detail": "come back on Monday" }));
}

#[tokio::test]
async fn a_problem_has_all_it_was_given() {
    let reply = Client::new(app()).get("/full").send().await;
    assert_eq!(reply.header("retry-after"), Some("7"));
    assert_eq!(
        problem(reply, 422).await,
        json!({
            "title": "Not \"that\"",
            "status": 422,
            "detail": "a\nb\u{1}ü",
            "errors": [
                { "in": "body", "pointer": "/a/0", "detail": "first" },
                { "in": "header", "name": "x-y", "detail": "second" },
                { "in": "path", "name": "id", "detail": "third" },
                { "in": "query", "name": "page", "detail": "fourth" },
            ],
        })
    );
}

#[tokio::test]
async fn the_routers_answers_are_problems() {
    let problem_404 = problem(Client::new(app()).get("/nowhere").send().await, 404).await;
    assert_eq!(problem_404, json!({ "title": "Not Found", "status": 404 }));
    let problem_405 = problem(Client::new(app()).put("/io").send().await, 405).await;
    assert_eq!(problem_405["title"], "Method Not Allowed");
}

#[tokio::test]
async fn a_panic_stays_with_its_request() {
    let client = Client::new(app());
    for _ in 0..3 {
        assert_eq!(client.get("/panic").send().await.status(), 500);
        assert_eq!(client.get("/late").send().await.status(), 500);
        assert_eq!(client.get("/status").send().await.status(), 404);
    }
}

type Seen = Arc<Mutex<Vec<(u16, String, bool)>>>;

fn hooked() -> (App<impl Routes<()>>, Seen) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let app = app().on_error(move |error, mut response| {
        assert_eq!(error.status(), response.status());
        let told = (error.status().as_u16(), error.to_string(), error.is_panic());
        kept.lock().unwrap().push(told);
        response.headers_mut().insert("x-hook", HeaderValue::from_static("seen"));
        response
    });
    (app, seen)
}

#[tokio::test]
async fn the_hook_sees_every_error() {
    let (app, seen) = hooked();
    let client = Client::new(app);
    let json = |target| client.post(target).header("content-type", "application/json");
    let mut replies = vec![
        client.get("/nowhere").send().await,
        client.delete("/io").send().await,
        client.get("/source").send().await,
        client.get("/panic").send().await,
        json("/json/x").body("1").send().await,
        json("/json/1").body("x").send().await,
        json("/json/1").body("256").send().await,
        client.post("/json/1").body("1").send().await,
        client.get("/status").header("x-forbid", "1").send().await,
        client.head("/nowhere").send().await,
    ];
    for reply in &replies {
        assert_eq!(reply.header("x-hook"), Some("seen"), "{reply:?}");
    }
    let statuses: Vec<_> = replies.drain(..).map(|reply| reply.status().as_u16()).collect();
    assert_eq!(statuses, [404, 405, 500, 500, 400, 400, 422, 415, 403, 404]);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.iter().map(|seen| seen.0).collect::<Vec<_>>(), statuses);
    assert_eq!(seen.iter().filter(|seen| seen.2).count(), 1);
    assert!(seen[3].1.contains("hunter2"), "the hook may know what the client may not: {seen:?}");
}

#[tokio::test]
async fn the_hook_does_not_see_what_is_no_error() {
    let (app, seen) = hooked();
    let client = Client::new(app);
    assert_eq!(client.get("/status").send().await.header("x-hook"), None);
    assert_eq!(client.options("/io").send().await.header("x-hook"), None);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_hook_may_answer_something_else() {
    let app = app()
        .on_error(|error, _| (StatusCode::IM_A_TEAPOT, format!("not {}", error.status())).into_response());
    assert_eq!(get(app.clone(), "/nowhere").await, says(418, "not 404 Not Found"));
    assert_eq!(get(app, "/io").await, says(418, "not 500 Internal Server Error"));
}

#[tokio::test]
async fn the_hook_sees_the_errors_of_what_is_wrapped_around_the_app() {
    let app = App::new(routes![status]).wrap(forbids).on_error(|_, mut response| {
        response.headers_mut().insert("x-hook", HeaderValue::from_static("seen"));
        response
    });
    let reply = Client::new(app).get("/status").header("x-forbid", "1").send().await;
    assert_eq!((reply.status().as_u16(), reply.header("x-hook")), (403, Some("seen")));
}

#[test]
fn errors_are_asked() {
    let error = Error::missing(Part::Query, "page");
    assert!(error.is_missing() && error.is_client_error() && !error.is_server_error() && !error.is_panic());
    assert_eq!(error.status(), 400);
    assert!(error.to_string().contains("page"));
    let error = Error::from(std::io::Error::other("cable"));
    assert!(error.is_server_error() && error.cause().is_some_and(|cause| cause.to_string() == "cable"));
    assert_eq!(error.client_detail(), None);
    let error = Error::bad_request("x").status_code(StatusCode::CONFLICT);
    assert_eq!((error.status(), error.client_detail()), (StatusCode::CONFLICT, Some("x")));
    assert_eq!(Error::unauthorized().status(), 401);
    assert_eq!(Error::not_found().status(), 404);
    assert_eq!(BoxError::from(Error::forbidden()).to_string(), "Forbidden");
    let scheme = HeaderValue::from_static("Bearer");
    let response = Error::unauthorized().header(WWW_AUTHENTICATE, scheme).into_response();
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
}
