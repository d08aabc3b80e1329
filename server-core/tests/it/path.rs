//! Path parameters: one by one, and all at once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU8;

use serde::Deserialize;
use uuid::Uuid;
use waypost::test::Client;
use waypost::{App, FromParam, ParamError, Path, get, routes};

use crate::support::{at, fault, get, problem, says};

macro_rules! echoes {
    ($($name:ident: $type:ty;)*) => { $(
        #[get("/{value}")]
        async fn $name(value: $type) -> String {
            format!("{value:?}")
        }
    )* };
}

echoes! {
    text: &str;
    cow: Cow<'_, str>;
    owned: String;
    character: char;
    small: u8;
    signed: i16;
    wide: u128;
    size: usize;
    float: f64;
    boolean: bool;
    non_zero: NonZeroU8;
    address: IpAddr;
    identifier: Uuid;
}

#[tokio::test]
async fn texts() {
    for (raw, value) in
        [("a", "a"), ("%C3%BC", "ü"), ("a%20b", "a b"), ("a+b", "a+b"), ("%zz", "%zz"), ("%", "%")]
    {
        let expected = says(200, &format!("{value:?}"));
        assert_eq!(get(App::new(routes![text]), &format!("/{raw}")).await, expected, "{raw}");
        assert_eq!(get(App::new(routes![cow]), &format!("/{raw}")).await, expected, "{raw}");
        assert_eq!(get(App::new(routes![owned]), &format!("/{raw}")).await, expected, "{raw}");
    }
    assert_eq!(get(App::new(routes![character]), "/%E2%82%AC").await, says(200, "'€'"));
}

#[tokio::test]
async fn numbers_and_the_like() {
    assert_eq!(get(App::new(routes![small]), "/255").await, says(200, "255"));
    assert_eq!(get(App::new(routes![small]), "/%32").await, says(200, "2"));
    assert_eq!(get(App::new(routes![signed]), "/-32768").await, says(200, "-32768"));
    let most = u128::MAX.to_string();
    assert_eq!(get(App::new(routes![wide]), &format!("/{most}")).await, says(200, &most));
    assert_eq!(get(App::new(routes![size]), "/7").await, says(200, "7"));
    assert_eq!(get(App::new(routes![float]), "/-1.5e3").await, says(200, "-1500.0"));
    assert_eq!(get(App::new(routes![boolean]), "/true").await, says(200, "true"));
    assert_eq!(get(App::new(routes![non_zero]), "/1").await, says(200, "1"));
    assert_eq!(get(App::new(routes![address]), "/::1").await, says(200, "::1"));
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    assert_eq!(get(App::new(routes![identifier]), &format!("/{id}")).await, says(200, id));
}

#[tokio::test]
async fn what_is_none_is_a_400_that_names_the_parameter() {
    macro_rules! refused {
        ($($handler:ident: $($target:literal)*;)*) => { $( $(
            let reply = Client::new(App::new(routes![$handler])).get($target).send().await;
            assert_eq!(fault(reply, 400).await, at("path", "value"), "{}", $target);
        )* )* };
    }
    refused! {
        text: "/%FF" "/%C3" "/%ED%A0%80";
        cow: "/%FF";
        owned: "/a%FE";
        character: "/ab";
        small: "/256" "/-1" "/x" "/1.0" "/%20" "/1%2F";
        signed: "/32768";
        boolean: "/1" "/TRUE" "/yes";
        non_zero: "/0";
        float: "/1,5";
        address: "/1.2.3";
        identifier: "/67e55044";
    }
}

#[derive(FromParam, Debug)]
#[expect(dead_code, reason = "shown")]
struct UserId(u64);

#[derive(FromParam, Debug)]
#[expect(dead_code, reason = "shown")]
struct Slug<'a> {
    text: &'a str,
}

#[derive(FromParam, Debug, PartialEq)]
#[param(rename_all = "kebab-case")]
enum Sort {
    NewestFirst,
    #[param(rename = "OLD")]
    OldestFirst,
}

/// An even number.
#[derive(Debug)]
#[expect(dead_code, reason = "shown")]
struct Even(u32);

impl FromParam<'_> for Even {
    fn from_param(value: &str) -> Result<Self, ParamError> {
        match value.parse() {
            Ok(number) if number % 2 == 0 => Ok(Self(number)),
            _ => Err(ParamError::new(format!("`{value}` is not even"))),
        }
    }
}

echoes! {
    user: UserId;
    slug: Slug<'_>;
    sort: Sort;
    even: Even;
}

#[tokio::test]
async fn types_of_ones_own() {
    assert_eq!(get(App::new(routes![user]), "/7").await, says(200, "UserId(7)"));
    assert_eq!(get(App::new(routes![slug]), "/a-b").await, says(200, "Slug { text: \"a-b\" }"));
    assert_eq!(get(App::new(routes![sort]), "/newest-first").await, says(200, "NewestFirst"));
    assert_eq!(get(App::new(routes![sort]), "/OLD").await, says(200, "OldestFirst"));
    assert_eq!(get(App::new(routes![even]), "/8").await, says(200, "Even(8)"));
}

#[tokio::test]
async fn say_what_they_want() {
    let reply = Client::new(App::new(routes![even])).get("/7").send().await;
    assert_eq!(problem(reply, 400).await["errors"][0]["detail"], "`7` is not even");
    for target in ["/NewestFirst", "/oldest-first", "/old", "/x"] {
        let reply = Client::new(App::new(routes![sort])).get(target).send().await;
        let problem = problem(reply, 400).await;
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("newest-first") && detail.contains("OLD"), "{detail}");
    }
    assert_eq!(get(App::new(routes![user]), "/x").await.0, 400);
}

#[derive(Deserialize)]
struct Place<'a> {
    org: &'a str,
    repo: Cow<'a, str>,
    number: u32,
}

#[get("/{repo}/issues/{number}")]
async fn named(Path(place): Path<Place<'_>>) -> String {
    format!("{} {} {}", place.org, place.repo, place.number)
}

#[get("/{repo}/pulls/{number}")]
async fn in_order(Path((org, repo, number)): Path<(&str, String, u32)>) -> String {
    format!("{org} {repo} {number}")
}

#[get("/{repo}/map")]
async fn map(Path(all): Path<HashMap<&str, &str>>) -> String {
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_unstable();
    format!("{all:?}")
}

#[get("/{repo}/both")]
async fn both(repo: &str, all: Path<(String, String)>) -> String {
    format!("{repo} {all:?}")
}

#[get("/single/{number}")]
async fn single(Path(number): Path<u32>) -> String {
    number.to_string()
}

#[tokio::test]
async fn all_at_once_with_those_of_the_prefixes() {
    let app = || App::new(routes!["/{org}" => [named, in_order, map, both]]);
    assert_eq!(get(app(), "/way/po%20st/issues/7").await, says(200, "way po st 7"));
    assert_eq!(get(app(), "/way/po%20st/pulls/7").await, says(200, "way po st 7"));
    assert_eq!(get(app(), "/way/post/map").await, says(200, r#"[("org", "way"), ("repo", "post")]"#));
    assert_eq!(get(app(), "/way/post/both").await, says(200, r#"post Path(("way", "post"))"#));
    assert_eq!(get(App::new(routes![single]), "/single/7").await, says(200, "7"));
    for target in ["/way/post/issues/x", "/way/post/pulls/x"] {
        let reply = Client::new(app()).get(target).send().await;
        assert_eq!(fault(reply, 400).await, at("path", "number"), "{target}");
    }
    let reply = Client::new(app()).get("/%FF/post/pulls/7").send().await;
    assert_eq!(fault(reply, 400).await, at("path", "org"));
}
