//! The same five routes on each library, each in its own idiom:
//!
//! - `GET /hello`: a static text;
//! - `GET /users/{id}/posts/{post}`: a number and a text out of the path, into a text;
//! - `GET /search?q=..&page=..`: two query parameters, into a text;
//! - `GET /user`: a small JSON document out;
//! - `POST /orders`: a JSON document in, and its total out.

pub mod axum;
pub mod hyper;
pub mod many;
pub mod victim;
pub mod waypost;

pub type Served = Result<(), Box<dyn std::error::Error>>;

/// One of them, by its name.
pub async fn serve(name: &str, listener: std::net::TcpListener) -> Served {
    match name {
        "waypost" => waypost::serve(listener).await,
        "waypost-many" => waypost::serve_many(listener).await,
        "hyper" => hyper::serve(listener, false).await,
        "hyper-deadline" => hyper::serve(listener, true).await,
        "hyper-http2" => hyper::serve_http2(listener).await,
        "axum" => axum::serve(listener, 0).await,
        "axum-many" => axum::serve(listener, 200).await,
        "victim" => victim::serve(listener, false).await,
        "victim-short" => victim::serve(listener, true).await,
        _ => Err("which one? waypost, hyper, hyper-deadline, hyper-http2, axum, waypost-many, axum-many, victim or victim-short".into()),
    }
}

use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub struct User<'a> {
    pub id: u32,
    pub name: &'a str,
    pub email: &'a str,
}

pub const USER: User<'static> = User { id: 7, name: "Ada Lovelace", email: "ada@example.org" };

#[derive(Deserialize)]
pub struct Order {
    pub lines: Vec<Line>,
}

#[derive(Deserialize)]
pub struct Line {
    pub name: String,
    pub count: u32,
    pub price: f64,
}

impl Order {
    pub fn total(&self) -> String {
        let total: f64 = self.lines.iter().map(|line| f64::from(line.count) * line.price).sum();
        let letters: usize = self.lines.iter().map(|line| line.name.len()).sum();
        format!("{total:.2} {letters}")
    }
}
