//! A handler's arguments: their order does not matter, and the body comes last.

use std::task::Poll;

use waypost::test::Client;
use waypost::{App, Body, Error, Json, post, routes};

use crate::extractors::Tenant;
use crate::support::{says, seen};

#[post("/first/{id}?{page}")]
async fn first(Json(body): Json<u8>, page: u8, tenant: Tenant<'_>, id: u8) -> String {
    format!("{body} {page} {} {id}", tenant.0)
}

#[post("/middle/{id}?{page}")]
async fn middle(id: u8, tenant: Tenant<'_>, Json(body): Json<u8>, page: u8) -> String {
    format!("{body} {page} {} {id}", tenant.0)
}

#[post("/last/{id}?{page}")]
async fn last(page: u8, id: u8, tenant: Tenant<'_>, Json(body): Json<u8>) -> String {
    format!("{body} {page} {} {id}", tenant.0)
}

#[tokio::test]
async fn does_not_matter() {
    for target in ["/first", "/middle", "/last"] {
        let client = Client::new(App::new(routes![first, middle, last]));
        let to = |target: &str| client.post(target).header("content-type", "application/json");
        let whole = format!("{target}/3?page=2");
        let reply = to(&whole).header("x-tenant", "t").body("1").send().await;
        assert_eq!(seen(reply).await, says(200, "1 2 t 3"), "{target}");
    }
}

/// A body that must not be read.
fn untouchable() -> Body {
    Body::from_stream(futures_util::stream::poll_fn(|_| -> Poll<Option<Result<&str, Error>>> {
        panic!("the body was read")
    }))
}

#[tokio::test]
async fn the_heads_failures_come_before_the_body_is_read() {
    for target in ["/first", "/middle", "/last"] {
        let client = Client::new(App::new(routes![first, middle, last]));
        for (rest, tenant, status) in
            [("/x?page=2", "t", 400), ("/3?page=x", "t", 400), ("/3?page=2", "", 403)]
        {
            let request = client.post(&format!("{target}{rest}")).header("x-tenant", tenant);
            let reply = request.header("content-type", "application/json").body(untouchable()).send().await;
            assert_eq!(reply.status(), status, "{target}{rest}");
        }
    }
}
