//! The profile crud: items to list, read, create and change.

use serde::{Deserialize, Serialize};
use waypost::{
    Bytes, Error, IntoResponse, Json, Response, Result, Routes, State, get, http::header::CONTENT_TYPE, post,
    put, routes,
};

use crate::cache::{Cache, Lookup};
use crate::database::{Database, Item, columns};
use crate::state::AppState;

pub(crate) fn routes() -> impl Routes<AppState> {
    routes!["/items" => [list, show, create, change]]
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

#[get("?{category}&{page}&{limit}")]
async fn list(
    #[default("electronics")] category: &str,
    #[default(1)] page: i64,
    #[default(10)] limit: i64,
    State(database): State<&Database>,
) -> Result<Response> {
    let (page, limit) = (page.max(1), limit.clamp(1, 50));
    let offset = (page - 1).saturating_mul(limit);
    let connection = database.connection().await?;
    let statement = connection.prepare_cached(LIST).await?;
    let rows = connection.query(&statement, &[&category, &limit, &offset]).await?;
    let items = Item::from_rows(&rows)?;
    Ok(Json(Page { total: items.len(), items, page, limit }).into_response())
}

const SHOW: &str = concat!("SELECT ", columns!(), " FROM items WHERE id = $1");

/// One item, out of the cache for as long as it is there.
#[get("/{id}")]
async fn show(id: i32, State(database): State<&Database>, State(cache): State<&Cache>) -> Result<Response> {
    let ticket = match cache.look_up(id) {
        Lookup::Hit(document) => return Ok(cached("HIT", document)),
        Lookup::Miss(ticket) => ticket,
    };
    let connection = database.connection().await?;
    let statement = connection.prepare_cached(SHOW).await?;
    let row = connection.query_opt(&statement, &[&id]).await?.ok_or_else(Error::not_found)?;
    let document = Bytes::from(serde_json::to_vec(&Item::from_row(&row)?)?);
    cache.keep(ticket, document.clone());
    Ok(cached("MISS", document))
}

fn cached(outcome: &'static str, document: Bytes) -> Response {
    ([(CONTENT_TYPE.as_str(), "application/json"), ("x-cache", outcome)], document).into_response()
}

#[derive(Deserialize)]
struct NewItem<'a> {
    id: i32,
    name: &'a str,
    category: &'a str,
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

/// Creates an item, or gives the one with its id what is new.
#[post("", status = 201)]
async fn create(
    Json(new): Json<NewItem<'_>>,
    State(database): State<&Database>,
    State(cache): State<&Cache>,
) -> Result<Response> {
    let connection = database.connection().await?;
    let statement = connection.prepare_cached(CREATE).await?;
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&new.id, &new.name, &new.category, &new.price, &new.quantity];
    let row = connection.query_one(&statement, &values).await?;
    cache.forget(new.id);
    Ok(Json(Item::from_row(&row)?).into_response())
}

#[derive(Deserialize)]
struct Change<'a> {
    name: &'a str,
    price: i32,
    quantity: i32,
}

const CHANGE: &str =
    concat!("UPDATE items SET name = $2, price = $3, quantity = $4 WHERE id = $1 RETURNING ", columns!());

#[put("/{id}")]
async fn change(
    id: i32,
    Json(change): Json<Change<'_>>,
    State(database): State<&Database>,
    State(cache): State<&Cache>,
) -> Result<Response> {
    let connection = database.connection().await?;
    let statement = connection.prepare_cached(CHANGE).await?;
    let row = connection.query_opt(&statement, &[&id, &change.name, &change.price, &change.quantity]).await?;
    cache.forget(id);
    let row = row.ok_or_else(Error::not_found)?;
    Ok(Json(Item::from_row(&row)?).into_response())
}
