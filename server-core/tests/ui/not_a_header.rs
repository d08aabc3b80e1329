//! `Header<T>` is made from a `T: FromHeader`.

use waypost::{App, Header, get, routes};

#[get("/")]
async fn index(Header(agent): Header<String>) -> String {
    agent
}

fn main() {
    let _ = App::new(routes![index]).state(());
}
