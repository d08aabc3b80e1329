//! Two routes for the same requests, in two modules that do not know each other.

use waypost::{App, routes};

mod users {
    use waypost::{Routes, get, routes};

    #[get("/users/{id}")]
    async fn by_id(id: u64) -> String {
        id.to_string()
    }

    pub fn routes() -> impl Routes<()> {
        routes![by_id]
    }
}

mod names {
    use waypost::{Routes, get, routes};

    #[get("/users/{name}")]
    async fn by_name(name: &str) -> String {
        name.to_owned()
    }

    pub fn routes() -> impl Routes<()> {
        routes![by_name]
    }
}

fn main() {
    let _ = App::new(routes![..users::routes(), ..names::routes()]);
}
