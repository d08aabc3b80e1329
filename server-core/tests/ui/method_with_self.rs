//! A handler is a free function.

use waypost::get;

struct Users;

impl Users {
    #[get("/users")]
    async fn list(&self) -> &'static str {
        "users"
    }
}

fn main() {
    let _ = Users.list();
}
