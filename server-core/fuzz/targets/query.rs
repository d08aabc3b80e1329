//! Any query, into parameters by name and into one value: both read it as a plain reading of the form says.
#![cfg_attr(feature = "libfuzzer", no_main)]

mod common;

use std::str::FromStr;
use std::sync::LazyLock;

use serde::Deserialize;
use waypost::http::{Method, Uri};
use waypost::test::Client;
use waypost::{App, Query, get, routes};

use common::{ask, target, text, uri};

target!(run);

#[get("/named?{a}&{n}&{b}&{all}")]
async fn named(a: Option<&str>, n: Option<i32>, b: Option<bool>, all: Vec<String>) -> String {
    format!("{a:?} {n:?} {b:?} {all:?}")
}

#[derive(Deserialize)]
struct Values {
    a: Option<String>,
    n: Option<i32>,
    b: Option<bool>,
    #[serde(default)]
    all: Vec<String>,
}

#[get("/typed")]
async fn typed(Query(values): Query<Values>) -> String {
    let Values { a, n, b, all } = values;
    format!("{a:?} {n:?} {b:?} {all:?}")
}

#[get("/pairs")]
async fn pairs(Query(pairs): Query<Vec<(String, String)>>) -> String {
    format!("{pairs:?}")
}

type Ask = dyn Fn(Uri) -> (u16, String) + Send + Sync;

static ASK: LazyLock<Box<Ask>> = LazyLock::new(|| {
    let client = Client::new(App::new(routes![named, typed, pairs]));
    Box::new(move |uri| ask(&client, Method::GET, uri))
});

fn run(data: &[u8]) {
    let Some(uri) = uri("/named?", data) else { return };
    let query = uri.query().unwrap_or_default().to_owned();
    let pairs = read(query.as_bytes());
    check(&uri, by_name(&pairs));

    // One value takes all of the query, and refuses it if any of it is no text.
    let legible: Option<Vec<(String, String)>> = if pairs.len() > 1000 {
        None
    } else {
        pairs.iter().cloned().map(|(name, value)| Some((name?, value?))).collect()
    };
    for (path, expected) in [
        ("/typed?", legible.as_ref().and_then(|_| by_name(&pairs))),
        ("/pairs?", legible.as_ref().map(|pairs| format!("{pairs:?}"))),
    ] {
        if let Some(uri) = common::uri(path, query.as_bytes()) {
            check(&uri, expected);
        }
    }
}

fn check(uri: &Uri, expected: Option<String>) {
    let (status, found) = ASK(uri.clone());
    match expected {
        Some(text) => assert_eq!((status, found), (200, text), "{uri}"),
        None => assert_eq!(status, 400, "{uri}: {found}"),
    }
}

/// A name and a value, each nothing where it is no text.
type Pair = (Option<String>, Option<String>);

/// Reads a form (WHATWG URL standard, section 5.1).
fn read(query: &[u8]) -> Vec<Pair> {
    let text = |raw: &[u8]| {
        text(&raw.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect::<Vec<_>>())
    };
    let parts = query.split(|&byte| byte == b'&').filter(|part| !part.is_empty());
    parts
        .map(|part| match part.iter().position(|&byte| byte == b'=') {
            Some(at) => (text(&part[..at]), text(&part[at + 1..])),
            None => (text(part), text(b"")),
        })
        .collect()
}

/// What the handlers answer; nothing where they refuse.
fn by_name(pairs: &[Pair]) -> Option<String> {
    let all = |wanted: &str| -> Option<Vec<String>> {
        let named = pairs.iter().filter(|(name, _)| name.as_deref() == Some(wanted));
        named.map(|(_, value)| value.clone()).collect()
    };
    let (a, n, b) = (one::<String>(all("a")?)?, one::<i32>(all("n")?)?, one::<bool>(all("b")?)?);
    Some(format!("{a:?} {n:?} {b:?} {:?}", all("all")?))
}

/// The one value there may be.
fn one<T: FromStr>(values: Vec<String>) -> Option<Option<T>> {
    match &values[..] {
        [] => Some(None),
        [value] => value.parse().ok().map(Some),
        _ => None,
    }
}
