//! Patterns that are none.

use waypost::get;

#[get("users")]
async fn no_slash() {}

#[get("/users/{id")]
async fn not_closed(id: u64) {
    let _ = id;
}

#[get("/users/id}")]
async fn not_opened() {}

#[get("/users/{}")]
async fn without_name() {}

#[get("/users/{1st}")]
async fn no_name_of_an_argument() {}

#[get("/{from}{to}")]
async fn two_in_a_segment(from: u64, to: u64) {
    let _ = (from, to);
}

#[get("/{*path}/edit")]
async fn rest_before_the_end(path: &str) {
    let _ = path;
}

#[get("/100%")]
async fn broken_escape() {}

#[get("/a#b")]
async fn fragment() {}

#[get("/users?page=1")]
async fn query_with_value() {}

#[get("/a/../b")]
async fn dots() {}

#[get(PATH)]
async fn not_a_literal() {}

#[get]
async fn no_path() {}

const PATH: &str = "/";

fn main() {
    let _ = PATH;
}
