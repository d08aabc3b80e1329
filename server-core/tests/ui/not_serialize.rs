//! `Json<T>` is made of a `T: Serialize`.

use waypost::{Json, get};

struct User {
    name: String,
}

#[get("/user")]
async fn user() -> Json<User> {
    Json(User { name: String::new() })
}

fn main() {
    let _ = (user {}, User { name: String::new() }.name);
}
