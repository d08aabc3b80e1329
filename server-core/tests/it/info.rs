//! What is known of a request besides its content, and what middleware handed on.

use waypost::http::{HeaderMap, Method, Uri, Version};
use waypost::test::Client;
use waypost::{App, ClientAddr, Extension, Head, Next, Request, Response, Route, get, middleware, routes};

use crate::support::{get, problem, says};

#[expect(clippy::too_many_arguments, reason = "one of each kind")]
#[get("/info/{x}")]
async fn info(
    method: Method,
    by_ref: &Method,
    uri: &Uri,
    owned: Uri,
    headers: &HeaderMap,
    version: Version,
    head: &Head,
    route: &Route,
    x: u8,
) -> String {
    assert_eq!((&method, uri), (by_ref, &owned));
    assert_eq!(head.headers(), headers);
    format!("{method} {uri} {version:?} {} {} {x} {:?}", headers.len(), route.path(), head.query())
}

#[get("/addr")]
async fn addr(addr: Option<ClientAddr>) -> String {
    addr.map_or("unknown".to_owned(), |addr| format!("{} {}", addr.0, addr.ip()))
}

#[tokio::test]
async fn what_is_known_of_a_request() {
    let app = App::new(routes!["/p" => [info], addr]);
    let expected = "GET /p/info/7?a=b HTTP/1.1 1 /p/info/{x} 7 Some(\"a=b\")";
    assert_eq!(get(app.clone(), "/p/info/7?a=b").await, says(200, expected));
    assert_eq!(get(app.clone(), "/addr").await, says(200, "unknown"));
    let client = Client::new(app).with_address("[::1]:80".parse().unwrap());
    assert_eq!(client.get("/addr").send().await.text().await, "[::1]:80 ::1");
}

#[derive(Clone)]
struct Number(u8);

#[middleware]
async fn numbered(request: &mut Request, next: Next<'_>) -> Response {
    request.extensions_mut().insert(Number(7));
    next.run(request).await
}

#[get("/extension")]
async fn extension(Extension(number): Extension<&Number>) -> String {
    number.0.to_string()
}

#[get("/extension/maybe")]
async fn maybe_extension(number: Option<Extension<&Number>>) -> String {
    number.map_or(0, |number| number.0.0).to_string()
}

#[tokio::test]
async fn what_middleware_handed_on() {
    let with = || App::new(routes![extension, maybe_extension].wrap(numbered));
    let without = || App::new(routes![extension, maybe_extension]);
    assert_eq!(get(with(), "/extension").await, says(200, "7"));
    assert_eq!(get(with(), "/extension/maybe").await, says(200, "7"));
    assert_eq!(get(without(), "/extension/maybe").await, says(200, "0"));
    let reply = Client::new(without()).get("/extension").send().await;
    let problem = problem(reply, 500).await;
    assert!(!problem.to_string().contains("Number"), "{problem}");
}
