//! Waypost, with everything on that is on by default, and room for more connections.

use waypost::config::Config;
use waypost::{App, Json, Server, get, post, routes};

use super::{Order, Served, USER, User};

#[get("/hello")]
async fn hello() -> &'static str {
    "Hello, World!"
}

#[get("/users/{id}/posts/{post}")]
async fn user_post(id: u32, post: &str) -> String {
    format!("post {post} of user {id}")
}

#[get("/search?{q}&{page}")]
async fn search(q: &str, page: Option<u32>) -> String {
    format!("page {} of {q}", page.unwrap_or(1))
}

#[get("/user")]
async fn user() -> Json<User<'static>> {
    Json(USER)
}

#[post("/orders")]
async fn order(Json(order): Json<Order>) -> String {
    order.total()
}

pub async fn serve(listener: std::net::TcpListener) -> Served {
    let app = App::new(routes![hello, user_post, search, user, order]);
    Ok(server(listener)?.serve(app).await?)
}

/// With two hundred routes more.
pub async fn serve_many(listener: std::net::TcpListener) -> Served {
    let app = App::new(routes![hello, user_post, search, user, order, ..super::many::two_hundred()]);
    Ok(server(listener)?.serve(app).await?)
}

fn server(listener: std::net::TcpListener) -> waypost::Result<Server> {
    let mut config = Config::default();
    config.limits.connections = 100_000;
    config.limits.connections_per_client = Some(100_000);
    Server::builder().config(config).tcp_socket(listener).bind()
}
