//! Extractors: those of one's own, what stands around them, and the order in which they are asked.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use waypost::http::{HeaderMap, Method, StatusCode, Uri, Version};
use waypost::test::Client;
use waypost::{
    App, BodyUse, Bytes, ClientAddr, Context, Error, Extension, Extraction, FromRequest, Head, Header, Json, Next,
    Part, Request, Response, Route, State, UserAgent, extractor, get, middleware, post, routes,
};

use crate::support::{get, post as send, problem, says, seen};

/// `X-Tenant`, borrowed.
#[derive(Debug, PartialEq)]
struct Tenant<'r>(&'r str);

impl<'r, S> FromRequest<'r, S> for Tenant<'r> {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        let value = context.head().headers().get("x-tenant");
        Extraction::ready(match value.map(|value| value.to_str()) {
            None => Err(Error::missing(Part::Header, "x-tenant")),
            Some(Err(_)) => Err(Error::invalid(Part::Header, "x-tenant", "not text")),
            Some(Ok("")) => Err(Error::forbidden()),
            Some(Ok(name)) => Ok(Self(name)),
        })
    }
}

/// Takes its time, and makes text of its own that lives as long as the request.
struct Slow<'r>(&'r str, &'r str);

impl<'r, S: Send + Sync> FromRequest<'r, S> for Slow<'r> {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        let path = context.head().path();
        Extraction::future(async move {
            tokio::task::yield_now().await;
            let kept = context.keep(path.to_uppercase());
            Ok(Self(path, kept))
        })
    }
}

/// The body's first line, by the trait.
struct FirstLine<'r>(&'r [u8]);

impl<'r, S> FromRequest<'r, S> for FirstLine<'r> {
    const BODY: BodyUse = BodyUse::Buffered;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(context.bytes().map(|all| Self(all.split(|&byte| byte == b'\n').next().unwrap_or(all))))
    }
}

struct Users(&'static [(&'static str, &'static str)]);

#[derive(State)]
struct Site {
    users: Users,
    asked: AtomicUsize,
}

fn site() -> Site {
    Site { users: Users(&[("t1", "ali"), ("t2", "root")]), asked: AtomicUsize::new(0) }
}

struct User<'r> {
    name: &'static str,
    tenant: &'r str,
}

#[extractor]
async fn user<'r>(
    tenant: Tenant<'r>,
    State(users): State<&'r Users>,
    State(asked): State<&AtomicUsize>,
) -> waypost::Result<User<'r>> {
    asked.fetch_add(1, SeqCst);
    tokio::task::yield_now().await;
    match users.0.iter().find(|(tenant_name, _)| *tenant_name == tenant.0) {
        Some((_, name)) => Ok(User { name, tenant: tenant.0 }),
        None => Err(Error::unauthorized()),
    }
}

struct Agent<'a>(Option<&'a str>);

#[extractor]
fn agent<'a>(agent: Option<Header<UserAgent<'a>>>) -> Agent<'a> {
    Agent(agent.map(|Header(UserAgent(agent))| agent))
}

/// An extractor made of one that uses the body.
struct Signed {
    length: usize,
    by: String,
}

#[extractor]
async fn signed(by: Tenant<'_>, body: Bytes) -> Result<Signed, Error> {
    Ok(Signed { length: body.len(), by: by.0.to_owned() })
}

#[get("/tenant")]
async fn tenant(tenant: Tenant<'_>) -> String {
    tenant.0.to_owned()
}

#[get("/slow/{x}")]
async fn slow(slow: Slow<'_>, x: &str) -> String {
    format!("{x} {} {}", slow.0, slow.1)
}

#[post("/line")]
async fn line(line: FirstLine<'_>) -> Vec<u8> {
    line.0.to_vec()
}

#[get("/user")]
async fn me(user: User<'_>, agent: Agent<'_>) -> String {
    format!("{} of {} by {:?}", user.name, user.tenant, agent.0)
}

#[get("/maybe")]
async fn maybe(user: Option<User<'_>>) -> String {
    user.map_or("nobody", |user| user.name).to_owned()
}

#[get("/result")]
async fn result(user: waypost::Result<User<'_>>) -> (StatusCode, String) {
    match user {
        Ok(user) => (StatusCode::OK, user.name.to_owned()),
        Err(error) => (StatusCode::IM_A_TEAPOT, format!("{} {}", error.status().as_u16(), error.is_missing())),
    }
}

#[post("/signed")]
async fn sign(signed: Signed) -> String {
    format!("{} by {}", signed.length, signed.by)
}

macro_rules! app {
    () => {
        App::new(routes![tenant, slow, line, me, maybe, result, sign]).state(site())
    };
}

async fn ask(target: &str, tenant: &str) -> (u16, String) {
    seen(Client::new(app!()).get(target).header("x-tenant", tenant).send().await).await
}

#[tokio::test]
async fn by_the_trait() {
    assert_eq!(ask("/tenant", "t1").await, says(200, "t1"));
    assert_eq!(get(app!(), "/tenant").await.0, 400);
    assert_eq!(get(app!(), "/slow/a").await, says(200, "a /slow/a /SLOW/A"));
    assert_eq!(seen(send(app!(), "/line", "text/plain", "one\ntwo").await).await, says(200, "one"));
}

#[tokio::test]
async fn by_the_attribute() {
    let reply = Client::new(app!()).get("/user").header("x-tenant", "t1").header("user-agent", "x/1").send().await;
    assert_eq!(seen(reply).await, says(200, "ali of t1 by Some(\"x/1\")"));
    assert_eq!(ask("/user", "t2").await, says(200, "root of t2 by None"));
    assert_eq!(ask("/user", "t3").await.0, 401);
    assert_eq!(ask("/user", "").await.0, 403);
    assert_eq!(get(app!(), "/user").await.0, 400);
    let reply = Client::new(app!()).post("/signed").header("x-tenant", "t1").body("12345").send().await;
    assert_eq!(seen(reply).await, says(200, "5 by t1"));
    problem(Client::new(app!()).post("/signed").body("12345").send().await, 400).await;
    assert_eq!(agent(None).0, None);
}

#[tokio::test]
async fn an_option_is_none_only_where_the_value_is_absent() {
    assert_eq!(get(app!(), "/maybe").await, says(200, "nobody"));
    assert_eq!(ask("/maybe", "t1").await, says(200, "ali"));
    assert_eq!(ask("/maybe", "t3").await.0, 401);
    assert_eq!(ask("/maybe", "").await.0, 403);
}

#[tokio::test]
async fn a_result_hands_every_failure_to_the_handler() {
    assert_eq!(ask("/result", "t2").await, says(200, "root"));
    assert_eq!(ask("/result", "t3").await, says(418, "401 false"));
    assert_eq!(get(app!(), "/result").await, says(418, "400 true"));
}

mod order {
    use super::*;

    #[post("/first/{id}?{page}")]
    async fn first(Json(body): Json<u8>, page: u8, tenant: Tenant<'_>, id: u8) -> String {
        format!("{body} {page} {} {id}", tenant.0)
    }

    #[post("/middle/{id}?{page}")]
    async fn middle(id: u8, tenant: Tenant<'_>, Json(body): Json<u8>, page: u8) -> String {
        format!("{body} {page} {} {id}", tenant.0)
    }

    #[post("/last/{id}?{page}")]
    async fn last(page: u8, id: u8, tenant: Tenant<'_>, Json(body): Json<u8>) -> String {
        format!("{body} {page} {} {id}", tenant.0)
    }

    #[tokio::test]
    async fn does_not_matter() {
        for target in ["/first", "/middle", "/last"] {
            let client = Client::new(App::new(routes![first, middle, last]));
            let to = |target: &str| client.post(target).header("content-type", "application/json");
            let whole = format!("{target}/3?page=2");
            let reply = to(&whole).header("x-tenant", "t").body("1").send().await;
            assert_eq!(seen(reply).await, says(200, "1 2 t 3"), "{target}");
        }
    }

    /// A body that must not be read.
    fn untouchable() -> waypost::Body {
        waypost::Body::from_stream(futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<Result<&str, Error>>> {
            panic!("the body was read")
        }))
    }

    #[tokio::test]
    async fn the_heads_failures_come_before_the_body_is_read() {
        for target in ["/first", "/middle", "/last"] {
            let client = Client::new(App::new(routes![first, middle, last]));
            for (rest, tenant, status) in [("/x?page=2", "t", 400), ("/3?page=x", "t", 400), ("/3?page=2", "", 403)] {
                let request = client.post(&format!("{target}{rest}")).header("x-tenant", tenant);
                let reply = request.header("content-type", "application/json").body(untouchable()).send().await;
                assert_eq!(reply.status(), status, "{target}{rest}");
            }
        }
    }
}

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

/// Takes the path's parameters by itself.
struct Whole<'r>(&'r str);

impl<'r, S> FromRequest<'r, S> for Whole<'r> {
    const TAKES_PATH: bool = true;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(Ok(Self(context.head().path())))
    }
}

#[get("/whole/{a}/{b}")]
async fn whole(whole: Whole<'_>) -> String {
    whole.0.to_owned()
}

#[get("/option/{a}/{b}")]
async fn whole_option(whole: Option<Whole<'_>>, b: u8) -> String {
    format!("{:?} {b}", whole.map(|whole| whole.0))
}

#[tokio::test]
async fn may_take_path_parameters_by_themselves() {
    let app = App::new(routes![whole, whole_option]);
    assert_eq!(get(app.clone(), "/whole/x/y").await, says(200, "/whole/x/y"));
    assert_eq!(get(app, "/option/x/2").await, says(200, "Some(\"/option/x/2\") 2"));
}
