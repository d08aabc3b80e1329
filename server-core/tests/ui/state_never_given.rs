//! A handler takes state, and none is given.

use waypost::test::Client;
use waypost::{App, State, get, routes};

struct Db;

#[get("/users")]
async fn users(State(db): State<&Db>) -> &'static str {
    let _ = db;
    "users"
}

fn main() {
    let _ = Client::new(App::new(routes![users]));
}
