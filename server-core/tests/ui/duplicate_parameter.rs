//! Two parameters of one name: in one path, and in path and query.

use waypost::get;

#[get("/users/{id}/posts/{id}")]
async fn one(id: u64) -> String {
    format!("user {id}")
}

#[get("/users/{id}?{id}")]
async fn two(id: u64) -> String {
    format!("user {id}")
}

fn main() {
    let _ = (one {}, two {});
}
