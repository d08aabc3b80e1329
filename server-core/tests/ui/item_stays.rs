//! One mistake, one message: what calls or mounts the handler has nothing to complain of.

use waypost::{App, Next, Request, Response, State, extractor, get, middleware, post, routes};

#[get("users")]
async fn users(page: u32) -> String {
    format!("page {page}")
}

#[post("/notes", stauts = 201)]
async fn notes(text: String) -> String {
    text
}

#[get("/posts/{id}")]
async fn posts(idd: u64) -> String {
    format!("post {idd}")
}

#[middleware(nmae = 1)]
async fn quiet(request: &mut Request, next: Next<'_>) -> Response {
    next.run(request).await
}

struct Page(u32);

#[extractor(nmae = 1)]
fn page() -> Page {
    Page(1)
}

#[get("/page")]
async fn show_page(page: Page) -> String {
    page.0.to_string()
}

#[derive(State)]
struct Site {
    #[state(skpi)]
    name: String,
}

async fn call() -> String {
    users(1).await + &notes(String::new()).await + &posts(2).await + &page().0.to_string()
}

fn main() {
    let _ = call();
    let site = Site { name: String::new() };
    let _ = site.name.len();
    let _ = App::new(routes![users, notes, posts, show_page].wrap(quiet)).state(site);
    let _ = App::new(routes![users, 3]).state(());
}
