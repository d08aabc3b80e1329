//! Groups of routes under prefixes, spread over modules, with middleware around some of them and around all.

use std::time::Duration;

use waypost::{
    App, CatchPanic, IntoResponse, Next, Request, Response, Routes, Timeout, get, middleware, routes,
};

mod shop {
    use super::{get, routes};
    use waypost::Routes;

    #[get("/items?{page}")]
    async fn items(page: Option<u32>) -> String {
        format!("page {} of the items", page.unwrap_or(1))
    }

    #[get("/items/{id}")]
    async fn item(id: u32) -> String {
        format!("item {id}")
    }

    pub(super) fn routes<S: Send + Sync + 'static>() -> impl Routes<S> {
        routes![items, item]
    }
}

#[get("/stats")]
async fn stats() -> &'static str {
    "all is well"
}

#[waypost::fallback]
async fn lost(request: &waypost::Head) -> (waypost::http::StatusCode, String) {
    (waypost::http::StatusCode::NOT_FOUND, format!("there is nothing at {}", request.path()))
}

/// Lets in who knows the password.
#[middleware]
async fn guarded(request: &mut Request, next: Next<'_>) -> Response {
    match request.headers().get("authorization") {
        Some(value) if value == "Bearer open-sesame" => next.run(request).await,
        _ => waypost::Error::unauthorized().into_response(),
    }
}

/// Says which route answered.
#[middleware]
async fn labelled(request: &mut Request, next: Next<'_>) -> Response {
    let label = next.route().and_then(|route| route.path().parse().ok());
    let mut response = next.run(request).await;
    if let Some(label) = label {
        response.headers_mut().insert("x-route", label);
    }
    response
}

fn admin() -> impl Routes<()> {
    routes!["/admin" => [stats]].wrap(guarded)
}

#[tokio::main]
async fn main() -> waypost::Result<()> {
    let app = App::new(routes!["/shop" => [..shop::routes()], ..admin(), _ => lost])
        .wrap(CatchPanic)
        .wrap(Timeout::new(Duration::from_secs(10)))
        .wrap(labelled);
    waypost_examples::bind().await?.serve(app).await
}
