//! Waypost, with everything on that is on by default, and room for more connections.

use std::time::Duration;

use waypost::config::Config;
use waypost::http::{Method, StatusCode};
use waypost::{
    App, BodyLimit, CatchPanic, DynamicRoutes, Json, Respond, Routes, Server, Timeout, fallback, get, post,
    routes,
};

use super::{LOST, Order, Served, USER, User};
use crate::workload::documents::Document;
use crate::workload::generated;

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

#[post("/documents")]
async fn document(Json(document): Json<Document<String>>) -> String {
    document.summary()
}

#[post("/documents/borrowed")]
async fn borrowed(Json(document): Json<Document<&str>>) -> String {
    document.summary()
}

#[post("/documents/echo")]
async fn echo(Json(document): Json<Document<String>>) -> Json<Document<String>> {
    Json(document)
}

#[fallback]
async fn lost() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, LOST)
}

pub fn app() -> App<impl Routes<()>> {
    App::new(routes![hello, user_post, search, user, order, document, borrowed, echo, _ => lost])
}

/// With two hundred routes more.
pub fn with_two_hundred() -> App<impl Routes<()>> {
    let more = super::many::two_hundred();
    App::new(routes![hello, user_post, search, user, order, document, borrowed, echo, ..more, _ => lost])
}

/// The same application with three middlewares around it.
pub fn with_middlewares() -> App<impl Routes<()>> {
    app().wrap(CatchPanic).wrap(BodyLimit::new(1 << 20)).wrap(Timeout::new(Duration::from_secs(30)))
}

/// The same routes, and so many more.
///
/// # Errors
///
/// The generated routes clash, which they do not.
pub fn with_routes(count: usize) -> Result<App<impl Routes<()>>, Box<dyn std::error::Error>> {
    let mut more = DynamicRoutes::<()>::new();
    for index in 0..count {
        more.add(Method::GET, &generated::pattern(index), |_| async { "found" })?;
    }
    Ok(App::try_new(routes![
        hello, user_post, search, user, order, document, borrowed, echo, ..more, _ => lost
    ])?)
}

pub async fn serve(app: impl Respond, listener: std::net::TcpListener) -> Served {
    let mut config = Config::default();
    config.limits.connections = 100_000;
    config.limits.connections_per_client = Some(100_000);
    Ok(Server::builder().config(config).tcp_socket(listener).bind()?.serve(app).await?)
}
