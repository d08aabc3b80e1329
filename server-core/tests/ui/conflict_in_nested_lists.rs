//! Two routes for the same requests, in one invocation, one of them under a prefix.

use waypost::{App, get, routes};

#[get("/users/me")]
async fn me() -> &'static str {
    "me"
}

#[get("/me")]
async fn also_me() -> &'static str {
    "me, too"
}

fn main() {
    let _ = App::new(routes![me, "/users" => [also_me]]);
}
