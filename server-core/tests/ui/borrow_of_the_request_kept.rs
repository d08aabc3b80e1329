//! What is borrowed from the request ends with it.

use waypost::{App, get, routes};

#[get("/posts/{name}")]
async fn keep(name: &str) -> String {
    std::thread::spawn(move || name.len().to_string()).join().unwrap_or_default()
}

fn main() {
    let _ = App::new(routes![keep]);
}
