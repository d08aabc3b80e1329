//! Trailing slashes: exact, redirected or ignored.

use waypost::http::Method;
use waypost::test::Client;
use waypost::{App, Routes, RoutesExt, TrailingSlash, get, post, routes};

use crate::support::{ask, get, says};

#[get("/users")]
async fn users() -> &'static str {
    "users"
}

#[post("/users")]
async fn create() -> &'static str {
    "created"
}

#[get("/users/{id}")]
async fn user(id: &str) -> String {
    format!("user [{id}]")
}

#[get("/dir/")]
async fn dir() -> &'static str {
    "dir"
}

#[get("/straße")]
async fn street() -> &'static str {
    "street"
}

#[get("/files/{*path}")]
async fn files(path: &str) -> String {
    format!("file [{path}]")
}

fn with(policy: TrailingSlash) -> App<impl Routes<()>> {
    App::new(routes![users, create, user, dir, street, files].trailing_slash(policy))
}

/// Status and `Location`.
async fn redirect(app: App<impl Routes<()>>, method: Method, target: &str) -> (u16, Option<String>) {
    let reply = Client::new(app).request(method, target).send().await;
    (reply.status().as_u16(), reply.header("location").map(str::to_owned))
}

#[tokio::test]
async fn a_slash_counts_unless_told_otherwise() {
    let app = || App::new(routes![users, create, user, dir]);
    for target in ["/users/", "/users/7/", "/dir"] {
        assert_eq!(redirect(app(), Method::GET, target).await, (404, None), "{target}");
        let strict = with(TrailingSlash::Strict);
        assert_eq!(redirect(strict, Method::GET, target).await, (404, None), "{target}");
    }
    assert_eq!(get(app(), "/dir/").await, says(200, "dir"));
}

#[tokio::test]
async fn redirects_to_the_routes_own_form() {
    for (target, location) in [
        ("/users/", "/users"),
        ("/users/7/", "/users/7"),
        ("/dir", "/dir/"),
        ("/users/?", "/users?"),
        ("/users/?a=1&b=%20", "/users?a=1&b=%20"),
        ("/dir?/", "/dir/?/"),
        ("/users/a%2Fb/", "/users/a%2Fb"),
        ("/stra%C3%9Fe/", "/stra%C3%9Fe"),
    ] {
        let found = redirect(with(TrailingSlash::Redirect), Method::GET, target).await;
        assert_eq!(found, (308, Some(location.to_owned())), "{target}");
    }
    let found = redirect(with(TrailingSlash::Redirect), Method::POST, "/users/").await;
    assert_eq!(found, (308, Some("/users".to_owned())));
}

#[tokio::test]
async fn does_not_redirect_what_would_lead_nowhere() {
    for target in ["/nothing/", "/users//", "/users/7/x/", "/users/7//", "/"] {
        let found = redirect(with(TrailingSlash::Redirect), Method::GET, target).await;
        assert_eq!(found, (404, None), "{target}");
    }
}

/// `Location: //evil.example` would be another host.
#[tokio::test]
async fn never_redirects_to_another_host() {
    #[get("/{a}/{b}")]
    fn two(a: &str, b: &str) -> String {
        format!("{a} {b}")
    }

    #[get("/{a}")]
    fn one(a: &str) -> String {
        a.to_owned()
    }

    #[get("/")]
    fn root() {}

    #[get("/{a}/{b}/{*rest}")]
    fn more(a: &str, b: &str, rest: &str) -> String {
        format!("{a} {b} {rest}")
    }

    for target in [
        "//evil.example",
        "//evil.example/",
        "//evil.example/users/",
        "///evil.example/",
        "/%2Fevil.example/",
        "/%2F/evil.example/",
        "/\\evil.example/",
        "//",
        "/%5Cevil.example/",
        "http://evil.example//evil.example/",
    ] {
        let Ok(uri) = target.parse::<waypost::http::Uri>() else { continue };
        let app = App::new(routes![root, one, two, more].trailing_slash(TrailingSlash::Redirect));
        let mut request = waypost::http::Request::new(waypost::Body::empty());
        *request.uri_mut() = uri;
        let reply = Client::new(app).send(request).await;
        let location = reply.header("location").unwrap_or("/x");
        assert!(location.starts_with('/'), "{target} → {location}");
        assert!(!location[1..].starts_with(['/', '\\']), "{target} → {location}");
    }
}

#[tokio::test]
async fn ignores_the_slash() {
    let app = || with(TrailingSlash::Ignore);
    assert_eq!(get(app(), "/users/").await, says(200, "users"));
    assert_eq!(get(app(), "/users").await, says(200, "users"));
    assert_eq!(ask(app(), Method::POST, "/users/").await, says(200, "created"));
    assert_eq!(get(app(), "/users/7/").await, says(200, "user [7]"));
    assert_eq!(get(app(), "/dir").await, says(200, "dir"));
    assert_eq!(get(app(), "/users//").await.0, 404);
    assert_eq!(get(app(), "/files/a/").await, says(200, "file [a/]"));
}

#[tokio::test]
async fn a_method_that_is_not_there_is_so_with_either_form() {
    let reply = Client::new(with(TrailingSlash::Ignore)).delete("/users/").send().await;
    assert_eq!(reply.status(), 405);
    assert!(reply.header("allow").unwrap().contains("POST"));
}

#[tokio::test]
async fn a_route_for_the_other_form_wins() {
    #[get("/both")]
    fn without() -> &'static str {
        "without"
    }

    #[get("/both/")]
    fn with_slash() -> &'static str {
        "with"
    }

    for policy in [TrailingSlash::Strict, TrailingSlash::Redirect, TrailingSlash::Ignore] {
        let app = || App::new(routes![without, with_slash].trailing_slash(policy));
        assert_eq!(get(app(), "/both").await, says(200, "without"));
        assert_eq!(get(app(), "/both/").await, says(200, "with"));
    }
}

#[tokio::test]
async fn the_policy_is_of_its_set_alone() {
    fn inner() -> impl Routes<()> {
        routes![users, user].trailing_slash(TrailingSlash::Ignore)
    }

    let app = || App::new(routes![dir, "/api" => [..inner()]].trailing_slash(TrailingSlash::Redirect));
    assert_eq!(get(app(), "/api/users/").await, says(200, "users"));
    assert_eq!(redirect(app(), Method::GET, "/dir").await, (308, Some("/dir/".to_owned())));
    let app =
        || App::new(routes![dir, "/api" => [..RoutesExt::trailing_slash(inner(), TrailingSlash::Strict)]]);
    assert_eq!(get(app(), "/dir").await.0, 404);
}
