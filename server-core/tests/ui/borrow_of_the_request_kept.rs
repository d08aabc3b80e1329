//! What is borrowed from the request ends with it.

use waypost::{App, get, routes};

#[get("/users/{name}")]
async fn show(name: &'static str) -> &'static str {
    name
}

#[get("/posts/{name}")]
async fn keep(name: &str) -> String {
    std::thread::spawn(move || name.len().to_string()).join().unwrap_or_default()
}

fn main() {
    let _ = App::new(routes![show, keep]);
}
