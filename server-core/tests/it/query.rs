//! Query parameters: by name in the route's template, and as one value.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use waypost::test::Client;
use waypost::{App, FromParam, FromQuery, Query, RawValues, get, routes};

use crate::support::{at, fault, get, says};

#[get("/one?{value}")]
async fn number(value: u32) -> String {
    value.to_string()
}

#[get("/text?{value}")]
async fn text(value: &str) -> String {
    format!("{value:?}")
}

#[get("/cow?{value}")]
async fn cow(value: Cow<'_, str>) -> String {
    format!("{value:?}")
}

#[get("/option?{number}&{text}")]
async fn option(number: Option<u32>, text: Option<&str>) -> String {
    format!("{number:?} {text:?}")
}

#[get("/many?{tag}&{id}")]
async fn many(tag: Vec<&str>, id: Vec<u8>) -> String {
    format!("{tag:?} {id:?}")
}

#[get("/default?{page}&{name}")]
async fn default(#[default(1)] page: u32, #[default("nobody")] name: &str) -> String {
    format!("{page} {name}")
}

#[get("/defaults?{tag}&{page}&{tried}&{flag}")]
async fn defaults_of_any_type(
    #[default(vec!["a", "b"])] tag: Vec<&str>,
    #[default(Some(1))] page: Option<u32>,
    #[default(Ok(2))] tried: waypost::Result<u32>,
    #[default(Flag(true))] flag: Flag,
) -> String {
    format!("{tag:?} {page:?} {:?} {}", tried.map_err(|error| error.status().as_u16()), flag.0)
}

/// Whether it is given; here for its `FromQuery`.
struct Flag(bool);

impl<'r> FromQuery<'r> for Flag {
    fn from_values(mut values: RawValues<'r>) -> waypost::Result<Self> {
        Ok(Self(values.next_text()? == Some("on")))
    }
}

#[derive(FromParam, Debug)]
#[param(rename_all = "lowercase")]
enum Order {
    Up,
    Down,
}

#[get("/order?{order}&{flag}")]
async fn order(order: Option<Order>, flag: Option<bool>) -> String {
    format!("{order:?} {flag:?}")
}

#[get("/lenient?{page}")]
async fn lenient(page: waypost::Result<u32>) -> String {
    match page {
        Ok(page) => page.to_string(),
        Err(error) if error.is_missing() => "missing".to_owned(),
        Err(error) => error.status().to_string(),
    }
}

#[get("/mixed/{id}?{page}")]
async fn mixed(page: u8, id: u8) -> String {
    format!("{id} {page}")
}

macro_rules! app {
    () => {
        App::new(routes![number, text, cow, option, many, default, order, lenient, mixed, all, strict, pairs])
    };
}

#[tokio::test]
async fn one() {
    assert_eq!(get(app!(), "/one?value=7").await, says(200, "7"));
    assert_eq!(get(app!(), "/one?a=b&value=7&c").await, says(200, "7"));
    assert_eq!(get(app!(), "/one?&&value=7&").await, says(200, "7"));
    assert_eq!(get(app!(), "/one?v%61lue=%37").await, says(200, "7"));
    assert_eq!(get(app!(), "/mixed/1?page=2").await, says(200, "1 2"));
}

#[tokio::test]
async fn text_is_unescaped_once() {
    for (raw, value) in [
        ("a", "a"),
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("a%20b", "a b"),
        ("%C3%BC", "ü"),
        ("a%26b%3Dc", "a&b=c"),
        ("a=b", "a=b"),
        ("%2525", "%25"),
        ("%zz", "%zz"),
        ("", ""),
        ("/?", "/?"),
    ] {
        let expected = says(200, &format!("{value:?}"));
        assert_eq!(get(app!(), &format!("/text?value={raw}")).await, expected, "{raw}");
        assert_eq!(get(app!(), &format!("/cow?value={raw}")).await, expected, "{raw}");
    }
    assert_eq!(get(app!(), "/text?value").await, says(200, "\"\""));
}

#[tokio::test]
async fn an_option_is_none_only_where_the_value_is_absent() {
    assert_eq!(get(app!(), "/option").await, says(200, "None None"));
    assert_eq!(get(app!(), "/option?").await, says(200, "None None"));
    assert_eq!(get(app!(), "/option?numbers=1&texts=2").await, says(200, "None None"));
    assert_eq!(get(app!(), "/option?number=0&text=x").await, says(200, "Some(0) Some(\"x\")"));
    assert_eq!(get(app!(), "/option?text=").await, says(200, "None Some(\"\")"));
    let reply = Client::new(app!()).get("/option?number=").send().await;
    assert_eq!(fault(reply, 400).await, at("query", "number"));
    let reply = Client::new(app!()).get("/option?number=x").send().await;
    assert_eq!(fault(reply, 400).await, at("query", "number"));
}

#[tokio::test]
async fn a_list_takes_every_value_in_order() {
    assert_eq!(get(app!(), "/many").await, says(200, "[] []"));
    assert_eq!(get(app!(), "/many?tag=a").await, says(200, "[\"a\"] []"));
    assert_eq!(
        get(app!(), "/many?id=1&tag=b&tag=a%20&id=2&tag").await,
        says(200, "[\"b\", \"a \", \"\"] [1, 2]")
    );
    let reply = Client::new(app!()).get("/many?id=1&id=256").send().await;
    assert_eq!(fault(reply, 400).await, at("query", "id"));
}

#[tokio::test]
async fn defaults() {
    assert_eq!(get(app!(), "/default").await, says(200, "1 nobody"));
    assert_eq!(get(app!(), "/default?name=x&page=2").await, says(200, "2 x"));
    let reply = Client::new(app!()).get("/default?page=x").send().await;
    assert_eq!(fault(reply, 400).await, at("query", "page"));
}

#[tokio::test]
async fn every_type_can_have_a_default() {
    let app = || App::new(routes![defaults_of_any_type]);
    assert_eq!(get(app(), "/defaults").await, says(200, r#"["a", "b"] Some(1) Ok(2) true"#));
    let given = "/defaults?tag=x&page=3&tried=4&flag";
    assert_eq!(get(app(), given).await, says(200, r#"["x"] Some(3) Ok(4) false"#));
    assert_eq!(get(app(), "/defaults?tried=x").await, says(200, r#"["a", "b"] Some(1) Err(400) true"#));
    assert_eq!(get(app(), "/defaults?page=x").await.0, 400);
}

#[tokio::test]
async fn enums_and_flags() {
    assert_eq!(get(app!(), "/order?order=down&flag=false").await, says(200, "Some(Down) Some(false)"));
    assert_eq!(get(app!(), "/order?order=up").await, says(200, "Some(Up) None"));
    assert_eq!(get(app!(), "/order?order=Up").await.0, 400);
    assert_eq!(get(app!(), "/order?flag=1").await.0, 400);
}

#[tokio::test]
async fn missing_malformed_or_repeated_is_a_400_that_names_the_parameter() {
    for target in [
        "/one",
        "/one?",
        "/one?Value=7",
        "/one?value",
        "/one?value=",
        "/one?value=x",
        "/one?value=-1",
        "/one?value=1&value=1",
        "/one?value=%FF",
        "/text?value=%FF",
        "/text?value=a&value=b",
        "/text",
    ] {
        let reply = Client::new(app!()).get(target).send().await;
        assert_eq!(fault(reply, 400).await, at("query", "value"), "{target}");
    }
}

#[tokio::test]
async fn a_result_hands_the_failure_to_the_handler() {
    assert_eq!(get(app!(), "/lenient?page=3").await, says(200, "3"));
    assert_eq!(get(app!(), "/lenient").await, says(200, "missing"));
    assert_eq!(get(app!(), "/lenient?page=x").await, says(200, "400 Bad Request"));
}

/// Every place that a pair can have among the eight octets that are looked at together.
#[tokio::test]
async fn at_every_place() {
    for before in 0..20 {
        for length in 0..20 {
            let (before, value) = ("b".repeat(before), "v".repeat(length));
            let target = format!("/option?{before}=!&text={value}&number=7&ü(");
            assert_eq!(
                get(app!(), &target).await,
                says(200, &format!("Some(7) Some({value:?})")),
                "{target}"
            );
            let target = format!("/option?{before}&text={value}%41");
            assert_eq!(
                get(app!(), &target).await,
                says(200, &format!("None Some(\"{value}A\")")),
                "{target}"
            );
            let target = format!("/option?{before}+&te%78t={value}");
            assert_eq!(get(app!(), &target).await, says(200, &format!("None Some({value:?})")), "{target}");
        }
    }
}

/// All values but the first, as another type takes them.
#[derive(Debug)]
struct Rest<T>(T);

impl<'r, T: FromQuery<'r>> FromQuery<'r> for Rest<T> {
    fn from_values(mut values: RawValues<'r>) -> waypost::Result<Self> {
        values.next_text()?;
        T::from_values(values).map(Self)
    }
}

#[get("/rest?{one}&{many}")]
async fn rest(one: Rest<Option<&str>>, many: Rest<Vec<&str>>) -> String {
    format!("{:?} {:?}", one.0, many.0)
}

#[tokio::test]
async fn values_are_handed_on_in_part() {
    for (query, expected) in [
        ("", "None []"),
        ("one=1&many=1", "None []"),
        ("one=1&x=y&one=2&many=1&many=2&many=3", "Some(\"2\") [\"2\", \"3\"]"),
    ] {
        assert_eq!(
            get(App::new(routes![rest]), &format!("/rest?{query}")).await,
            says(200, expected),
            "{query}"
        );
    }
}

#[derive(Deserialize)]
struct Search<'a> {
    q: &'a str,
    #[serde(borrow, default)]
    tag: Vec<Cow<'a, str>>,
    page: Option<u32>,
    #[serde(default)]
    exact: bool,
}

#[get("/all")]
async fn all(Query(search): Query<Search<'_>>) -> String {
    format!("{} {:?} {:?} {}", search.q, search.tag, search.page, search.exact)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    a: u8,
}

#[get("/strict")]
async fn strict(Query(Strict { a }): Query<Strict>) -> String {
    a.to_string()
}

#[get("/pairs")]
async fn pairs(Query(all): Query<HashMap<String, String>>) -> String {
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_unstable();
    format!("{all:?}")
}

#[tokio::test]
async fn all_as_one_value() {
    assert_eq!(get(app!(), "/all?q=a+b").await, says(200, "a b [] None false"));
    let full = get(app!(), "/all?tag=x&q=%C3%BC&page=2&tag=y&exact=true&other=1").await;
    assert_eq!(full, says(200, "ü [\"x\", \"y\"] Some(2) true"));
    assert_eq!(get(app!(), "/all?q=a&page=").await.0, 400);
    assert_eq!(get(app!(), "/pairs").await, says(200, "[]"));
    assert_eq!(get(app!(), "/pairs?b=&a=%26").await, says(200, r#"[("a", "&"), ("b", "")]"#));
    assert_eq!(get(app!(), "/strict?a=1").await, says(200, "1"));
}

#[tokio::test]
async fn faults_in_one_value_name_the_parameter() {
    for (target, name) in [
        ("/all", "q"),
        ("/all?q=a&q=b", "q"),
        ("/all?q=a&page=x", "page"),
        ("/all?q=a&exact=1", "exact"),
        ("/strict?a=1&b=2", "b"),
        ("/strict?a=256", "a"),
    ] {
        let reply = Client::new(app!()).get(target).send().await;
        assert_eq!(fault(reply, 400).await, at("query", name), "{target}");
    }
}

#[tokio::test]
async fn a_query_has_at_most_a_thousand_parameters_for_one_value() {
    let of = |count: usize| format!("/pairs?{}", vec!["a=1"; count].join("&"));
    let distinct: Vec<_> = (0..1000).map(|n| format!("n{n}=")).collect();
    assert_eq!(get(app!(), &format!("/pairs?{}", distinct.join("&"))).await.0, 200);
    assert_eq!(get(app!(), &of(1001)).await.0, 400);
}
