//! One mistake, one message: what calls or mounts the item has nothing to complain of.

use waypost::{App, Next, Request, Response, fallback, get, middleware, post, routes};

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

async fn call() -> String {
    users(1).await + &notes(String::new()).await + nothing().await
}

fn main() {
    let _ = call();
    let _ = notes::uri();
    let routes = routes![users, "/api" => [notes], _ => nothing].wrap(quiet);
    let _ = App::new(routes).state(());
    let _ = App::new(routes![users, 3]).state(());
}
