//! An extractor's argument knows `#[header(..)]` and `#[default(..)]`, a middleware's knows nothing.

use waypost::{Next, Request, Response, State, extractor, get, middleware};

struct Page(u32);

#[extractor]
fn page(#[query("page")] page: u32) -> Page {
    Page(page)
}

struct Word(String);

#[extractor]
fn word(#[path] word: String) -> Word {
    Word(word)
}

struct Tenant(String);

#[extractor]
fn tenant(#[header("x tenant")] #[default("none")] tenant: String) -> Tenant {
    Tenant(tenant)
}

struct User(String);

#[extractor]
fn user(#[default(7)] State(id): State<&u32>) -> User {
    User(id.to_string())
}

#[middleware]
async fn guard(
    request: &mut Request,
    #[header("x-word")] word: &str,
    #[default(3)] State(times): State<&u32>,
    next: Next<'_>,
) -> Response {
    let _ = (word, times);
    next.run(request).await
}

#[get("/pages")]
async fn pages(#[query("page")] page: u32) -> String {
    page.to_string()
}

/// What no reading of the field's text makes.
struct Depth;

struct Deep(Depth);

#[extractor]
fn deep(#[header("depth")] depth: Depth) -> Deep {
    Deep(depth)
}

fn main() {}
