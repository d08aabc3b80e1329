//! A function without a route attribute is no route.

use waypost::{App, get, routes};

async fn users() -> &'static str {
    "users"
}

struct Posts;

#[get("/health")]
async fn health() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new(routes![health, users]);
    let _ = App::new(routes![health, Posts]);
}
