//! The README's program. `PORT` chooses another port than 3000.

use serde::Serialize;
use waypost::{App, Json, get, routes};

#[derive(Serialize)]
struct Greeting<'a> {
    hello: &'a str,
}

/// Greets by name.
#[get("/hello/{name}")]
async fn hello(name: &str) -> Json<Greeting<'_>> {
    Json(Greeting { hello: name })
}

#[tokio::main]
async fn main() -> waypost::Result<()> {
    waypost_examples::bind().await?.serve(App::new(routes![hello])).await
}
