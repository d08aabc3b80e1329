//! Nothing takes `{post}`.

use waypost::get;

#[get("/users/{id}/posts/{post}")]
async fn show(id: u64) -> String {
    format!("user {id}")
}

fn main() {
    let _ = show;
}
