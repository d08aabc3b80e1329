//! The arena's profiles on axum and tower-http, as their documentation writes them: the same routes, answers and variables
//! of the environment as `examples/arena`, to be measured beside it.

mod grpc;
mod items;
mod listen;

use std::path::Path;
use std::sync::Arc;

use axum::extract::ws::{Message, WebSocket};
use axum::extract::{Path as PathOf, Query, State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router, body::Body};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;

use items::Items;

pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct AppState {
    dataset: Vec<Item>,
    items: Items,
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/arena/data");
    let data = std::env::var("DATA_DIR").unwrap_or(own.to_owned());
    let data = Path::new(&data);
    let dataset = serde_json::from_slice(&std::fs::read(data.join("dataset.json"))?)?;
    let state = Arc::new(AppState { dataset, items: Items::from_environment()? });
    let files = ServeDir::new(data.join("static")).precompressed_br().precompressed_gzip();
    let app = Router::new()
        .route("/json/{count}", get(first))
        .layer(CompressionLayer::new())
        .route("/baseline11", get(of_query).post(of_query_and_body))
        .route("/baseline2", get(of_query))
        .route("/pipeline", get(async || "ok"))
        .route("/upload", post(upload))
        .route("/ws", any(async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(echo)))
        .route("/async-db", get(items::by_price))
        .route("/crud/items", get(items::list).post(items::create))
        .route("/crud/items/{id}", get(items::show).put(items::change))
        .nest_service("/static", files)
        .route_service("/benchmark.BenchmarkService/{call}", grpc::service())
        .with_state(state);
    listen::serve(app).await
}

#[derive(Deserialize)]
struct Terms {
    a: i64,
    b: i64,
}

async fn of_query(Query(Terms { a, b }): Query<Terms>) -> Result<String, StatusCode> {
    sum(&[a, b])
}

async fn of_query_and_body(Query(Terms { a, b }): Query<Terms>, body: String) -> Result<String, StatusCode> {
    sum(&[a, b, body.trim().parse().map_err(|_| StatusCode::BAD_REQUEST)?])
}

fn sum(terms: &[i64]) -> Result<String, StatusCode> {
    let sum = terms.iter().try_fold(0_i64, |sum, term| sum.checked_add(*term));
    Ok(sum.ok_or(StatusCode::BAD_REQUEST)?.to_string())
}

async fn upload(mut body: Body) -> Result<String, StatusCode> {
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        total += frame.data_ref().map_or(0, bytes::Bytes::len);
    }
    Ok(total.to_string())
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        // The others are answered by themselves.
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
            break;
        }
    }
}

#[derive(Deserialize)]
struct Item {
    id: u32,
    name: String,
    category: String,
    price: i32,
    quantity: i32,
    active: bool,
    tags: Vec<String>,
    rating: Rating,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
pub(crate) struct Rating {
    score: i32,
    count: i32,
}

#[derive(Serialize)]
struct Priced<'a> {
    id: u32,
    name: &'a str,
    category: &'a str,
    price: i32,
    quantity: i32,
    active: bool,
    tags: &'a [String],
    rating: Rating,
    total: i64,
}

#[derive(Serialize)]
struct Priceds<'a> {
    items: Vec<Priced<'a>>,
    count: usize,
}

#[derive(Deserialize)]
struct Multiplier {
    m: i32,
}

async fn first(
    PathOf(count): PathOf<usize>,
    Query(Multiplier { m }): Query<Multiplier>,
    State(state): State<Arc<AppState>>,
) -> Response {
    let items: Vec<_> = state.dataset.iter().take(count).map(|item| priced(item, m)).collect();
    Json(Priceds { count: items.len(), items }).into_response()
}

fn priced(item: &Item, multiplier: i32) -> Priced<'_> {
    let Item { id, name, category, price, quantity, active, tags, rating } = item;
    let total = i64::from(*price) * i64::from(*quantity);
    Priced {
        id: *id,
        name,
        category,
        price: *price,
        quantity: *quantity,
        active: *active,
        tags,
        rating: *rating,
        total: total.saturating_mul(multiplier.into()),
    }
}
