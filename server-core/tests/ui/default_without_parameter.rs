//! A default is for what may be missing.

use waypost::get;

#[get("/users/{id}")]
async fn show(#[default(1)] id: u64) -> String {
    id.to_string()
}

#[get("/agent")]
async fn agent(#[header("user agent")] agent: &str) -> String {
    agent.to_owned()
}

fn main() {}
