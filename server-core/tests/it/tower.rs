//! tower both ways: an app as a service, services and layers inside an app.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tower::limit::ConcurrencyLimitLayer;
use tower::timeout::TimeoutLayer;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_http::services::ServeDir;
use tower_http::set_header::{SetRequestHeaderLayer, SetResponseHeaderLayer};
use waypost::http::{self, HeaderName, HeaderValue, Request};
use waypost::test::Client;
use waypost::{
    App, Body, Bytes, ClientAddr, Peer, Respond, Response, Route, Routes, RoutesExt, State, get, mount, post, routes,
};

use crate::support::{get, problem, says, seen};

#[get("/hello/{name}")]
async fn hello(name: &str, State(greeting): State<&&'static str>) -> String {
    format!("{greeting}, {name}")
}

#[post("/echo")]
async fn echo(body: Body) -> Body {
    body
}

fn app() -> App<impl Routes<&'static str>, &'static str> {
    App::new(routes![hello, echo]).state("Salam")
}

/// One request over a socket, by a client that is not ours.
async fn over_socket(address: std::net::SocketAddr, request: Request<Full<Bytes>>) -> (u16, String) {
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    drop(sender);
    connection.await.unwrap().unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn requests() -> [(Request<Full<Bytes>>, (u16, &'static str)); 3] {
    let request = |method, target, body: &'static str| {
        let request = Request::builder().method(method).uri(target).header("host", "a");
        request.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap()
    };
    [
        (request("GET", "/hello/zo%C3%AB?x", ""), (200, "Salam, zoë")),
        (request("POST", "/echo", "to and fro"), (200, "to and fro")),
        (request("GET", "/nowhere", ""), (404, r#"{"title":"Not Found","status":404}"#)),
    ]
}

async fn listen() -> (TcpListener, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[tokio::test]
async fn an_app_under_axums_server() {
    let (listener, address) = listen().await;
    let to_axum = |response: Response| response.map(axum::body::Body::new);
    let service = ServiceBuilder::new().map_response(to_axum).service(app());
    let server = tokio::spawn(axum::serve(listener, tower::make::Shared::new(service)).into_future());
    for (request, (status, text)) in requests() {
        assert_eq!(over_socket(address, request).await, says(status, text));
    }
    server.abort();
}

#[tokio::test]
async fn an_app_in_an_axum_router() {
    let (listener, address) = listen().await;
    let router = axum::Router::new().route("/axum", axum::routing::get(|| async { "axum" })).fallback_service(app());
    let server = tokio::spawn(axum::serve(listener, router).into_future());
    for (request, (status, text)) in requests() {
        assert_eq!(over_socket(address, request).await, says(status, text));
    }
    server.abort();
}

#[tokio::test]
async fn an_app_under_plain_hyper() {
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = hyper::service::service_fn(|request| {
                let mut app = app();
                tower::Service::call(&mut app, request)
            });
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
                .unwrap();
        }
    });
    for (request, (status, text)) in requests() {
        assert_eq!(over_socket(address, request).await, says(status, text));
    }
    server.abort();
}

#[tokio::test]
async fn a_services_peer_comes_with_the_request() {
    #[get("/addr")]
    async fn addr(addr: ClientAddr) -> String {
        addr.0.to_string()
    }

    let request = || Request::builder().uri("/addr");
    let peer = Peer::new(Some("1.2.3.4:5".parse().unwrap()));
    let answer = App::new(routes![addr]).oneshot(request().extension(peer).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.unwrap().into_body().bytes().await.unwrap(), "1.2.3.4:5");
    let answer = App::new(routes![addr]).oneshot(request().body(Full::new(Bytes::new())).unwrap()).await;
    assert_eq!(answer.unwrap().status(), 500);
}

fn router() -> axum::Router {
    axum::Router::new()
        .route("/", axum::routing::get(|| async { "axum's root" }))
        .route(
            "/users/{id}",
            axum::routing::get(
                |axum::extract::Path(id): axum::extract::Path<String>, uri: http::Uri| async move {
                    format!("{id} {uri}")
                },
            ),
        )
        .route("/echo", axum::routing::post(|body: String| async move { body }))
}

#[tokio::test]
async fn an_axum_router_under_a_prefix() {
    let app = || App::new(routes![hello, "/{who}/axum" => [..mount(router())]]).state("Hi");
    assert_eq!(get(app(), "/x/axum/users/7?a=b").await, says(200, "7 /users/7?a=b"));
    assert_eq!(get(app(), "/x/axum/users/a%2Fb").await, says(200, "a/b /users/a%2Fb"));
    assert_eq!(get(app(), "/x/axum").await, says(200, "axum's root"));
    assert_eq!(get(app(), "/x/axum/").await, says(200, "axum's root"));
    assert_eq!(get(app(), "/x/axum/nothing").await, says(404, ""));
    assert_eq!(get(app(), "/x/axumen").await.0, 404);
    assert_eq!(get(app(), "/hello/you").await, says(200, "Hi, you"));
    let client = Client::new(app());
    assert_eq!(seen(client.post("/x/axum/echo").body("abc").send().await).await, says(200, "abc"));
    assert_eq!(client.delete("/x/axum/users/7").send().await.status(), 405);
}

#[tokio::test]
async fn files_under_a_prefix() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    let client = Client::new(App::new(routes!["/files" => [..mount(ServeDir::new(root))]]));
    let reply = client.get("/files/support.rs").send().await;
    assert_eq!(reply.header("content-type"), Some("text/x-rust"));
    assert_eq!(reply.text().await, include_str!("support.rs"));
    let reply = client.get("/files/support.rs").header("range", "bytes=0-3").send().await;
    assert_eq!((reply.status().as_u16(), &*reply.text().await), (206, "//! "));
    for target in ["/files/nothing.rs", "/files/../tidy.rs", "/files/%2E%2E/tidy.rs", "/files/..%2Ftidy.rs", "/file"] {
        assert_eq!(client.get(target).send().await.status(), 404, "{target}");
    }
    assert_eq!(client.head("/files/support.rs").send().await.text().await, "");
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
    let layer = SetRequestHeaderLayer::overriding(HeaderName::from_static("x-in"), HeaderValue::from_static("yes"));
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

#[tokio::test(start_paused = true)]
async fn a_layers_own_error_is_a_500_that_hides_it() {
    let stack = ServiceBuilder::new().layer(marked("stack")).layer(TimeoutLayer::new(Duration::from_millis(10)));
    let client = Client::new(App::new(routes![busy]).layer(stack));
    let reply = client.get("/busy").send().await;
    let problem = problem(reply, 500).await;
    assert!(!problem.to_string().contains("timed out"), "{problem}");
    RUNNING.store(0, SeqCst);
}

#[tokio::test]
async fn a_layer_that_answers_by_itself_or_drops_the_way() {
    let answers = tower::layer::layer_fn(|_| {
        service_fn(|_: Request<Body>| async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("itself")))) })
    });
    assert_eq!(get(App::new(routes![echo].layer(answers)), "/echo").await.0, 405);
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

#[tokio::test]
async fn an_app_is_mounted_in_an_app() {
    let app = App::new(routes!["/v1" => [..mount(app())], "/v2" => [..mount(app().layer(marked("v2")))]]);
    assert_eq!(get(app.clone(), "/v1/hello/you").await, says(200, "Salam, you"));
    let answer = app.respond(Request::get("/v2/hello/you").body(Body::empty()).unwrap(), &Peer::default()).await;
    assert_eq!(answer.headers()["x-layer"], "v2");
}
