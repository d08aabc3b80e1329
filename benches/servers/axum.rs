//! axum, as its documentation writes it; `TCP_NODELAY` is set, which `axum::serve` leaves to its user.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};

use super::messages::Search;
use super::{LOST, Order, Served, USER, User};
use crate::workload::documents::Document;

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

async fn document(Json(document): Json<Document<String>>) -> String {
    document.summary()
}

async fn echo(Json(document): Json<Document<String>>) -> Json<Document<String>> {
    Json(document)
}

async fn lost() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, LOST)
}

pub fn app() -> Router {
    Router::new()
        .route("/hello", get(hello))
        .route("/users/{id}/posts/{post}", get(user_post))
        .route("/search", get(search))
        .route("/user", get(user))
        .route("/orders", post(order))
        .route("/documents", post(document))
        .route("/documents/borrowed", post(document))
        .route("/documents/echo", post(echo))
        .fallback(lost)
}

async fn extra(Path(id): Path<u32>) -> String {
    id.to_string()
}

/// With so many routes beside.
pub async fn serve(listener: std::net::TcpListener, routes: usize) -> Served {
    let app = (0..routes).fold(app(), |app, n| app.route(&format!("/extra/{n}/{{id}}"), get(extra)));
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, app).await?)
}
