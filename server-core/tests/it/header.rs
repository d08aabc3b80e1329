//! Header fields: by name, typed, and all of them.

use waypost::http::{HeaderMap, HeaderName, HeaderValue};
use waypost::test::Client;
use waypost::{
    App, Bearer, ContentType, FromHeader, Header, Host, ParamError, Routes, UserAgent, get, routes,
};

use crate::support::{at, fault, says, seen};

#[get("/tenant")]
async fn tenant(#[header("x-tenant")] name: &str) -> String {
    name.to_owned()
}

#[get("/level")]
async fn level(#[header("X-Level")] level: Option<u8>) -> String {
    format!("{level:?}")
}

#[get("/default")]
async fn default(
    #[header("x-level")]
    #[default(3)]
    level: u8,
) -> String {
    level.to_string()
}

#[get("/tags")]
async fn tags(
    #[header("x-tag")]
    #[default(vec!["none"])]
    tags: Vec<&str>,
) -> String {
    format!("{tags:?}")
}

#[get("/all")]
async fn all(#[header("x-tag")] tags: Vec<&str>) -> String {
    format!("{tags:?}")
}

#[get("/agent")]
async fn agent(Header(UserAgent(agent)): Header<UserAgent<'_>>) -> String {
    agent.to_owned()
}

#[get("/host")]
async fn host(host: Header<Host<'_>>) -> String {
    host.0.0.to_owned()
}

#[get("/type")]
async fn media_type(kind: Option<Header<ContentType<'_>>>) -> String {
    kind.map_or("none".to_owned(), |Header(kind)| format!("{} of {}", kind.essence(), kind.0))
}

#[get("/token")]
async fn token(Header(Bearer(token)): Header<Bearer<'_>>) -> String {
    token.to_owned()
}

#[get("/map")]
async fn map(map: &HeaderMap) -> String {
    map.len().to_string()
}

/// `If-Match`, one entity tag.
struct IfMatch<'r>(&'r str);

impl<'r> FromHeader<'r> for IfMatch<'r> {
    const NAME: HeaderName = waypost::http::header::IF_MATCH;

    fn from_header(value: &'r str) -> Result<Self, ParamError> {
        let tag = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        tag.map(Self).ok_or_else(|| ParamError::new("not an entity tag"))
    }
}

#[get("/match")]
async fn if_match(Header(tag): Header<IfMatch<'_>>) -> String {
    tag.0.to_owned()
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![tenant, level, default, tags, all, agent, host, media_type, token, map, if_match])
}

async fn ask(target: &str, fields: &[(&'static str, &str)]) -> (u16, String) {
    let client = Client::new(app());
    let mut request = client.get(target);
    for (name, value) in fields {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    seen(request.send().await).await
}

#[tokio::test]
async fn by_name() {
    assert_eq!(ask("/tenant", &[("x-tenant", "acme")]).await, says(200, "acme"));
    assert_eq!(ask("/tenant", &[("X-Tenant", "Acme")]).await, says(200, "Acme"));
    assert_eq!(ask("/tenant", &[("x-tenant", "zoë")]).await, says(200, "zoë"));
    assert_eq!(ask("/tenant", &[("x-tenant", "%41+b")]).await, says(200, "%41+b"));
    assert_eq!(ask("/level", &[("x-level", "7")]).await, says(200, "Some(7)"));
    assert_eq!(ask("/level", &[]).await, says(200, "None"));
    assert_eq!(ask("/default", &[]).await, says(200, "3"));
    assert_eq!(ask("/default", &[("x-level", "4")]).await, says(200, "4"));
    assert_eq!(ask("/tags", &[]).await, says(200, r#"["none"]"#));
    assert_eq!(ask("/tags", &[("x-tag", "a"), ("x-tag", "b")]).await, says(200, r#"["a", "b"]"#));
}

#[tokio::test]
async fn every_line_of_a_field() {
    assert_eq!(ask("/all", &[]).await, says(200, "[]"));
    let two = [("x-tag", "b"), ("x-other", "c"), ("x-tag", "a")];
    assert_eq!(ask("/all", &two).await, says(200, "[\"b\", \"a\"]"));
}

#[tokio::test]
async fn a_bad_field_is_a_400_that_names_it() {
    type Fields<'a> = &'a [(&'static str, &'a [u8])];
    let cases: [(&str, Fields<'_>, &str); 8] = [
        ("/tenant", &[], "x-tenant"),
        ("/tenant", &[("x-tenant", b"a"), ("x-tenant", b"b")], "x-tenant"),
        ("/tenant", &[("x-tenant", b"\xff")], "x-tenant"),
        ("/level", &[("x-level", b"x")], "x-level"),
        ("/level", &[("x-level", b"1"), ("x-level", b"1")], "x-level"),
        ("/agent", &[], "user-agent"),
        ("/match", &[("if-match", b"x")], "if-match"),
        ("/match", &[("if-match", b"\"x\""), ("if-match", b"\"y\"")], "if-match"),
    ];
    for (target, fields, name) in cases {
        let client = Client::new(app());
        let mut request = client.get(target);
        for (name, value) in fields {
            request = request.header(*name, HeaderValue::from_bytes(value).unwrap());
        }
        assert_eq!(fault(request.send().await, 400).await, at("header", name), "{target}");
    }
}

#[tokio::test]
async fn typed() {
    assert_eq!(ask("/agent", &[("user-agent", "curl/8")]).await, says(200, "curl/8"));
    assert_eq!(ask("/host", &[("host", "a.example:81")]).await, says(200, "a.example:81"));
    assert_eq!(ask("/host", &[]).await, says(200, "localhost"));
    let html = "text/html; charset=utf-8";
    assert_eq!(
        ask("/type", &[("content-type", html)]).await,
        says(200, "text/html of text/html; charset=utf-8")
    );
    assert_eq!(ask("/type", &[]).await, says(200, "none"));
    assert_eq!(ask("/match", &[("if-match", "\"v1\"")]).await, says(200, "v1"));
    assert_eq!(ask("/map", &[("a", "1"), ("a", "2"), ("host", "x")]).await, says(200, "3"));
}

#[tokio::test]
async fn bearer_tokens() {
    assert_eq!(ask("/token", &[("authorization", "Bearer abc.d=")]).await, says(200, "abc.d="));
    assert_eq!(ask("/token", &[("authorization", "bearer  x")]).await, says(200, "x"));
    for wrong in ["Basic abc", "Bearer", "Bearer ", "abc"] {
        let reply = Client::new(app()).get("/token").header("authorization", wrong).send().await;
        assert_eq!(fault(reply, 400).await, at("header", "authorization"), "{wrong}");
    }
    assert!(!format!("{:?}", Header(Bearer("secret"))).contains("secret"));
}
