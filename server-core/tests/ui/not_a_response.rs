//! A struct is no response by itself.

use waypost::get;

struct User {
    id: u64,
}

#[get("/users/{id}")]
async fn show(id: u64) -> User {
    User { id }
}

#[get("/users/{id}/maybe")]
async fn find(id: u64) -> Result<User, waypost::Error> {
    Ok(User { id })
}

fn main() {
    let _ = (show {}, find {}, User { id: 1 }.id);
}
