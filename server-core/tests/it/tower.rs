//! tower both ways: an app as a service, and services inside an app.

use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use waypost::http::{self, HeaderName, HeaderValue, Request};
use waypost::test::Client;
use waypost::{
    App, Body, Bytes, ClientAddr, Peer, Respond, Response, Routes, State, get, mount, post, routes,
};

use crate::support::{get, says, seen};

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

/// A request, and the answer to it.
type Exchange = (Request<Full<Bytes>>, (u16, &'static str));

fn requests() -> [Exchange; 3] {
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
    let router =
        axum::Router::new().route("/axum", axum::routing::get(|| async { "axum" })).fallback_service(app());
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
    let answer =
        App::new(routes![addr]).oneshot(request().extension(peer).body(Body::empty()).unwrap()).await;
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

/// As services of gRPC want it, which are called by their names.
#[tokio::test]
async fn a_service_that_sees_its_prefix() {
    let target = || {
        tower::service_fn(|request: Request<Body>| async move {
            let target = request.uri().to_string();
            Ok::<_, std::convert::Infallible>(Response::new(Body::from(target)))
        })
    };
    let kept = mount(target()).keep_prefix();
    let client =
        Client::new(App::new(routes!["/a.B" => [..kept], "/{x}/c" => [..mount(target()).keep_prefix()]]));
    assert_eq!(client.post("/a.B/Call?q=%20").send().await.text().await, "/a.B/Call?q=%20");
    assert_eq!(client.get("/a.B").send().await.text().await, "/a.B");
    assert_eq!(client.get("/x%20y/c/d").send().await.text().await, "/x%20y/c/d");
    assert_eq!(client.get("/a.Bc/Call").send().await.status(), 404);
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
    for target in
        ["/files/nothing.rs", "/files/../tidy.rs", "/files/%2E%2E/tidy.rs", "/files/..%2Ftidy.rs", "/file"]
    {
        assert_eq!(client.get(target).send().await.status(), 404, "{target}");
    }
    assert_eq!(client.head("/files/support.rs").send().await.text().await, "");
}

#[tokio::test]
async fn an_app_is_mounted_in_an_app() {
    let (name, value) = (HeaderName::from_static("x-layer"), HeaderValue::from_static("v2"));
    let layer = SetResponseHeaderLayer::overriding(name, value);
    let app = App::new(routes!["/v1" => [..mount(app())], "/v2" => [..mount(app().layer(layer))]]);
    assert_eq!(get(app.clone(), "/v1/hello/you").await, says(200, "Salam, you"));
    let answer =
        app.respond(Request::get("/v2/hello/you").body(Body::empty()).unwrap(), &Peer::default()).await;
    assert_eq!(answer.headers()["x-layer"], "v2");
}
