//! What is served is an application.

use waypost::test::Client;
use waypost::{get, routes};

#[get("/")]
async fn index() {}

fn main() {
    let _ = Client::new(routes![index]);
}
