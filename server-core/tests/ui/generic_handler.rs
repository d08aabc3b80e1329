//! Nothing says what `T` is.

use waypost::get;

#[get("/users/{id}")]
async fn show<T: std::fmt::Display>(id: T) -> String {
    id.to_string()
}

#[get("/posts/{id}")]
async fn post(id: impl std::fmt::Display) -> String {
    id.to_string()
}

#[get("/pages")]
async fn pages<const SIZE: usize>() -> String {
    SIZE.to_string()
}

fn main() {}
