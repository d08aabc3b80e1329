//! Two routes for the same requests, one of them in a module mounted under a prefix.

use waypost::{App, get, routes};

mod users {
    use waypost::{Routes, get, routes};

    #[get("/{id}")]
    async fn by_id(id: u64) -> String {
        id.to_string()
    }

    pub fn routes() -> impl Routes<()> {
        routes!["/users" => [by_id]]
    }
}

#[get("/api/users/{name}")]
async fn by_name(name: &str) -> String {
    name.to_owned()
}

fn main() {
    let _ = App::new(routes![by_name, "/api" => [..users::routes()]]);
}
