//! PostgreSQL: the profiles async-db and crud.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use deadpool_postgres::{Config, Object, Pool, PoolConfig, Runtime, Timeouts};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio_postgres::types::{Json as Jsonb, ToSql};
use tokio_postgres::{NoTls, Row};

use crate::{AppState, Failed, Rating};
use cache::{Cache, Lookup};

/// The same cache.
#[path = "../../../examples/arena/src/cache.rs"]
mod cache;

/// The pool, and what was just read from it.
pub(crate) struct Items {
    pool: Option<Pool>,
    cache: Cache,
}

impl Items {
    pub(crate) fn from_environment() -> Result<Self, Failed> {
        let pool = match std::env::var("DATABASE_URL") {
            Err(_) => None,
            Ok(url) => {
                let mut config = Config::new();
                config.url = Some(url);
                let moment = Some(Duration::from_secs(5));
                config.pool = Some(PoolConfig {
                    max_size: std::env::var("DATABASE_MAX_CONN").map_or(Ok(256), |text| text.parse())?,
                    timeouts: Timeouts { wait: moment, create: moment, recycle: moment },
                    ..PoolConfig::default()
                });
                Some(config.create_pool(Some(Runtime::Tokio1), NoTls)?)
            }
        };
        Ok(Self { pool, cache: Cache::default() })
    }

    async fn connection(&self) -> Result<Object, Answered> {
        let pool = self.pool.as_ref().ok_or(Answered(StatusCode::SERVICE_UNAVAILABLE))?;
        pool.get().await.map_err(|_| Answered(StatusCode::SERVICE_UNAVAILABLE))
    }
}

/// An error by its status; any other is a 500.
pub(crate) struct Answered(StatusCode);

impl<E: std::error::Error> From<E> for Answered {
    fn from(_: E) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

/// An item of the table. Its texts, and its tags as the database wrote them, lie in the row.
#[derive(Serialize)]
struct Item<'a> {
    id: i32,
    name: &'a str,
    category: &'a str,
    price: i32,
    quantity: i32,
    active: bool,
    tags: &'a RawValue,
    rating: Rating,
}

/// The columns that an [`Item`] is read from, for a query.
macro_rules! columns {
    () => {
        "id, name, category, price, quantity, active, tags, rating_score, rating_count"
    };
}
impl<'a> Item<'a> {
    /// # Errors
    ///
    /// When the row is not made of the [`columns`].
    fn from_row(row: &'a Row) -> Result<Self, tokio_postgres::Error> {
        let Jsonb(tags) = row.try_get("tags")?;
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            category: row.try_get("category")?,
            price: row.try_get("price")?,
            quantity: row.try_get("quantity")?,
            active: row.try_get("active")?,
            tags,
            rating: Rating { score: row.try_get("rating_score")?, count: row.try_get("rating_count")? },
        })
    }

    fn from_rows(rows: &'a [Row]) -> Result<Vec<Self>, tokio_postgres::Error> {
        rows.iter().map(Self::from_row).collect()
    }
}

#[derive(Serialize)]
struct Found<'a> {
    items: Vec<Item<'a>>,
    count: usize,
}

const BY_PRICE: &str = concat!("SELECT ", columns!(), " FROM items WHERE price BETWEEN $1 AND $2 LIMIT $3");

#[derive(Deserialize)]
pub(crate) struct Prices {
    min: Option<i32>,
    max: Option<i32>,
    limit: Option<i64>,
}

pub(crate) async fn by_price(
    Query(Prices { min, max, limit }): Query<Prices>,
    State(state): State<Arc<AppState>>,
) -> Result<Response, Answered> {
    let pool = state.items.pool.as_ref().ok_or(Answered(StatusCode::SERVICE_UNAVAILABLE))?;
    let limit = limit.unwrap_or(50).clamp(1, 50);
    let rows = query_by_price(pool, min.unwrap_or(10), max.unwrap_or(50), limit).await.unwrap_or_default();
    let items = Item::from_rows(&rows)?;
    Ok(Json(Found { count: items.len(), items }).into_response())
}

async fn query_by_price(pool: &Pool, min: i32, max: i32, limit: i64) -> Result<Vec<Row>, Failed> {
    let connection = pool.get().await?;
    let statement = connection.prepare_cached(BY_PRICE).await?;
    Ok(connection.query(&statement, &[&min, &max, &limit]).await?)
}

#[derive(Serialize)]
struct Page<'a> {
    items: Vec<Item<'a>>,
    /// How many there are on this page.
    total: usize,
    page: i64,
    limit: i64,
}

const LIST: &str =
    concat!("SELECT ", columns!(), " FROM items WHERE category = $1 ORDER BY id LIMIT $2 OFFSET $3");

#[derive(Deserialize)]
pub(crate) struct Asked {
    category: Option<String>,
    page: Option<i64>,
    limit: Option<i64>,
}

pub(crate) async fn list(
    Query(Asked { category, page, limit }): Query<Asked>,
    State(state): State<Arc<AppState>>,
) -> Result<Response, Answered> {
    let category = category.as_deref().unwrap_or("electronics");
    let (page, limit) = (page.unwrap_or(1).max(1), limit.unwrap_or(10).clamp(1, 50));
    let offset = (page - 1).saturating_mul(limit);
    let connection = state.items.connection().await?;
    let statement = connection.prepare_cached(LIST).await?;
    let rows = connection.query(&statement, &[&category, &limit, &offset]).await?;
    let items = Item::from_rows(&rows)?;
    Ok(Json(Page { total: items.len(), items, page, limit }).into_response())
}

const SHOW: &str = concat!("SELECT ", columns!(), " FROM items WHERE id = $1");

pub(crate) async fn show(
    Path(id): Path<i32>,
    State(state): State<Arc<AppState>>,
) -> Result<Response, Answered> {
    let ticket = match state.items.cache.look_up(id) {
        Lookup::Hit(document) => return Ok(cached("HIT", document)),
        Lookup::Miss(ticket) => ticket,
    };
    let connection = state.items.connection().await?;
    let statement = connection.prepare_cached(SHOW).await?;
    let row = connection.query_opt(&statement, &[&id]).await?.ok_or(Answered(StatusCode::NOT_FOUND))?;
    let document = Bytes::from(serde_json::to_vec(&Item::from_row(&row)?)?);
    state.items.cache.keep(ticket, document.clone());
    Ok(cached("MISS", document))
}

fn cached(outcome: &'static str, document: Bytes) -> Response {
    ([(CONTENT_TYPE.as_str(), "application/json"), ("x-cache", outcome)], document).into_response()
}

#[derive(Deserialize)]
pub(crate) struct NewItem {
    id: i32,
    name: String,
    category: String,
    price: i32,
    quantity: i32,
}

const CREATE: &str = concat!(
    "INSERT INTO items (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, true, '[]', 0, 0) ON CONFLICT (id) DO UPDATE SET name = excluded.name, ",
    "category = excluded.category, price = excluded.price, quantity = excluded.quantity RETURNING ",
    columns!()
);

pub(crate) async fn create(
    State(state): State<Arc<AppState>>,
    Json(new): Json<NewItem>,
) -> Result<Response, Answered> {
    let connection = state.items.connection().await?;
    let statement = connection.prepare_cached(CREATE).await?;
    let values: [&(dyn ToSql + Sync); 5] = [&new.id, &new.name, &new.category, &new.price, &new.quantity];
    let row = connection.query_one(&statement, &values).await?;
    state.items.cache.forget(new.id);
    Ok((StatusCode::CREATED, Json(Item::from_row(&row)?)).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Change {
    name: String,
    price: i32,
    quantity: i32,
}

const CHANGE: &str =
    concat!("UPDATE items SET name = $2, price = $3, quantity = $4 WHERE id = $1 RETURNING ", columns!());

pub(crate) async fn change(
    Path(id): Path<i32>,
    State(state): State<Arc<AppState>>,
    Json(change): Json<Change>,
) -> Result<Response, Answered> {
    let connection = state.items.connection().await?;
    let statement = connection.prepare_cached(CHANGE).await?;
    let row = connection.query_opt(&statement, &[&id, &change.name, &change.price, &change.quantity]).await?;
    state.items.cache.forget(id);
    let row = row.ok_or(Answered(StatusCode::NOT_FOUND))?;
    Ok(Json(Item::from_row(&row)?).into_response())
}
