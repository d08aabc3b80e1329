//! What an app tells of its requests.

mod metrics;
mod trace;

use std::future::Future;
use std::task::Poll;

use futures_util::{StreamExt, stream};
use waypost::http::Method;
use waypost::{Body, BoxError, DynamicRoutes, Error, Response, Routes, get, post, routes};

#[get("/users/{id}")]
async fn user(id: u64) -> String {
    id.to_string()
}

#[get("/fails")]
async fn fails() -> Result<(), Error> {
    Err(Error::internal("the disk is full"))
}

#[get("/panics")]
async fn panics() {
    panic!("a bug");
}

/// Answers in two polls, and says something after the first.
#[get("/waits/{name}")]
async fn waits(name: &str) {
    pause().await;
    tracing::info!(name, "after the wait");
}

#[get("/never")]
async fn never() {
    std::future::pending::<()>().await;
}

/// Two pieces, with an event before each.
#[get("/stream")]
async fn streamed() -> Body {
    let pieces = stream::iter(["one ", "two"]).map(|piece| {
        tracing::info!(piece, "a piece");
        Ok::<_, BoxError>(piece)
    });
    Body::from_stream(pieces)
}

/// As `streamed`, its length announced.
#[get("/announced")]
async fn announced() -> Response {
    let mut response = Response::new(streamed().await);
    response.headers_mut().insert("content-length", 7.into());
    response
}

/// A stream where there is no content.
#[get("/unchanged", status = 304)]
async fn unchanged() -> Body {
    streamed().await
}

#[get("/fails-at-length", status = 500)]
async fn fails_at_length() -> Body {
    streamed().await
}

#[get("/breaks")]
async fn breaks() -> Body {
    Body::from_stream(stream::iter([Ok("one "), Err(BoxError::from("the disk is gone"))]))
}

#[post("/users", status = 201)]
async fn create(_body: &[u8]) {}

#[waypost::fallback(status = 404)]
async fn nothing() -> &'static str {
    "nothing here"
}

fn all() -> impl Routes<()> {
    routes![
        "/api" => [user, create, fails, panics, waits, never, streamed, announced, unchanged, breaks, fails_at_length],
        "/static" => [_ => nothing],
    ]
}

/// As `all`, with a route of a method that the standard does not have.
fn with_extension() -> impl Routes<()> {
    let mut routes = DynamicRoutes::<()>::new();
    routes.add(Method::from_bytes(b"PROPFIND").unwrap(), "/api/dav", |_| async {}).unwrap();
    routes![..all(), ..routes]
}

/// Lets others go first, once.
async fn pause() {
    let mut is_first = true;
    std::future::poll_fn(|cx| {
        if std::mem::take(&mut is_first) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

/// Polls once, and drops what is not ready by then.
async fn leave(future: impl Future) {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}
