//! State: every field of it, for handlers and middleware.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use waypost::{App, FromRequest, Next, Provide, Request, Response, Routes, State, get, middleware, routes};

use crate::support::{get, says};

struct Settings {
    name: &'static str,
}

struct Counter(AtomicU32);

#[derive(State)]
struct Site {
    settings: Settings,
    counter: Arc<Counter>,
}

fn site() -> Site {
    Site { settings: Settings { name: "here" }, counter: Arc::new(Counter(AtomicU32::new(0))) }
}

#[get("/name")]
async fn name(State(settings): State<&Settings>) -> &'static str {
    settings.name
}

#[get("/count")]
async fn count(counter: State<&Arc<Counter>>, State(settings): State<&Settings>) -> String {
    format!("{} {}", settings.name, counter.0.0.fetch_add(1, SeqCst))
}

#[get("/whole")]
async fn whole(State(site): State<&Site>) -> &'static str {
    site.settings.name
}

#[get("/stateless")]
async fn stateless() -> &'static str {
    "stateless"
}

fn module() -> impl Routes<Site> {
    routes!["/module" => [name, count]]
}

#[tokio::test]
async fn handlers_take_fields_and_the_whole() {
    let app = App::new(routes![name, count, whole, stateless, ..module()]).state(site());
    assert_eq!(get(app.clone(), "/name").await, says(200, "here"));
    assert_eq!(get(app.clone(), "/whole").await, says(200, "here"));
    assert_eq!(get(app.clone(), "/stateless").await, says(200, "stateless"));
    assert_eq!(get(app.clone(), "/count").await, says(200, "here 0"));
    assert_eq!(get(app, "/module/count").await, says(200, "here 1"));
}

#[tokio::test]
async fn a_clone_of_an_app_has_the_same_state() {
    let app = App::new(routes![count]).state(site());
    for expected in ["here 0", "here 1", "here 2"] {
        assert_eq!(get(app.clone(), "/count").await, says(200, expected));
    }
}

#[tokio::test]
async fn any_type_can_be_a_state() {
    #[get("/number")]
    async fn number(State(number): State<&u32>) -> String {
        number.to_string()
    }

    assert_eq!(get(App::new(routes![number]).state(7_u32), "/number").await, says(200, "7"));
}

#[derive(State)]
struct Pair(u8, &'static str);

#[derive(State)]
struct Skipping {
    kept: u8,
    #[state(skip)]
    skipped: u8,
    #[state(skip)]
    _also: u8,
}

#[derive(State)]
struct Generic<T: Send + Sync + 'static> {
    value: Vec<T>,
}

#[derive(State)]
struct Nothing;

#[get("/byte")]
async fn byte(State(byte): State<&u8>) -> String {
    byte.to_string()
}

#[get("/list")]
async fn list(State(list): State<&Vec<i64>>) -> String {
    format!("{list:?}")
}

#[tokio::test]
async fn structs_of_every_shape() {
    assert_eq!(get(App::new(routes![byte]).state(Pair(4, "x")), "/byte").await, says(200, "4"));
    let skipping = Skipping { kept: 5, skipped: 6, _also: 7 };
    assert_eq!(skipping.skipped, 6);
    assert_eq!(get(App::new(routes![byte]).state(skipping), "/byte").await, says(200, "5"));
    let generic = Generic { value: vec![1, 2] };
    assert_eq!(get(App::new(routes![list]).state(generic), "/list").await, says(200, "[1, 2]"));
    assert_eq!(get(App::new(routes![stateless]).state(Nothing), "/stateless").await, says(200, "stateless"));
    assert_eq!(*Provide::<&'static str>::provide(&Pair(1, "by hand")), "by hand");
}

/// A state that provides what is not a field of it.
struct Wrapped {
    inner: Site,
}

impl Provide<Settings> for Wrapped {
    fn provide(&self) -> &Settings {
        &self.inner.settings
    }
}

#[tokio::test]
async fn provided_by_hand() {
    let app = App::new(routes![name]).state(Wrapped { inner: site() });
    assert_eq!(get(app, "/name").await, says(200, "here"));
}

#[middleware]
async fn counted(
    request: &mut Request,
    State(counter): State<&Arc<Counter>>,
    settings: State<&Settings>,
    next: Next<'_>,
) -> Response {
    counter.0.fetch_add(10, SeqCst);
    let mut response = next.run(request).await;
    response.headers_mut().insert("x-site", settings.0.name.parse().unwrap());
    response
}

#[tokio::test]
async fn middleware_takes_it_too() {
    let app = App::new(routes![count].wrap(counted)).state(site());
    assert_eq!(get(app.clone(), "/count").await, says(200, "here 10"));
    assert_eq!(get(app, "/count").await, says(200, "here 21"));
    let app = App::new(routes![count]).wrap(counted).state(site());
    let reply = waypost::test::Client::new(app).get("/nowhere").send().await;
    assert_eq!(reply.header("x-site"), Some("here"));
}

/// A handler for any state that has what it wants.
fn generic<S>() -> impl Routes<S>
where
    S: Provide<u8> + Send + Sync + 'static,
{
    fn takes<'r, S, T: FromRequest<'r, S>>() {}
    takes::<S, State<&u8>>();
    routes![byte]
}

#[tokio::test]
async fn a_set_can_be_generic_over_the_state() {
    assert_eq!(get(App::new(generic()).state(Pair(9, "")), "/byte").await, says(200, "9"));
    assert_eq!(get(App::new(generic()).state(8_u8), "/byte").await, says(200, "8"));
}
