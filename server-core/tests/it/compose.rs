//! Sets made of sets: prefixes, spreads, sets that configuration leaves out, fallbacks, and the list of what there is.

use waypost::http::{Method, StatusCode};
use waypost::test::Client;
use waypost::{App, Head, Path, Route, Routes, RoutesExt, fallback, get, post, routes};

use crate::support::{ask, get, says};

#[get("/leaf/{z}")]
async fn leaf(z: u8, all: Path<(u8, String, u8)>) -> String {
    let Path((x, y, last)) = all;
    assert_eq!(z, last);
    format!("{x} {y} {z}")
}

#[get("/leaf")]
async fn own_only(route: &Route) -> String {
    format!("at {}", route.path())
}

#[get("")]
async fn itself() -> &'static str {
    "the prefix itself"
}

#[get("/")]
async fn slash() -> &'static str {
    "the prefix and a slash"
}

#[get("/a")]
async fn a() -> &'static str {
    "a"
}

#[post("/b")]
async fn b() -> &'static str {
    "b"
}

mod inner {
    use super::*;

    pub(super) fn deep() -> impl Routes<()> {
        routes!["/three" => ["/{y}" => [leaf, own_only, itself]]]
    }

    pub(super) fn generic<S: Send + Sync + 'static>() -> impl Routes<S> {
        routes![a, b]
    }
}

#[tokio::test]
async fn a_prefix_and_its_slash_are_two_paths() {
    fn both<S: Send + Sync + 'static>() -> impl Routes<S> {
        fn one<S: Send + Sync + 'static>() -> impl Routes<S> {
            routes![itself]
        }
        routes![..one(), slash]
    }
    fn list<S: Send + Sync + 'static>() -> impl Routes<S> {
        routes![itself, slash]
    }
    let app = || App::new(routes!["/one" => [..both()], "/two" => [..list()]]);
    for prefix in ["/one", "/two"] {
        assert_eq!(get(app(), prefix).await, says(200, "the prefix itself"));
        assert_eq!(get(app(), &format!("{prefix}/")).await, says(200, "the prefix and a slash"));
    }
}

#[tokio::test]
async fn prefixes_nest_to_any_depth() {
    let app = || App::new(routes!["/one" => ["/{x}" => ["/two" => [..inner::deep()]]], a]);
    assert_eq!(get(app(), "/one/1/two/three/y/leaf/3").await, says(200, "1 y 3"));
    assert_eq!(get(app(), "/one/1/two/three/%C3%BC/leaf/3").await, says(200, "1 ü 3"));
    assert_eq!(get(app(), "/one/1/two/three/y/leaf/x").await.0, 400);
    assert_eq!(get(app(), "/one/1/two/three/y/leaf").await, says(200, "at /one/{x}/two/three/{y}/leaf"));
    assert_eq!(get(app(), "/one/1/two/three/y").await, says(200, "the prefix itself"));
    assert_eq!(get(app(), "/one/1/two/three/y/").await.0, 404);
    assert_eq!(get(app(), "/two/three/y").await.0, 404);
    assert_eq!(get(app(), "/a").await, says(200, "a"));
}

#[tokio::test]
async fn an_empty_path_is_the_prefix_and_at_the_top_the_root() {
    let app = || App::new(routes!["/x" => [itself], "/y" => [slash], "/z" => [itself, slash]]);
    assert_eq!(get(app(), "/x").await, says(200, "the prefix itself"));
    assert_eq!(get(app(), "/x/").await.0, 404);
    assert_eq!(get(app(), "/y/").await, says(200, "the prefix and a slash"));
    assert_eq!(get(app(), "/y").await.0, 404);
    assert_eq!(get(app(), "/z").await, says(200, "the prefix itself"));
    assert_eq!(get(app(), "/z/").await, says(200, "the prefix and a slash"));
    assert_eq!(get(App::new(routes![itself]), "/").await, says(200, "the prefix itself"));
}

#[tokio::test]
async fn one_prefix_may_be_given_twice_and_one_set_in_two_places() {
    let app = || {
        App::new(
            routes!["/x" => [a], "/x" => [b], "/v1" => [..inner::generic()], "/v2" => [..inner::generic()]],
        )
    };
    assert_eq!(get(app(), "/x/a").await, says(200, "a"));
    assert_eq!(ask(app(), Method::POST, "/x/b").await, says(200, "b"));
    assert_eq!(get(app(), "/v1/a").await, says(200, "a"));
    assert_eq!(ask(app(), Method::POST, "/v2/b").await, says(200, "b"));
}

#[tokio::test]
async fn a_set_may_be_left_out_when_the_program_starts() {
    let app = |on: bool| {
        let optional = on.then(|| routes!["/opt" => [a, b]]);
        let other = (!on).then(inner::generic);
        App::new(routes![slash, ..optional, "/other" => [..other], "/after" => [a]])
    };
    assert_eq!(get(app(true), "/opt/a").await, says(200, "a"));
    assert_eq!(get(app(false), "/opt/a").await.0, 404);
    assert_eq!(get(app(true), "/other/a").await.0, 404);
    assert_eq!(get(app(false), "/other/a").await, says(200, "a"));
    for on in [true, false] {
        assert_eq!(get(app(on), "/after/a").await, says(200, "a"));
        assert_eq!(get(app(on), "/").await, says(200, "the prefix and a slash"));
        assert_eq!(app(on).routes().len(), 4);
    }
}

#[tokio::test]
async fn lists_may_be_empty() {
    assert_eq!(get(App::new(routes![]), "/").await.0, 404);
    let app = || App::new(routes!["/x" => [], ..routes![], a, "/y" => ["/z" => []]]);
    assert_eq!(get(app(), "/a").await, says(200, "a"));
    assert_eq!(get(app(), "/x").await.0, 404);
    assert_eq!(app().routes().len(), 1);
}

#[tokio::test]
async fn items_may_depend_on_cfg() {
    let app = || {
        App::new(routes![
            #[cfg(test)]
            a,
            #[cfg(not(test))]
            b,
            #[cfg(not(test))]
            "/x" => [a],
            #[cfg(not(test))]
            ..inner::generic(),
        ])
    };
    assert_eq!(get(app(), "/a").await, says(200, "a"));
    assert_eq!(app().routes().len(), 1);
}

#[fallback]
async fn lost(head: &Head) -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, format!("lost at {}", head.path()))
}

#[fallback(status = 404)]
fn api_lost(route: Option<&Route>) -> &'static str {
    if route.is_some() { "a route?" } else { "no such call" }
}

#[tokio::test]
async fn the_nearest_fallback_answers() {
    let api = || routes!["/api" => [a, b, "/v1" => [a], _ => api_lost]];
    let app = || App::new(routes![a, ..api(), _ => lost]);
    assert_eq!(get(app(), "/nowhere").await, says(404, "lost at /nowhere"));
    assert_eq!(get(app(), "/").await, says(404, "lost at /"));
    assert_eq!(get(app(), "/apix").await, says(404, "lost at /apix"));
    assert_eq!(get(app(), "/api/nowhere").await, says(404, "no such call"));
    assert_eq!(get(app(), "/api/v1/nowhere/deep").await, says(404, "no such call"));
    assert_eq!(get(app(), "/api").await, says(404, "no such call"));
    assert_eq!(get(app(), "/api/").await, says(404, "no such call"));
    assert_eq!(ask(app(), Method::DELETE, "/nowhere").await, says(404, "lost at /nowhere"));
    assert_eq!(get(app(), "/api/a").await, says(200, "a"));
}

#[tokio::test]
async fn another_method_of_a_known_path_is_no_matter_of_the_fallback() {
    let app = || App::new(routes![a, "/api" => [b, _ => api_lost], _ => lost]);
    assert_eq!(ask(app(), Method::PUT, "/a").await.0, 405);
    assert_eq!(get(app(), "/api/b").await.0, 405);
    assert_eq!(ask(app(), Method::OPTIONS, "/api/b").await.0, 204);
}

#[tokio::test]
async fn without_a_fallback_of_the_app_there_is_the_404_problem() {
    let reply = Client::new(App::new(routes!["/api" => [a, _ => api_lost]])).get("/x").send().await;
    assert_eq!(reply.status(), 404);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
}

#[test]
fn the_app_lists_its_routes() {
    let here = line!() - 1;
    let app =
        App::new(routes![a, "/x" => [b, ..inner::deep().trailing_slash(Default::default())], _ => lost]);
    let told: Vec<_> = app
        .routes()
        .iter()
        .map(|route| (route.methods().collect::<Vec<_>>().join("|"), route.path(), route.handler()))
        .collect();
    let module = module_path!();
    assert_eq!(
        told,
        [
            ("GET".to_owned(), "/a", &*format!("{module}::a")),
            ("POST".to_owned(), "/x/b", &*format!("{module}::b")),
            ("GET".to_owned(), "/x/three/{y}/leaf/{z}", &*format!("{module}::leaf")),
            ("GET".to_owned(), "/x/three/{y}/leaf", &*format!("{module}::own_only")),
            ("GET".to_owned(), "/x/three/{y}", &*format!("{module}::itself")),
            ("ANY".to_owned(), "", &*format!("{module}::lost")),
        ]
    );
    for route in app.routes() {
        assert_eq!(route.file(), file!());
        assert!(route.line() > 0 && route.line() < here, "{route:?}");
        assert_eq!(route.is_fallback(), route.handler().ends_with("lost"));
    }
    let first = &app.routes()[0];
    let shown = format!("GET /a → {module}::a ({}:{})", file!(), first.line());
    assert_eq!(first.to_string(), shown);
    assert_ne!(first.line(), app.routes()[1].line());
}
