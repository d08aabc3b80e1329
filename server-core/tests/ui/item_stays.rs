//! One mistake, one message: what calls, mounts or takes the item has nothing to complain of.

use waypost::{
    App, FromParam, Next, Request, Response, State, extractor, fallback, get, middleware, post, routes,
};

#[get("users")]
async fn users(page: u32) -> String {
    format!("page {page}")
}

#[post("/notes", stauts = 201)]
async fn notes(text: String) -> String {
    text
}

#[fallback("/nothing")]
async fn nothing() -> &'static str {
    "nothing"
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

#[get("/name")]
async fn name(State(name): State<&String>) -> String {
    name.clone()
}

#[derive(FromParam)]
enum Sort {
    New,
    #[param(name = "old")]
    Old,
}

#[get("/sorted/{by}")]
async fn sorted(by: Sort) -> &'static str {
    match by {
        Sort::New => "new",
        Sort::Old => "old",
    }
}

async fn call() -> String {
    users(1).await
        + &notes(String::new()).await
        + nothing().await
        + &page().0.to_string()
        + sorted(Sort::New).await
}

fn main() {
    let _ = call();
    let site = Site { name: String::new() };
    let routes = routes![users, notes, show_page, name, sorted, _ => nothing].wrap(quiet);
    let _ = App::new(routes).state(site);
    let _ = App::new(routes![users, 3]).state(());
}
