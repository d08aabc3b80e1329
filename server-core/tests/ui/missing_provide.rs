//! The state has no `Db`.

use waypost::{State, get, routes};

struct Db;

#[derive(State)]
struct App {
    name: String,
}

#[get("/users")]
async fn users(State(db): State<&Db>, State(name): State<&String>) -> String {
    let _ = db;
    name.clone()
}

fn main() {
    let app = App { name: "users".to_owned() };
    let stateless = waypost::App::new(routes![users]);
    let _ = stateless.state(app);
}
