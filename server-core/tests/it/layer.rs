//! tower layers around sets of routes and around the app.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use http_body_util::Full;
use tower::limit::ConcurrencyLimitLayer;
use tower::timeout::TimeoutLayer;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_http::set_header::{SetRequestHeaderLayer, SetResponseHeaderLayer};
use waypost::http::{HeaderName, HeaderValue, Request};
use waypost::test::Client;
use waypost::{App, Body, Bytes, Response, Route, Routes, RoutesExt, State, get, post, routes};

use crate::support::{get, problem, says, seen};

#[post("/echo")]
async fn echo(body: Body) -> Body {
    body
}

fn marked(value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::appending(HeaderName::from_static("x-layer"), HeaderValue::from_static(value))
}

#[get("/below/{id}")]
async fn below(
    id: u32,
    State(word): State<&&'static str>,
    route: &Route,
    #[header("x-in")] entered: Option<&str>,
) -> String {
    format!("{id} {word} {} {entered:?}", route.path())
}

#[tokio::test]
async fn a_layer_around_a_set() {
    let layer =
        SetRequestHeaderLayer::overriding(HeaderName::from_static("x-in"), HeaderValue::from_static("yes"));
    let set = routes!["/set/{x}" => [below]].layer(marked("inner")).layer(layer).layer(marked("outer"));
    let client = Client::new(App::new(routes![..set, below]).state("state"));
    let reply = client.get("/set/%C3%BC/below/%37").send().await;
    let layers: Vec<_> = reply.headers().get_all("x-layer").iter().collect();
    assert_eq!(layers, ["inner", "outer"]);
    assert_eq!(reply.text().await, "7 state /set/{x}/below/{id} Some(\"yes\")");
    let reply = client.get("/below/8").send().await;
    assert_eq!(reply.header("x-layer"), None);
    assert_eq!(reply.text().await, "8 state /below/{id} None");
    assert_eq!(client.get("/set/x/nothing").send().await.header("x-layer"), None);
}

#[tokio::test]
async fn a_layer_around_an_opaque_set_and_around_the_app() {
    fn opaque() -> impl Routes<&'static str> {
        routes![below]
    }

    let app = App::new(routes!["/a" => [..opaque().layer(marked("set"))]]).layer(marked("app")).state("s");
    let client = Client::new(app);
    let reply = client.get("/a/below/1").send().await;
    assert_eq!(reply.headers().get_all("x-layer").iter().collect::<Vec<_>>(), ["set", "app"]);
    assert_eq!(reply.text().await, "1 s /a/below/{id} None");
    let reply = client.get("/nowhere").send().await;
    assert_eq!(reply.header("x-layer"), Some("app"));
    problem(reply, 404).await;
}

#[tokio::test]
async fn bodies_and_limits_pass_through_a_layer() {
    #[post("/read", body_limit = 3)]
    async fn read(body: String) -> String {
        body
    }

    let app = App::new(routes![read, echo].layer(marked("x"))).body_limit(5);
    let client = Client::new(app);
    assert_eq!(seen(client.post("/read").body("abc").send().await).await, says(200, "abc"));
    assert_eq!(client.post("/read").body("abcd").send().await.status(), 413);
    let stream = futures_util::stream::iter(["a", "b"].map(Ok::<_, Infallible>));
    let reply = client.post("/echo").body(Body::from_stream(stream)).send().await;
    assert_eq!(reply.text().await, "ab");
    let mut reply = client.post("/echo").body("abcdef").send().await;
    assert!(reply.chunk().await.is_err());
}

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[get("/busy")]
async fn busy() {
    MOST.fetch_max(RUNNING.fetch_add(1, SeqCst) + 1, SeqCst);
    tokio::time::sleep(Duration::from_secs(1)).await;
    RUNNING.fetch_sub(1, SeqCst);
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit_holds_over_all_requests() {
    let app = App::new(routes![busy].layer(ConcurrencyLimitLayer::new(3)));
    let calls = (0..10).map(|_| {
        let app = app.clone();
        tokio::spawn(async move { get(app, "/busy").await.0 })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), 200);
    }
    assert_eq!(MOST.load(SeqCst), 3);
}

#[get("/never")]
async fn never() {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_layers_own_error_is_a_500_that_hides_it() {
    let stack =
        ServiceBuilder::new().layer(marked("stack")).layer(TimeoutLayer::new(Duration::from_millis(10)));
    let client = Client::new(App::new(routes![never]).layer(stack));
    let reply = client.get("/never").send().await;
    let problem = problem(reply, 500).await;
    assert!(!problem.to_string().contains("timed out"), "{problem}");
}

#[tokio::test]
async fn a_layer_that_answers_by_itself_or_drops_the_way() {
    let answers = tower::layer::layer_fn(|_| {
        service_fn(|_: Request<Body>| async {
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("itself"))))
        })
    });
    assert_eq!(get(App::new(routes![echo].layer(answers)), "/echo").await, says(200, "itself"));
    assert_eq!(get(App::new(routes![echo].layer(answers)), "/nowhere").await.0, 404);
    let reply = Client::new(App::new(routes![echo].layer(answers))).post("/echo").send().await;
    assert_eq!(seen(reply).await, says(200, "itself"));

    let forgets = tower::layer::layer_fn(|inner: waypost::Rest| {
        inner.map_request(|request: Request<Body>| Request::new(request.into_body()))
    });
    let reply = Client::new(App::new(routes![echo].layer(forgets))).post("/echo").send().await;
    problem(reply, 500).await;
}

#[tokio::test]
async fn an_error_hook_sees_through_a_layer() {
    let app = App::new(routes![below].layer(marked("x"))).layer(marked("y")).state("s");
    let client = Client::new(app.on_error(|_, mut response| {
        response.headers_mut().insert("x-hook", HeaderValue::from_static("seen"));
        response
    }));
    for target in ["/below/x", "/nowhere"] {
        assert_eq!(client.get(target).send().await.header("x-hook"), Some("seen"), "{target}");
    }
}
