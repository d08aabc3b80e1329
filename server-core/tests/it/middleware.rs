//! Middleware: functions and values, around sets and around the app.

use std::time::Duration;

use waypost::http::{HeaderValue, Method, StatusCode};
use waypost::test::Client;
use waypost::{
    App, Body, BodyLimit, CatchPanic, Chain, Error, Extension, IntoResponse, Middleware, Next, Request,
    Response, Routes, RoutesExt, Timeout, get, middleware, post, routes,
};

use crate::raw::Channel;
use crate::support::{get, problem, says, seen};

#[get("/way")]
async fn way(#[header("x-way")] way: Vec<&str>) -> String {
    way.join(" ")
}

/// Writes its name on the request's way in and on the response's way out.
struct Mark(&'static str);

impl<S: Sync> Middleware<S> for Mark {
    async fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        _: &'a S,
        next: Next<'a, C>,
    ) -> Response {
        request.headers_mut().append("x-way", HeaderValue::from_static(self.0));
        let mut response = next.run(request).await;
        response.headers_mut().append("x-back", HeaderValue::from_static(self.0));
        response
    }
}

/// The way in, and the way back.
async fn ways(app: App<impl Routes<()>>, target: &str) -> (u16, String, Vec<String>) {
    let reply = Client::new(app).get(target).send().await;
    let back =
        reply.headers().get_all("x-back").iter().map(|value| value.to_str().unwrap().to_owned()).collect();
    let (status, text) = seen(reply).await;
    (status, text, back)
}

#[tokio::test]
async fn the_last_one_given_is_the_outermost() {
    let set = || routes!["/set" => [way]].wrap(Mark("inner")).wrap(Mark("outer"));
    let app = App::new(routes![..set(), way]).wrap(Mark("app")).wrap(Mark("first"));
    let (status, text, back) = ways(app.clone(), "/set/way").await;
    assert_eq!((status, &*text), (200, "first app outer inner"));
    assert_eq!(back, ["inner", "outer", "app", "first"]);
    let (_, text, back) = ways(app, "/way").await;
    assert_eq!(text, "first app");
    assert_eq!(back, ["app", "first"]);
}

#[tokio::test]
async fn around_an_opaque_set() {
    fn opaque() -> impl Routes<()> {
        routes!["/opaque" => [way]].wrap(Mark("own"))
    }

    let app = App::new(routes!["/x" => [..opaque().wrap(Mark("around"))], ..opaque()]);
    assert_eq!(ways(app.clone(), "/x/opaque/way").await.1, "around own");
    assert_eq!(ways(app, "/opaque/way").await.1, "own");
    assert_eq!(ways(App::new(opaque().wrap(Mark("alone"))), "/opaque/way").await.1, "alone own");
}

#[tokio::test]
async fn around_a_set_it_sees_that_sets_requests_only() {
    let app = || App::new(routes!["/set" => [way]].wrap(Mark("set")));
    for target in ["/nowhere", "/set/nowhere"] {
        let reply = Client::new(app()).get(target).send().await;
        assert_eq!(reply.header("x-back"), None, "{target}");
    }
    // What its paths are asked in vain is the set's, too: CORS in a middleware could not answer OPTIONS otherwise.
    for (method, status) in [(Method::PUT, 405), (Method::OPTIONS, 204)] {
        let reply = Client::new(app()).request(method, "/set/way").send().await;
        assert_eq!((reply.status().as_u16(), reply.header("x-back")), (status, Some("set")));
    }
}

#[tokio::test]
async fn around_the_app_it_sees_everything() {
    let client = Client::new(App::new(routes![way]).wrap(Mark("app")));
    for (target, method, status) in [
        ("/way", Method::GET, 200),
        ("/way", Method::HEAD, 200),
        ("/nowhere", Method::GET, 404),
        ("/way", Method::PUT, 405),
        ("/way", Method::OPTIONS, 204),
    ] {
        let reply = client.request(method, target).send().await;
        assert_eq!((reply.status().as_u16(), reply.header("x-back")), (status, Some("app")), "{target}");
    }
}

#[middleware]
async fn counted(request: &mut Request, next: Next<'_>) -> Response {
    request.headers_mut().append("x-way", HeaderValue::from_static("f"));
    next.run(request).await
}

/// The compiler follows types some 128 steps deep, unless `recursion_limit` says otherwise: for a dozen it need not.
#[tokio::test]
async fn a_dozen_around_each_other() {
    let set = routes!["/set" => [way]].wrap(Mark("g")).wrap(counted).wrap(Mark("h"));
    let app = App::new(routes!["/a" => ["/b" => [..Some(set), "/c" => [way]], "/d" => [way]], way])
        .wrap(CatchPanic)
        .wrap(counted)
        .wrap(Mark("1"))
        .wrap(counted)
        .wrap(Mark("2"))
        .wrap(counted)
        .wrap(Mark("3"))
        .wrap(counted)
        .wrap(Mark("4"))
        .wrap(counted);
    let (status, text, back) = ways(app.clone(), "/a/b/set/way").await;
    assert_eq!((status, &*text), (200, "f 4 f 3 f 2 f 1 f h f g"));
    assert_eq!(back, ["g", "h", "1", "2", "3", "4"]);

    // As a server calls it, and as tower does.
    let mut wire = Channel::serve(app.clone()).0.connect(1 << 16);
    wire.send("GET /way HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(wire.reply().await.text(), "f 4 f 3 f 2 f 1 f");
    let request = http::Request::get("/way").body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(app, request).await.unwrap();
    assert_eq!(response.into_body().bytes().await.unwrap(), "f 4 f 3 f 2 f 1 f");
}

/// Letting through only who knows the word.
#[middleware]
async fn guarded(request: &mut Request, next: Next<'_>) -> Response {
    match request.headers().get("x-word") {
        Some(word) if word == "sesame" => next.run(request).await,
        _ => Error::unauthorized().into_response(),
    }
}

#[tokio::test]
async fn may_answer_by_itself() {
    let client = Client::new(App::new(routes!["/in" => [way, panics]].wrap(guarded)));
    problem(client.get("/in/way").send().await, 401).await;
    problem(client.get("/in/panic").send().await, 401).await;
    assert_eq!(client.get("/in/way").header("x-word", "sesame").send().await.status(), 200);
}

#[derive(Clone)]
struct Who(String);

#[middleware]
pub(crate) async fn known(request: &mut Request, next: Next<'_>) -> Result<impl IntoResponse, StatusCode> {
    let name = request.headers_mut().remove("x-who").ok_or(StatusCode::FORBIDDEN)?;
    let name = name.to_str().map_err(|_| StatusCode::BAD_REQUEST)?.to_owned();
    request.extensions_mut().insert(Who(name));
    Ok(next.run(request).await)
}

#[get("/who")]
async fn who(Extension(Who(name)): Extension<&Who>, #[header("x-who")] field: Option<&str>) -> String {
    format!("{name} {field:?}")
}

#[tokio::test]
async fn may_change_the_request_and_return_any_response() {
    let app = || App::new(routes![who].wrap(known));
    let reply = Client::new(app()).get("/who").header("x-who", "ali").send().await;
    assert_eq!(seen(reply).await, says(200, "ali None"));
    assert_eq!(get(app(), "/who").await.0, 403);
}

#[post("/text")]
async fn text(body: String) -> String {
    body
}

#[middleware]
async fn rewritten(request: &mut Request, next: Next<'_>) -> waypost::Result<Response> {
    let mut upper = Vec::new();
    while let Some(chunk) = request.body_mut().chunk().await? {
        upper.extend(chunk.to_ascii_uppercase());
    }
    *request.body_mut() = upper.into();
    request.set_body_limit(5);
    Ok(next.run(request).await)
}

#[tokio::test]
async fn may_read_and_replace_the_body() {
    let app = || App::new(routes![text].wrap(rewritten));
    let reply = Client::new(app()).post("/text").body("abc").send().await;
    assert_eq!(seen(reply).await, says(200, "ABC"));
    assert_eq!(Client::new(app()).post("/text").body("abcdef").send().await.status(), 413);
}

#[middleware]
async fn labelled(request: &mut Request, next: Next<'_>) -> Response {
    let label = next.route().map_or("none".to_owned(), |route| route.path().to_owned());
    ([("x-route", label)], next.run(request).await).into_response()
}

#[tokio::test]
async fn knows_the_route_that_matched() {
    #[get("/items/{id}")]
    async fn item(id: u8) -> String {
        id.to_string()
    }

    let client = Client::new(App::new(routes!["/shop" => [item]]).wrap(labelled));
    assert_eq!(client.get("/shop/items/7").send().await.header("x-route"), Some("/shop/items/{id}"));
    assert_eq!(client.get("/shop").send().await.header("x-route"), Some("none"));
}

#[get("/sleep?{seconds}")]
async fn sleep(seconds: u64) -> String {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    format!("slept {seconds}")
}

#[tokio::test(start_paused = true)]
async fn timeout() {
    let app = App::new(routes![sleep].wrap(Timeout::new(Duration::from_secs(10))));
    assert_eq!(get(app.clone(), "/sleep?seconds=9").await, says(200, "slept 9"));
    let began = tokio::time::Instant::now();
    problem(Client::new(app).get("/sleep?seconds=11").send().await, 503).await;
    assert_eq!(began.elapsed().as_secs(), 10);
    let app = App::new(routes![sleep]).wrap(Timeout::new(Duration::from_secs(1)));
    assert_eq!(get(app, "/sleep?seconds=2").await.0, 503);
}

#[get("/panic")]
async fn panics() {
    panic!("inside")
}

#[tokio::test]
async fn catch_panic_lets_what_is_around_it_see_a_response() {
    let inner = || routes!["/caught" => [panics]].wrap(CatchPanic).wrap(Mark("around"));
    let client = Client::new(App::new(routes![..inner(), ..routes![panics].wrap(Mark("around"))]));
    let reply = client.get("/caught/panic").send().await;
    assert_eq!(reply.header("x-back"), Some("around"));
    problem(reply, 500).await;
    let reply = client.get("/panic").send().await;
    assert_eq!(reply.header("x-back"), None);
    problem(reply, 500).await;
}

#[tokio::test]
async fn ready_made_ones_stand_together() {
    let app = App::new(routes![text])
        .wrap(BodyLimit::new(3))
        .wrap(CatchPanic)
        .wrap(Timeout::new(Duration::from_secs(5)))
        .wrap(Mark("app"));
    let reply = Client::new(app.clone()).post("/text").body("abc").send().await;
    assert_eq!(seen(reply).await, says(200, "abc"));
    assert_eq!(Client::new(app).post("/text").body("abcd").send().await.status(), 413);
}

/// Asks ready-made middlewares itself, and marks what they answer.
struct Asking {
    patience: Timeout,
    limit: BodyLimit,
}

impl<S: Sync> Middleware<S> for Asking {
    async fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        state: &'a S,
        next: Next<'a, C>,
    ) -> Response {
        let mut response = match request.path() {
            "/sleep" => self.patience.handle(request, state, next).await,
            "/text" => self.limit.handle(request, state, next).await,
            _ => CatchPanic.handle(request, state, next).await,
        };
        response.headers_mut().insert("x-back", HeaderValue::from_static("asked"));
        response
    }
}

#[tokio::test(start_paused = true)]
async fn may_ask_another() {
    let asking = Asking { patience: Timeout::new(Duration::from_secs(10)), limit: BodyLimit::new(3) };
    let client = Client::new(App::new(routes![sleep, text, panics].wrap(asking)));
    for (path, body, status) in [
        ("/sleep?seconds=9", "", 200),
        ("/sleep?seconds=11", "", 503),
        ("/text", "abc", 200),
        ("/text", "abcd", 413),
        ("/panic", "", 500),
    ] {
        let method = if body.is_empty() { Method::GET } else { Method::POST };
        let reply = client.request(method, path).body(body).send().await;
        assert_eq!((reply.status().as_u16(), reply.header("x-back")), (status, Some("asked")), "{path}");
    }
}

/// Has the response in its hands when it comes to grief.
#[middleware]
async fn clumsy(request: &mut Request, next: Next<'_>) -> Response {
    let response = next.run(request).await;
    match request.path() {
        "/panic" => panic!("with a response"),
        "/late" => std::future::pending().await,
        "/other" => StatusCode::IM_A_TEAPOT.into_response(),
        _ => response,
    }
}

#[get("/{any}")]
async fn fine(any: &str) -> String {
    any.to_owned()
}

#[tokio::test(start_paused = true)]
async fn what_a_middleware_keeps_back_is_not_sent() {
    let routes = routes![fine].wrap(clumsy).wrap(CatchPanic).wrap(Timeout::new(Duration::from_secs(1)));
    let client = Client::new(App::new(routes));
    for (path, status) in [("/panic", 500), ("/late", 503), ("/other", 418)] {
        let reply = client.get(path).send().await;
        assert_eq!(reply.status(), status, "{path}");
        assert!(!reply.text().await.starts_with(&path[1..]), "{path}");
    }
    assert_eq!(client.get("/well").send().await.text().await, "well");
}
