//! What is in an `Option` or a `Result` is looked at where the handler is written, mounted or not.

use waypost::{Error, Header, Json, Query, get, post};

struct User {
    name: String,
}

#[post("/maybe")]
async fn maybe(user: Option<Json<User>>) -> Option<String> {
    user.map(|Json(user)| user.name)
}

#[post("/tried")]
async fn tried(user: Result<Json<User>, Error>) -> waypost::Result<String> {
    user.map(|Json(user)| user.name)
}

#[get("/asked")]
async fn asked(user: waypost::Result<Query<User>>) -> waypost::Result<String> {
    user.map(|Query(user)| user.name)
}

#[get("/agent")]
async fn agent(agent: Option<Header<User>>) -> Option<String> {
    agent.map(|Header(user)| user.name)
}

fn main() {}
