//! `idd` is no parameter, and a number is no extractor.

use waypost::{App, Header, UserAgent, get, routes};

#[get("/users/{id}")]
async fn show(id: u64, idd: u64, agent: Header<UserAgent<'_>>) -> String {
    format!("user {id} {idd} {}", agent.0.0)
}

fn main() {
    let _ = App::new(routes![show]).state(());
}
