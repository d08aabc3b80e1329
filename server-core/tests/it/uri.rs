//! Paths of routes as an app has them, prefixes included.

use waypost::{
    App, BodyLimit, Redirect, Route, Routes, RoutesExt, TrailingSlash, fallback, get, post, routes,
};

use crate::support::{get, says};

#[get("/users/{id}")]
async fn show(id: u64) -> String {
    id.to_string()
}

#[get("")]
async fn index() {}

#[get("/")]
async fn slash() {}

#[get("/{routes}/{*info}")]
async fn odd(routes: &str, info: &str) -> String {
    format!("{routes} {info}")
}

#[post("/users")]
async fn create(routes: &[Route]) -> waypost::Result<Redirect> {
    Ok(Redirect::to(&show::uri_in(routes, 7)?))
}

#[fallback]
async fn missing() {}

fn api() -> impl Routes<()> {
    routes!["/v1" => [show, index, create, slash, _ => missing]]
}

#[test]
fn a_path_has_the_prefixes_of_its_route() {
    let app = App::new(
        routes!["/a b" => [..api().wrap(BodyLimit::new(1)).trailing_slash(TrailingSlash::Ignore)], odd],
    );
    assert_eq!(show::uri_in(app.routes(), 7).unwrap(), "/a%20b/v1/users/7");
    assert_eq!(index::uri_in(app.routes()).unwrap(), "/a%20b/v1");
    assert_eq!(slash::uri_in(app.routes()).unwrap(), "/a%20b/v1/");
    assert_eq!(odd::uri_in(app.routes(), "/", "b/ü").unwrap(), "/%2F/b/%C3%BC");
}

#[test]
fn without_a_prefix_it_is_the_routes_own() {
    let app = App::new(routes![show, index]);
    assert_eq!(show::uri_in(app.routes(), 7).unwrap(), show::uri(7));
    assert_eq!((index::uri_in(app.routes()).unwrap(), index::uri()), ("/".to_owned(), String::new()));
}

#[tokio::test]
async fn a_handler_can_ask_for_it() {
    let app = App::new(routes!["/api" => [..api()]]);
    let reply = waypost::test::Client::new(app.clone()).post("/api/v1/users").send().await;
    assert_eq!((reply.status().as_u16(), reply.header("location")), (303, Some("/api/v1/users/7")));
    assert_eq!(get(app, "/api/v1/users/7").await, says(200, "7"));
}

#[test]
fn a_route_that_is_not_there_has_none() {
    let app = App::new(routes![index, ..Some(routes![show]).filter(|_| false)]);
    let error = show::uri_in(app.routes(), 7).unwrap_err();
    assert_eq!(error.to_string(), format!("`{}::show` is none of these routes", module_path!()));
    assert_eq!(error.status(), 500);
}

#[test]
fn a_route_that_is_there_twice_is_found_among_fewer() {
    let app = App::new(routes!["/v1" => [show], "/v2" => [show]]);
    let error = show::uri_in(app.routes(), 7).unwrap_err().to_string();
    assert!(error.ends_with("is at `/v1/users/{id}` and at `/v2/users/{id}`: it has no one path"), "{error}");
    let second = app.routes().iter().filter(|route| route.path().starts_with("/v2/"));
    assert_eq!(show::uri_in(second, 7).unwrap(), "/v2/users/7");
}

#[test]
fn the_same_path_on_two_hosts_is_one_path() {
    let app = App::new(routes!["//a.example" => [show], "//b.example" => [show]]);
    assert_eq!(show::uri_in(app.routes(), 7).unwrap(), "/users/7");
}

#[test]
fn a_prefix_with_parameters_is_nobodys_to_fill() {
    let app = App::new(routes!["/{org}" => [show]]);
    let error = show::uri_in(app.routes(), 7).unwrap_err().to_string();
    assert!(error.ends_with("is at `/{org}/users/{id}`, beneath parameters that nobody gives"), "{error}");
}
