//! Waypost, as its documentation writes it, and nothing but the five routes.

#[path = "../servers/messages.rs"]
mod messages;
#[path = "../servers/program.rs"]
mod program;
#[path = "../peers/servers/runtime.rs"]
mod runtime;

use waypost::{App, Json, Server, get, post, routes};

use messages::{Order, USER, User};
use program::{Done, Options};

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

fn main() -> Done {
    let app = App::new(routes![hello, user_post, search, user, order]);
    let listener = program::listen()?;
    runtime::shared(Options::read().threads)?
        .block_on(async { Ok(Server::builder().tcp_socket(listener).bind()?.serve(app).await?) })
}
