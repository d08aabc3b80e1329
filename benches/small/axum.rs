//! axum, as its documentation writes it, and nothing but the five routes.

#[path = "../servers/messages.rs"]
mod messages;
#[path = "../servers/program.rs"]
mod program;
#[path = "../peers/servers/runtime.rs"]
mod runtime;

use axum::extract::{Path, Query};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};

use messages::{Order, Search, USER, User};
use program::{Done, Options};

async fn hello() -> &'static str {
    "Hello, World!"
}

async fn user_post(Path((id, post)): Path<(u32, String)>) -> String {
    format!("post {post} of user {id}")
}

async fn search(Query(search): Query<Search>) -> String {
    search.text()
}

async fn user() -> Json<User<'static>> {
    Json(USER)
}

async fn order(Json(order): Json<Order>) -> String {
    order.total()
}

fn main() -> Done {
    let app = Router::new()
        .route("/hello", get(hello))
        .route("/users/{id}/posts/{post}", get(user_post))
        .route("/search", get(search))
        .route("/user", get(user))
        .route("/orders", post(order));
    let listener = program::listen()?;
    runtime::shared(Options::read().threads)?.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        Ok(axum::serve(listener, app).await?)
    })
}
