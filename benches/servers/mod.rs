//! The same routes on each library, each in its own idiom:
//!
//! - `GET /hello`: a static text;
//! - `GET /users/{id}/posts/{post}`: a number and a text out of the path, into a text;
//! - `GET /search?q=..&page=..`: two query parameters, into a text;
//! - `GET /user`: a small JSON document out;
//! - `POST /orders`: a JSON document in, and its total out;
//! - `POST /documents`: a JSON document of any size in, its texts owned, and what is in it out;
//! - `POST /documents/borrowed`: the same, its texts borrowed from the body where the library can (axum cannot);
//! - `POST /documents/echo`: a JSON document in, its texts owned, and out again;
//! - anything else: 404 with a text.

pub mod axum;
pub mod hyper;
pub mod many;
pub mod messages;
pub mod program;
pub mod victim;
pub mod waypost;

pub use messages::{LOST, Order, USER, User};

pub type Served = Result<(), Box<dyn std::error::Error>>;

/// One of them, by its name.
pub async fn serve(name: &str, listener: std::net::TcpListener) -> Served {
    match name {
        "waypost" => waypost::serve(waypost::app(), listener).await,
        "waypost-middlewares" => waypost::serve(waypost::with_middlewares(), listener).await,
        "waypost-10-routes" => waypost::serve(waypost::with_routes(10)?, listener).await,
        "waypost-10000-routes" => waypost::serve(waypost::with_routes(10_000)?, listener).await,
        "waypost-many" => waypost::serve(waypost::with_two_hundred(), listener).await,
        "hyper" => hyper::serve(listener, false).await,
        "hyper-deadline" => hyper::serve(listener, true).await,
        "hyper-http2" => hyper::serve_http2(listener).await,
        "axum" => axum::serve(listener, 0).await,
        "axum-many" => axum::serve(listener, 200).await,
        "victim" => victim::serve(listener, false).await,
        "victim-short" => victim::serve(listener, true).await,
        _ => Err("which one? `benches/servers/mod.rs` has their names".into()),
    }
}
