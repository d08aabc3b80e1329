//! A request has one body.

use waypost::{Json, post};

#[post("/notes")]
async fn create(title: Json<String>, text: String) -> String {
    title.0 + &text
}

fn main() {
    let _ = create {};
}
