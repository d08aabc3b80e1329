//! Any path: it comes to the route, and with the parameters, that a plain reading of it says.
#![cfg_attr(feature = "libfuzzer", no_main)]

mod common;

use std::borrow::Cow;
use std::sync::LazyLock;

use waypost::http::{Method, Uri};
use waypost::test::Client;
use waypost::{App, Path, fallback, get, routes};

use common::{ask, decoded, target, text, uri};

target!(run);

#[get("/")]
async fn index() -> &'static str {
    "index"
}

#[get("/users")]
async fn users() -> &'static str {
    "users"
}

#[get("/users/me")]
async fn me() -> &'static str {
    "me"
}

#[get("/users/{id}")]
async fn user(id: &str) -> String {
    format!("user {id:?}")
}

#[get("/users/{id}/posts/{post}")]
async fn post(id: String, post: Cow<'_, str>) -> String {
    format!("post {id:?} {post:?}")
}

#[get("/img-{name}.png")]
async fn image(name: &str) -> String {
    format!("image {name:?}")
}

#[get("/files/{*path}")]
async fn file(path: &str) -> String {
    format!("file {path:?}")
}

#[get("/numbers/{n}")]
async fn number(n: i16) -> String {
    format!("number {n}")
}

#[get("/repos/{repo}")]
async fn repo(all: Path<(String, String)>) -> String {
    format!("repo {:?}", all.0)
}

#[fallback(status = 404)]
async fn nothing() -> &'static str {
    "nothing"
}

type Ask = dyn Fn(Uri) -> (u16, String) + Send + Sync;

static ASK: LazyLock<Box<Ask>> = LazyLock::new(|| {
    let routes = routes![
        index, users, me, user, post, image, file, number,
        "/orgs/{org}" => [repo],
        _ => nothing,
    ];
    let client = Client::new(App::new(routes));
    Box::new(move |uri| ask(&client, Method::GET, uri))
});

fn run(data: &[u8]) {
    let Some(uri) = uri("/", data) else { return };
    let expected = expected(uri.path().as_bytes());
    let (status, found) = ASK(uri.clone());
    match expected {
        Some(text) if text == "nothing" => assert_eq!((status, found), (404, text), "{uri}"),
        Some(text) => assert_eq!((status, found), (200, text), "{uri}"),
        None => assert_eq!(status, 400, "{uri}: {found}"),
    }
}

/// What is answered; nothing where a parameter is not what it has to be.
fn expected(path: &[u8]) -> Option<String> {
    let segments: Vec<&[u8]> = path[1..].split(|&byte| byte == b'/').collect();
    // All the literal text of the routes is of characters that may be escaped or not.
    let plain: Vec<Vec<u8>> = segments.iter().map(|segment| decoded(segment)).collect();
    let plain: Vec<&[u8]> = plain.iter().map(Vec::as_slice).collect();
    let there = |index: usize| !segments[index].is_empty();
    Some(match plain[..] {
        [b""] => "index".to_owned(),
        [b"users"] => "users".to_owned(),
        [b"users", b"me"] => "me".to_owned(),
        [b"users", _] if there(1) => format!("user {:?}", text(segments[1])?),
        [b"users", _, b"posts", _] if there(1) && there(3) => {
            format!("post {:?} {:?}", text(segments[1])?, text(segments[3])?)
        }
        [b"files", ..] if segments.len() > 2 || segments.len() == 2 && there(1) => {
            format!("file {:?}", text(&segments[1..].join(&b'/'))?)
        }
        [b"numbers", _] if there(1) => format!("number {}", text(segments[1])?.parse::<i16>().ok()?),
        [b"orgs", _, b"repos", _] if there(1) && there(3) => {
            format!("repo {:?}", (text(segments[1])?, text(segments[3])?))
        }
        [segment] => match segment.strip_prefix(b"img-").and_then(|rest| rest.strip_suffix(b".png")) {
            Some(name) if !name.is_empty() => format!("image {:?}", String::from_utf8(name.to_vec()).ok()?),
            _ => "nothing".to_owned(),
        },
        _ => "nothing".to_owned(),
    })
}
