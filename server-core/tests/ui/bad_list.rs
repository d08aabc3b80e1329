//! Lists that are none.

use waypost::{App, get, routes};

#[get("/users")]
async fn users() {}

#[get("/health")]
async fn health() {}

fn set() -> impl waypost::Routes<()> {
    routes![health]
}

fn main() {
    let _ = App::new(routes![users, set()]);
    let _ = App::new(routes!["api" => [users]]);
    let _ = App::new(routes!["/api/" => [users]]);
    let _ = App::new(routes!["/api" => users]);
    let _ = App::new(routes!["/api", users]);
    let _ = App::new(routes![users, health, users]);
    let _ = App::new(routes!["//not a host" => [users]]);
    let _ = App::new(routes![users health]);
}
