//! Handlers may be written as any other function, and be called what one likes.
#![deny(warnings)]

use std::borrow::Cow;

use serde::Deserialize;
use waypost::test::Client;
use waypost::{App, Json, Query, Response, Routes, State, get, post, routes};

use crate::support::{get, says, seen};

#[get("/config/{input}/{next}")]
async fn config(input: &str, next: &str) -> String {
    format!("{input} {next}")
}

#[get("/request/{request}/{scope}")]
async fn request(request: u8, scope: u8) -> String {
    format!("{request} {scope}")
}

#[get("/next?{head}&{result}&{value}&{error}")]
async fn next(head: Option<u8>, result: Option<u8>, value: Option<u8>, error: Option<u8>) -> String {
    format!("{head:?}{result:?}{value:?}{error:?}")
}

/// A name that a type parameter might have.
#[allow(non_snake_case)]
#[get("/S/{S}/{a}")]
async fn S(S: u8, a: &str) -> String {
    format!("{S} {a}")
}

#[get("/input/{route}")]
fn input(route: &str, State(app): State<&u8>) -> String {
    format!("{route} {app}")
}

#[get("/type/{type}?{match}")]
async fn r#type(r#type: &str, r#match: Option<&str>) -> String {
    format!("{} {match:?}", r#type, match = r#match)
}

#[get("/late/{e0}/{e1}?{e2}")]
async fn late(e0: &str, e1: u8, e2: u8, Query(call): Query<Call>) -> String {
    format!("{e0} {e1} {e2} {}", call.e2)
}

#[derive(Deserialize)]
struct Call {
    e2: u8,
}

#[tokio::test]
async fn any_name_will_do() {
    let app = || App::new(routes![config, request, next, S, input, r#type, late]).state(9_u8);
    assert_eq!(get(app(), "/config/a/b").await, says(200, "a b"));
    assert_eq!(get(app(), "/request/1/2").await, says(200, "1 2"));
    assert_eq!(get(app(), "/next?value=3").await, says(200, "NoneNoneSome(3)None"));
    assert_eq!(get(app(), "/S/1/x").await, says(200, "1 x"));
    assert_eq!(get(app(), "/input/x").await, says(200, "x 9"));
    assert_eq!(get(app(), "/type/x?match=y").await, says(200, "x Some(\"y\")"));
    assert_eq!(get(app(), "/late/a/1?e2=2").await, says(200, "a 1 2 2"));
}

/// Middleware called like its own arguments, and like what generated code calls its variables.
mod middleware {
    use waypost::{Next, Request, Response, Routes, State, extractor, get, middleware, routes};

    #[middleware]
    async fn next(request: &mut Request, State(state): State<&u8>, next: Next<'_>) -> Response {
        let mut response = next.run(request).await;
        response.headers_mut().insert("x-state", u16::from(*state).into());
        response
    }

    pub(super) mod request {
        use waypost::{Next, Request, Response, middleware};

        #[middleware]
        pub(crate) async fn request(request: &mut Request, next: Next<'_>) -> Response {
            next.run(request).await
        }
    }

    pub(super) mod state {
        use waypost::{Next, Request, Response, State, middleware};

        #[middleware]
        pub(crate) async fn state(req: &mut Request, State(state): State<&u8>, next: Next<'_>) -> Response {
            let _ = state;
            next.run(req).await
        }
    }

    macro_rules! plain {
        ($($name:ident)*) => { $(
            #[middleware]
            async fn $name(req: &mut Request, then: Next<'_>) -> Response {
                then.run(req).await
            }
        )* };
    }

    plain! { input slot scope output context head whole fields route part value error }

    pub(super) struct Token<'r>(&'r str, u8);

    #[extractor]
    fn token<'r>(#[header("x-token")] text: &'r str, State(seven): State<&'r u8>) -> Token<'r> {
        Token(text, *seven)
    }

    pub(super) struct Two<'r>(Token<'r>, u8);

    #[extractor]
    async fn two<'r>(token: Token<'r>, State(seven): State<&'r u8>) -> Two<'r> {
        Two(token, *seven)
    }

    #[get("/called/{id}?{user}")]
    async fn called(id: u8, user: Option<u8>, two: Two<'_>) -> String {
        format!("{id} {user:?} {} {}", two.0.0, two.0.1 + two.1)
    }

    pub(super) fn routes() -> impl Routes<u8> {
        routes![
            ..routes!["/1" => [called]].wrap(next).wrap(request::request).wrap(state::state),
            ..routes!["/2" => [called]].wrap(input).wrap(slot).wrap(scope),
            ..routes!["/3" => [called]].wrap(output).wrap(context).wrap(head),
            ..routes!["/4" => [called]].wrap(whole).wrap(fields).wrap(route),
            ..routes![#[cfg(test)] "/5" => [called]].wrap(part).wrap(value).wrap(error),
        ]
    }
}

#[tokio::test]
async fn middleware_may_have_the_names_of_its_own_arguments() {
    let client = Client::new(App::new(middleware::routes()).state(3_u8));
    for (set, state) in [(1, Some("3")), (2, None), (3, None), (4, None), (5, None)] {
        let reply = client.get(&format!("/{set}/called/1?user=2")).header("x-token", "t").send().await;
        assert_eq!(reply.header("x-state"), state);
        assert_eq!(seen(reply).await, says(200, "1 Some(2) t 6"));
    }
}

/// Names of the prelude's own, of which generated code must not fall foul.
mod shadows {
    #![allow(dead_code, non_camel_case_types)]

    use waypost::{get, routes};

    struct Option;
    struct Result;
    struct String;
    struct Vec;
    struct Box;
    struct Send;
    struct u8;
    fn drop() {}
    #[allow(non_snake_case)]
    fn Ok() {}
    #[allow(non_snake_case)]
    fn Some() {}
    mod core {}
    mod std {}
    mod http {}

    #[get("/shadows/{x}?{y}")]
    async fn shadows(x: i64, y: &str) -> &'static str {
        if x == 1 && y == "2" { "fine" } else { "bad" }
    }

    pub(super) fn routes() -> impl waypost::Routes<()> {
        routes!["/p" => [shadows]]
    }
}

#[tokio::test]
async fn names_of_the_prelude_may_be_taken() {
    assert_eq!(get(App::new(shadows::routes()), "/p/shadows/1?y=2").await, says(200, "fine"));
}

#[cfg(test)]
#[get("/there")]
#[doc(hidden)]
async fn conditional() -> &'static str {
    "there"
}

#[cfg(not(test))]
#[get("/not/there")]
async fn conditional() -> NoSuchType {
    no_such_function()
}

/// Documented
///
/// over several lines, with `{braces}` and "quotes".
#[must_use]
#[inline]
#[allow(clippy::unused_async)]
#[get("/attributes")]
pub(crate) async fn attributes() -> &'static str {
    "attributes"
}

/// That it is old is for its callers to hear, not for whoever wrote it.
#[deprecated]
#[get("/old/{id}")]
async fn old(id: u8, agent: OldAgent<'_>) -> String {
    format!("{id} {}", agent.0)
}

#[deprecated]
#[derive(waypost::FromParam)]
#[allow(dead_code)]
struct Old(u8);

#[deprecated]
#[derive(State)]
struct OldState {
    name: &'static str,
}

struct OldAgent<'r>(&'r str);

#[deprecated]
#[waypost::extractor]
fn old_agent<'r>(State(name): State<&'r &'static str>) -> OldAgent<'r> {
    OldAgent(name)
}

#[deprecated]
#[waypost::middleware]
async fn old_guard(request: &mut waypost::Request, next: waypost::Next<'_>) -> Response {
    next.run(request).await
}

#[get("/loose")]
async fn loose(
    #[allow(unused_variables)] text: Query<Vec<(String, String)>>,
    _: &waypost::Head,
) -> &'static str {
    "loose"
}

#[tokio::test]
async fn attributes_are_kept() {
    let app = || App::new(routes![conditional, attributes, loose]);
    assert_eq!(get(app(), "/there").await, says(200, "there"));
    assert_eq!(get(app(), "/attributes").await, says(200, "attributes"));
    assert_eq!(get(app(), "/loose?a=b").await, says(200, "loose"));
}

#[tokio::test]
async fn a_deprecated_one_is_mounted_in_peace() {
    #[allow(deprecated)]
    let state = OldState { name: "you" };
    #[allow(deprecated)]
    let routes = routes![old].wrap(old_guard);
    assert_eq!(get(App::new(routes).state(state), "/old/7").await, says(200, "7 you"));
}

mod types {
    use super::*;

    pub(crate) type Number<'a> = State<&'a u64>;
    pub(super) type Text<'a> = &'a str;
    pub(super) type Answer = Result<String, waypost::Error>;

    #[derive(Deserialize, serde::Serialize)]
    pub(crate) struct Two<'a> {
        pub(crate) one: &'a str,
        #[serde(borrow)]
        pub(crate) other: Cow<'a, str>,
    }
}

#[get("/alias/{text}")]
async fn alias(text: types::Text<'_>, number: crate::hygiene::types::Number<'_>) -> types::Answer {
    Ok(format!("{text} {}", number.0))
}

#[post("/named/{id}?{tag}")]
async fn named<'a, 'b: 'a>(
    id: &'a str,
    tag: Vec<&'b str>,
    Json(two): Json<crate::hygiene::types::Two<'a>>,
) -> Json<types::Two<'a>> {
    let one = if two.one.is_empty() { id } else { two.one };
    Json(types::Two { one, other: tag.first().map_or(two.other, |tag| Cow::Borrowed(*tag)) })
}

#[get("/where/{x}")]
fn bounded<'a>(mut x: &'a str, _agent: Option<waypost::Header<waypost::UserAgent<'a>>>) -> String
where
    'a: 'a,
{
    x = x.trim_end_matches('!');
    x.to_owned()
}

#[tokio::test]
async fn aliases_paths_and_lifetimes() {
    let client = Client::new(App::new(routes![alias, named, bounded]).state(5_u64));
    assert_eq!(client.get("/alias/x").send().await.text().await, "x 5");
    let two = types::Two { one: "", other: Cow::Borrowed("o") };
    let reply = client.post("/named/id?tag=t").json(&two).send().await;
    assert_eq!(reply.text().await, r#"{"one":"id","other":"t"}"#);
    assert_eq!(client.get("/where/x!!").send().await.text().await, "x");
}

#[tokio::test]
async fn handlers_may_stand_in_a_function() {
    #[get("/inside/{n}")]
    async fn inside(n: u8) -> String {
        n.to_string()
    }

    fn sets() -> impl Routes<()> {
        #[get("/deeper")]
        fn deeper() -> &'static str {
            "deeper"
        }

        routes![deeper, crate::hygiene::attributes, self::config, super::hygiene::request]
    }

    let app = || App::new(routes![inside, ..sets()]);
    assert_eq!(get(app(), "/inside/7").await, says(200, "7"));
    assert_eq!(get(app(), "/deeper").await, says(200, "deeper"));
    assert_eq!(get(app(), "/attributes").await, says(200, "attributes"));
}

#[tokio::test]
async fn handlers_stay_functions() {
    assert_eq!(config("a", "b").await, "a b");
    assert_eq!(input("x", State(&3)), "x 3");
    assert_eq!(r#type("x", None).await, "x None");
    let Json(two) = named("id", vec![], Json(types::Two { one: "1", other: "2".into() })).await;
    assert_eq!((two.one, &*two.other), ("1", "2"));
    let _: fn(&'static str, State<&'static u8>) -> String = input;
}

#[get("/files/{*path}")]
async fn file(path: &str) -> String {
    path.to_owned()
}

#[get("/img-{id}.png")]
fn image(id: u32) -> String {
    id.to_string()
}

#[get("/straße/{{x}}/{y}")]
fn literal(y: &str) -> String {
    y.to_owned()
}

#[get("")]
fn empty() -> Response {
    Response::default()
}

#[tokio::test]
async fn paths_are_built_of_typed_parameters() {
    assert_eq!(config::uri("a", 7), "/config/a/7");
    assert_eq!(config::uri("a/b", "ü %?#&+"), "/config/a%2Fb/%C3%BC%20%25%3F%23%26%2B");
    assert_eq!(config::uri("-._~", ""), "/config/-._~/");
    assert_eq!(r#type::uri("x"), "/type/x");
    assert_eq!(image::uri(7), "/img-7.png");
    assert_eq!(file::uri("a/b c/%2F/ü"), "/files/a/b%20c/%252F/%C3%BC");
    assert_eq!(literal::uri("z"), "/stra%C3%9Fe/%7Bx%7D/z");
    assert_eq!(empty::uri(), "");
    assert_eq!(attributes::uri(), "/attributes");
    let app = || App::new(routes![file, image, literal, config, empty]);
    assert_eq!(get(app(), &file::uri("a/b c/%2F/ü")).await, says(200, "a/b c/%2F/ü"));
    assert_eq!(get(app(), &literal::uri("a/b")).await, says(200, "a/b"));
    assert_eq!(get(app(), &config::uri("/", "%")).await, says(200, "/ %"));
}

mod facade {
    pub(crate) use waypost as way;
}

macro_rules! handed_on {
    ($($name:ident),*) => { routes![crate = $crate::hygiene::facade::way, "/on" => [$($name),*]] };
}

macro_rules! handler {
    ($name:ident, $path:literal) => {
        #[get($path, crate = $crate::hygiene::facade::way)]
        async fn $name(x: &str, _: &waypost::Head) -> String {
            x.to_owned()
        }
    };
}

handler!(handed, "/handed/{x}");

/// That nothing else is named is tested in the macros' own crate.
#[tokio::test]
async fn waypost_may_have_another_name() {
    assert_eq!(get(App::new(handed_on![handed]), "/on/handed/7").await, says(200, "7"));
}
