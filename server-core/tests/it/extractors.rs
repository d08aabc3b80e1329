//! Extractors: those of one's own, what stands around them, and what they may take.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use waypost::http::StatusCode;
use waypost::test::Client;
use waypost::{
    App, BodyUse, Bytes, Context, Error, Extraction, FromRequest, Header, Json, Part, State, UserAgent,
    extractor, get, post, routes,
};

use crate::support::{get, post as send, problem, says, seen};

/// `X-Tenant`, borrowed.
#[derive(Debug, PartialEq)]
pub(crate) struct Tenant<'r>(pub(crate) &'r str);

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
        Extraction::ready(
            context.bytes().map(|all| Self(all.split(|&byte| byte == b'\n').next().unwrap_or(all))),
        )
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
        Err(error) => {
            (StatusCode::IM_A_TEAPOT, format!("{} {}", error.status().as_u16(), error.is_missing()))
        }
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
    let reply =
        Client::new(app!()).get("/user").header("x-tenant", "t1").header("user-agent", "x/1").send().await;
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

#[post("/lenient")]
async fn lenient(number: waypost::Result<Json<u8>>) -> String {
    match number {
        Ok(Json(number)) => number.to_string(),
        Err(error) => format!("{} {}", error.status().as_u16(), error.is_body_too_large()),
    }
}

#[post("/lenient/text", body_limit = 3)]
async fn lenient_text(text: Result<&str, Error>, tenant: Option<Tenant<'_>>) -> String {
    format!("{:?} {tenant:?}", text.map_err(|error| error.is_body_too_large()))
}

#[tokio::test]
async fn a_bodys_failure_is_the_handlers_where_it_asks_for_it() {
    let app = || App::new(routes![lenient, lenient_text]).body_limit(5);
    for (kind, body, answer) in [
        ("application/json", "7", "7"),
        ("application/json", "x", "400 false"),
        ("application/json", "256", "422 false"),
        ("application/json", "      ", "413 true"),
        ("text/plain", "7", "415 false"),
    ] {
        assert_eq!(seen(send(app(), "/lenient", kind, body).await).await, says(200, answer), "{body}");
    }
    let reply = send(app(), "/lenient/text", "text/plain", "abc").await;
    assert_eq!(seen(reply).await, says(200, "Ok(\"abc\") None"));
    let reply = send(app(), "/lenient/text", "text/plain", "abcd").await;
    assert_eq!(seen(reply).await, says(200, "Err(true) None"));
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

/// Header fields by name, in a function that awaits nothing and takes nothing else.
#[derive(Debug)]
struct Range<'r> {
    from: &'r str,
    tags: Vec<&'r str>,
    limit: u32,
    note: Option<String>,
}

#[extractor]
fn range<'r>(
    #[header("X-From")] from: &'r str,
    #[header("x-tag")] tags: Vec<&'r str>,
    #[header("x-limit")]
    #[default(20)]
    limit: u32,
    #[header("x-note")] note: Option<String>,
) -> Range<'r> {
    Range { from, tags, limit, note }
}

/// The same beside an extractor that is there at once.
struct Page<'r>(&'r str, u32);

#[extractor]
fn page<'r>(#[header("x-from")] from: &str, tenant: Tenant<'r>, #[header("x-limit")] limit: u32) -> Page<'r> {
    let _ = from;
    Page(tenant.0, limit)
}

/// The same in a function that awaits.
struct Later<'r>(&'r str, waypost::Result<u32>, usize);

#[extractor]
async fn later<'r>(
    #[header("x-from")]
    #[default("the beginning")]
    from: &'r str,
    body: Bytes,
    #[header("x-limit")] limit: waypost::Result<u32>,
) -> waypost::Result<Later<'r>> {
    tokio::task::yield_now().await;
    if from.is_empty() { Err(Error::forbidden()) } else { Ok(Later(from, limit, body.len())) }
}

#[get("/range")]
async fn in_range(range: Range<'_>) -> String {
    let Range { from, tags, limit, note } = range;
    format!("{from} {tags:?} {limit} {note:?}")
}

#[get("/page")]
async fn on_page(page: Page<'_>) -> String {
    format!("{} {}", page.0, page.1)
}

#[post("/later")]
async fn is_later(later: Later<'_>) -> String {
    format!("{} {:?} {}", later.0, later.1.map_err(|error| error.status().as_u16()), later.2)
}

#[tokio::test]
async fn header_fields_by_name() {
    let client = Client::new(App::new(routes![in_range, on_page, is_later]));
    let ask = |target, fields: &'static [(&'static str, &'static str)]| {
        fields.iter().fold(client.get(target), |request, (name, value)| request.header(*name, *value))
    };
    let reply =
        ask("/range", &[("x-from", "a"), ("x-tag", "1"), ("x-tag", "2"), ("x-note", "n")]).send().await;
    assert_eq!(seen(reply).await, says(200, r#"a ["1", "2"] 20 Some("n")"#));
    let reply = ask("/range", &[("x-from", "a"), ("x-limit", "7")]).send().await;
    assert_eq!(seen(reply).await, says(200, "a [] 7 None"));
    let missing = problem(ask("/range", &[("x-limit", "7")]).send().await, 400).await;
    assert!(missing.to_string().contains("x-from"), "{missing}");
    let wrong = problem(ask("/range", &[("x-from", "a"), ("x-limit", "many")]).send().await, 400).await;
    assert!(wrong.to_string().contains("x-limit"), "{wrong}");

    let reply = ask("/page", &[("x-from", "a"), ("x-tenant", "t"), ("x-limit", "7")]).send().await;
    assert_eq!(seen(reply).await, says(200, "t 7"));
    // In the order of the arguments.
    let first = problem(ask("/page", &[("x-limit", "many")]).send().await, 400).await;
    assert!(first.to_string().contains("x-from"), "{first}");
    problem(ask("/page", &[("x-from", "a"), ("x-tenant", ""), ("x-limit", "many")]).send().await, 403).await;

    let reply = client.post("/later").header("x-limit", "many").body("12345").send().await;
    assert_eq!(seen(reply).await, says(200, "the beginning Err(400) 5"));
    let reply = client.post("/later").header("x-from", "").header("x-limit", "7").send().await;
    problem(reply, 403).await;

    assert_eq!(range("a", vec![], 1, None).limit, 1);
}
