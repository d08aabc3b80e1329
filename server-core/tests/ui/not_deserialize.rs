//! `Json<T>` is made from a `T: Deserialize`.

use waypost::{App, Json, post, routes};

struct User {
    name: String,
}

#[post("/users")]
async fn create(Json(user): Json<User>) -> String {
    user.name
}

fn main() {
    let _ = App::new(routes![create]).state(());
}
