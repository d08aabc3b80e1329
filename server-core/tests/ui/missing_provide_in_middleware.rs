//! The state has no `Db`, which a middleware takes.

use waypost::{Next, Request, Response, State, get, middleware, routes};

struct Db;

#[derive(State)]
struct App {
    name: String,
}

#[middleware]
async fn audit(request: &mut Request, State(db): State<&Db>, next: Next<'_>) -> Response {
    let _ = db;
    next.run(request).await
}

#[get("/name")]
async fn name(State(name): State<&String>) -> String {
    name.clone()
}

fn main() {
    let app = App { name: "users".to_owned() };
    let _ = waypost::App::new(routes![name].wrap(audit)).state(app);
}
