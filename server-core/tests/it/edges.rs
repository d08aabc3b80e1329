//! Where two parts meet: replaced bodies and their limits, statuses of errors in tuples, panics before the first poll,
//! apps inside apps, layers that change the body's type.

use std::future::Future;
use std::sync::Arc;

use tower_http::limit::RequestBodyLimitLayer;
use waypost::http::StatusCode;
use waypost::test::Client;
use waypost::{
    App, Body, BodyLimit, Bytes, CatchPanic, Chain, ClientAddr, Error, IntoResponse, Middleware, Next,
    Redirect, Request, Response, State, get, middleware, mount, post, routes,
};

#[post("/len")]
async fn len(body: Bytes) -> String {
    body.len().to_string()
}

#[middleware]
async fn replaced(request: &mut Request, next: Next<'_>) -> Response {
    let pieces = (0..10).map(|_| Ok::<_, Error>(vec![0_u8; 100]));
    *request.body_mut() = Body::from_stream(futures_util::stream::iter(pieces));
    next.run(request).await
}

#[tokio::test]
async fn a_body_that_takes_anothers_place_keeps_its_limit() {
    let app = |limit| App::new(routes![len].wrap(replaced)).body_limit(limit);
    assert_eq!(Client::new(app(999)).post("/len").body("x").send().await.status(), 413);
    assert_eq!(Client::new(app(1000)).post("/len").body("x").send().await.text().await, "1000");
    let raised = App::new(routes![len].wrap(BodyLimit::new(1000)).wrap(replaced)).body_limit(1);
    assert_eq!(Client::new(raised).post("/len").body("x").send().await.text().await, "1000");
}

#[tokio::test]
async fn an_app_inside_an_app_has_the_lower_limit() {
    let app = |outer| {
        App::new(routes!["/in" => [..mount(App::new(routes![len]).body_limit(50))]]).body_limit(outer)
    };
    let reply = async |outer, length| {
        Client::new(app(outer)).post("/in/len").body("x".repeat(length)).send().await.status().as_u16()
    };
    assert_eq!(reply(5, 6).await, 413);
    assert_eq!(reply(5, 5).await, 200);
    assert_eq!(reply(500, 51).await, 413);
    assert_eq!(reply(500, 50).await, 200);
}

#[tokio::test]
async fn a_mounted_app_knows_the_client() {
    #[get("/ip")]
    async fn ip(client: ClientAddr) -> String {
        client.ip().to_string()
    }

    let app = App::new(routes!["/in" => [..mount(App::new(routes![ip]))]]);
    let client = Client::new(app).with_address(([192, 0, 2, 1], 80).into());
    assert_eq!(client.get("/in/ip").send().await.text().await, "192.0.2.1");
}

#[tokio::test]
async fn a_layer_may_change_the_type_of_bodies() {
    let client = Client::new(App::new(routes![len].layer(RequestBodyLimitLayer::new(3))));
    assert_eq!(client.post("/len").body("abc").send().await.text().await, "3");
    // Announced, the layer refuses it; else the body that it has limited fails when it is read.
    assert_eq!(client.post("/len").header("content-length", "4").body("abcd").send().await.status(), 413);
    assert_eq!(client.post("/len").body("abcd").send().await.status(), 400);
}

#[tokio::test]
async fn an_error_in_a_tuple_keeps_its_status_and_takes_the_fields() {
    let failed = (StatusCode::CREATED, [("x-seen", "yes")], Err::<(), _>(Error::forbidden())).into_response();
    assert_eq!((failed.status().as_u16(), failed.headers()["x-seen"].to_str().unwrap()), (403, "yes"));
    let fine = (StatusCode::CREATED, Ok::<_, Error>("made")).into_response();
    assert_eq!(fine.status(), 201);
}

#[middleware]
async fn log(request: &mut Request, next: Next<'_>) -> Response {
    let response = next.run(request).await;
    ([("x-log", format!("{} {}", request.method(), request.path()))], response).into_response()
}

struct Eager;

impl<S: Sync> Middleware<S> for Eager {
    fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        _: &'a S,
        next: Next<'a, C>,
    ) -> impl Future<Output = Response> + Send + 'a {
        assert!(!request.headers().contains_key("x-panic"), "before there is a future");
        async move { next.run(request).await }
    }
}

#[tokio::test]
async fn a_panic_anywhere_is_a_500() {
    let app = App::new(routes![len].wrap(Eager));
    assert_eq!(Client::new(app).post("/len").header("x-panic", "1").send().await.status(), 500);
    // What is around the one that catches it goes on.
    let app = App::new(routes![len].wrap(Eager).wrap(CatchPanic).wrap(log));
    let reply = Client::new(app).post("/len").header("x-panic", "1").send().await;
    assert_eq!((reply.status().as_u16(), reply.header("x-log")), (500, Some("POST /len")));
    let hook = App::new(routes![len]).on_error(|_, _| panic!("in the hook"));
    assert_eq!(Client::new(hook).get("/nowhere").send().await.status(), 500);
}

#[tokio::test]
async fn middleware_still_sees_what_was_asked_when_a_layer_has_taken_the_request() {
    let app = App::new(routes![len].layer(RequestBodyLimitLayer::new(3))).wrap(log);
    let reply = Client::new(app).post("/len").body("abc").send().await;
    assert_eq!(reply.header("x-log"), Some("POST /len"));
}

#[tokio::test]
async fn a_path_built_from_a_value_names_no_host() {
    #[get("/{*path}")]
    async fn all(path: &str) -> Redirect {
        Redirect::to(&all::uri(path))
    }

    assert_eq!(all::uri("/evil.example/x"), "/%2Fevil.example/x");
    let reply = Client::new(App::new(routes![all])).get("//evil.example/x").send().await;
    assert_eq!(reply.header("location"), Some("/%2Fevil.example/x"));
}

#[tokio::test]
async fn a_state_may_be_shared_with_the_rest_of_the_program() {
    #[derive(State)]
    struct Shared {
        name: String,
    }

    #[get("/name")]
    async fn name(State(name): State<&String>) -> String {
        name.clone()
    }

    let state = Arc::new(Shared { name: "ours".to_owned() });
    let app = App::new(routes![name]).shared_state(Arc::clone(&state));
    assert_eq!(Client::new(app).get("/name").send().await.text().await, "ours");
    assert_eq!(state.name, "ours");
}
