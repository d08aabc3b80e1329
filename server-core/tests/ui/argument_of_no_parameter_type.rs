//! A type that can be made of no text, in the path, the query and a header field.

use waypost::get;

struct UserId(u64);

#[get("/users/{id}?{by}")]
async fn show(id: UserId, by: Option<UserId>, #[header("x-user")] user: UserId) -> String {
    format!("user {} {:?} {}", id.0, by.map(|by| by.0), user.0)
}

fn main() {
    let _ = show {};
}
