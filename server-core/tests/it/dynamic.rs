//! Routes known only when the program runs.

use waypost::http::{Method, StatusCode};
use waypost::test::Client;
use waypost::{App, DynamicRoutes, Json, State, get, routes};

use crate::support::{ask, get, members, says, seen};

#[get("/greet/{who}")]
async fn greet(who: &str) -> String {
    format!("static {who}")
}

#[get("/fixed")]
async fn fixed() -> &'static str {
    "fixed"
}

fn plugins() -> DynamicRoutes {
    let mut plugins = DynamicRoutes::new();
    plugins
        .add(Method::GET, "/hello/{name}", |call| async move {
            format!("hello {}", call.params.get("name").unwrap_or("nobody"))
        })
        .unwrap()
        .add(Method::POST, "/hello/{name}", |mut call| async move {
            let mut total = 0;
            while let Some(chunk) = call.request.body_mut().chunk().await? {
                total += chunk.len();
            }
            waypost::Result::<_>::Ok((StatusCode::CREATED, total.to_string()))
        })
        .unwrap()
        .add(Method::GET, "/files/{*path}", |call| async move {
            let all: Vec<_> = call.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
            all.join(",")
        })
        .unwrap();
    plugins
}

#[tokio::test]
async fn answer_like_any_other() {
    let app = || App::try_new(plugins()).unwrap();
    assert_eq!(get(app(), "/hello/you").await, says(200, "hello you"));
    assert_eq!(get(app(), "/hello/zo%C3%AB%2F").await, says(200, "hello zoë/"));
    assert_eq!(get(app(), "/files/a/b").await, says(200, "path=a/b"));
    assert_eq!(get(app(), "/nothing").await.0, 404);
    let reply = Client::new(app()).post("/hello/you").body("12345").send().await;
    assert_eq!(seen(reply).await, says(201, "5"));
    let reply = Client::new(app()).delete("/hello/you").send().await;
    assert_eq!(reply.status(), 405);
    assert_eq!(members(&reply, "allow"), ["GET", "HEAD", "OPTIONS", "POST"]);
    assert_eq!(ask(app(), Method::HEAD, "/hello/you").await, says(200, ""));
    assert_eq!(get(app(), "/hello/%FF").await.0, 400);
}

#[tokio::test]
async fn compose_with_others_and_see_the_prefixes_parameters() {
    let app =
        || App::try_new(routes![fixed, "/{tenant}/plugins" => [..plugins(), greet], ..plugins()]).unwrap();
    assert_eq!(get(app(), "/fixed").await, says(200, "fixed"));
    assert_eq!(get(app(), "/x/plugins/hello/you").await, says(200, "hello you"));
    assert_eq!(get(app(), "/x/plugins/greet/you").await, says(200, "static you"));
    assert_eq!(get(app(), "/x/plugins/files/f").await, says(200, "tenant=x,path=f"));
    assert_eq!(get(app(), "/hello/you").await, says(200, "hello you"));
}

#[derive(State)]
struct Site {
    name: String,
}

#[get("/name")]
async fn name(State(name): State<&String>) -> String {
    name.clone()
}

#[tokio::test]
async fn have_the_state() {
    let mut routes = DynamicRoutes::<Site>::new();
    routes.add(Method::GET, "/whose", |call| async move { Json(call.state.name.clone()) }).unwrap();
    let app = App::try_new(routes![name, ..routes]).unwrap().state(Site { name: "mine".to_owned() });
    assert_eq!(get(app.clone(), "/whose").await, says(200, "\"mine\""));
    assert_eq!(get(app, "/name").await, says(200, "mine"));
}

#[test]
fn a_clash_is_an_error_that_names_both() {
    let mut routes = DynamicRoutes::<()>::new();
    routes.add(Method::GET, "/greet/{name}", |_| async {}).unwrap();
    let here = line!() - 1;
    let error = App::try_new(routes![greet, ..routes]).unwrap_err().to_string();
    assert!(error.contains("GET /greet/{who}"), "{error}");
    assert!(error.contains("GET /greet/{name}"), "{error}");
    assert!(error.contains(&format!("{}:{here}", file!())), "{error}");
}

#[test]
fn clashes_among_themselves_are_found_too() {
    for (first, second) in [("/a", "/a"), ("/{x}", "/{*y}"), ("/a{x}", "/{y}b"), ("/%61", "/a")] {
        let mut routes = DynamicRoutes::<()>::new();
        routes.add(Method::GET, first, |_| async {}).unwrap();
        routes.add(Method::GET, second, |_| async {}).unwrap();
        assert!(App::try_new(routes).is_err(), "{first} {second}");
    }
}

#[test]
fn other_methods_and_other_kinds_of_segments_do_not_clash() {
    let mut routes = DynamicRoutes::<()>::new();
    for (method, path) in [
        (Method::GET, "/a"),
        (Method::POST, "/a"),
        (Method::GET, "/{x}"),
        (Method::PUT, "/{y}"),
        (Method::GET, "/a/{x}"),
        (Method::GET, "/a/{x}/b"),
        (Method::GET, "/b/{*rest}"),
        (Method::GET, "/{x}.txt"),
    ] {
        routes.add(method, path, |_| async {}).unwrap();
    }
    assert_eq!(App::try_new(routes).unwrap().routes().len(), 8);
}

#[test]
fn what_is_no_pattern_is_an_error() {
    for bad in ["a", "/{", "/}", "/{}", "/{a}{b}", "/{a}/{a}", "/{*rest}/x", "/{*}", "/x?{q}", "/a#b"] {
        let mut routes = DynamicRoutes::<()>::new();
        let error = routes.add(Method::GET, bad, |_| async {}).err();
        assert!(error.is_some_and(|error| !error.to_string().is_empty()), "{bad}");
    }
}

#[tokio::test]
async fn may_have_methods_of_an_extension() {
    let brew = || Method::from_bytes(b"BREW").unwrap();
    let app = || {
        let mut routes = DynamicRoutes::new();
        routes.add(brew(), "/pot", |_| async { "coffee" }).unwrap();
        routes.add(Method::GET, "/pot", |_| async { "a pot" }).unwrap();
        App::try_new(routes).unwrap()
    };
    assert_eq!(ask(app(), brew(), "/pot").await, says(200, "coffee"));
    assert_eq!(get(app(), "/pot").await, says(200, "a pot"));
    let reply = Client::new(app()).put("/pot").send().await;
    assert_eq!(reply.status(), 405);
    assert_eq!(members(&reply, "allow"), ["BREW", "GET", "HEAD", "OPTIONS"]);
    assert_eq!(app().routes()[0].methods().collect::<Vec<_>>(), ["BREW"]);

    let mut twice = DynamicRoutes::<()>::new();
    twice.add(brew(), "/{a}", |_| async {}).unwrap().add(brew(), "/{b}", |_| async {}).unwrap();
    assert!(App::try_new(twice).is_err());
}

#[tokio::test]
async fn an_empty_path_is_the_prefix_itself() {
    let mut routes = DynamicRoutes::new();
    routes.add(Method::GET, "", |call| async move { call.request.path().to_owned() }).unwrap();
    let app = App::try_new(routes!["/p" => [..routes]]).unwrap();
    assert_eq!(get(app.clone(), "/p").await, says(200, "/p"));
    assert_eq!(get(app, "/p/").await.0, 404);
}

#[test]
fn are_listed_with_the_place_that_added_them() {
    let mut routes = DynamicRoutes::<()>::new();
    routes.add(Method::GET, "/x/{y}", |_| async {}).unwrap();
    let here = line!() - 1;
    let app = App::try_new(routes!["/p" => [..routes]]).unwrap();
    let [route] = app.routes() else { panic!("{app:?}") };
    assert_eq!((route.path(), route.file(), route.line()), ("/p/x/{y}", file!(), here));
    assert_eq!(route.methods().collect::<Vec<_>>(), ["GET"]);
}
