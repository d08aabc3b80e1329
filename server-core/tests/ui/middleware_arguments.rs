//! A middleware takes the request first and what comes next last.

use waypost::{Next, Request, Response, State, middleware};

#[middleware]
async fn nothing() -> Response {
    Response::default()
}

#[middleware]
async fn no_next(request: &mut Request) -> Response {
    let _ = request;
    Response::default()
}

#[middleware]
async fn by_value(request: Request, next: Next<'_>) -> Response {
    let _ = (request, next);
    Response::default()
}

#[middleware]
async fn turned_round(next: Next<'_>, request: &mut Request) -> Response {
    next.run(request).await
}

#[middleware]
fn not_async(request: &mut Request, next: Next<'_>) -> Response {
    let _ = (request, next);
    Response::default()
}

#[middleware]
async fn generic<T>(request: &mut Request, next: Next<'_>) -> Response {
    next.run(request).await
}

fn main() {
    let _: Option<State<()>> = None;
}
