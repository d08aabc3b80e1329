//! The state has no `Db`, and the routes are in a function that says which state they are for.

use waypost::{Routes, State, get, routes};

struct Db;

#[derive(State)]
struct App {
    name: String,
}

#[get("/users")]
async fn users(State(db): State<&Db>, State(name): State<&String>) -> String {
    let _ = db;
    name.clone()
}

fn api() -> impl Routes<App> {
    routes!["/api" => [users]]
}

fn main() {
    let _ = waypost::App::new(api()).state(App { name: "users".to_owned() });
}
