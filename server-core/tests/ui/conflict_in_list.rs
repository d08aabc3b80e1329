//! Two routes for the same requests, in one list.

use waypost::{App, get, routes};

#[get("/users/{id}")]
async fn by_id(id: u64) -> String {
    id.to_string()
}

#[get("/users/{name}")]
async fn by_name(name: &str) -> String {
    name.to_owned()
}

fn main() {
    let _ = App::new(routes![by_id, by_name]);
}
