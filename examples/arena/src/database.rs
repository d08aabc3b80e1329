//! PostgreSQL: the pool, an item of its table, and the profiles async-db and api-4.

use std::time::Duration;

use deadpool_postgres::{Config, Object, Pool, PoolConfig, Runtime, Timeouts};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::types::Json as Jsonb;
use tokio_postgres::{NoTls, Row};
use waypost::{Error, IntoResponse, Json, Response, Result, Routes, State, get, http::StatusCode, routes};

use crate::json::Rating;
use crate::settings::Settings;
use crate::state::AppState;

pub(crate) fn routes() -> impl Routes<AppState> {
    routes![by_price]
}

/// The pool, if the process was told of a database. It connects when it is first asked, and again after a failure, so
/// that neither a start nor an end of the database is the process's own.
pub(crate) struct Database(Option<Pool>);

impl Database {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let Some(url) = &settings.database else { return Ok(Self(None)) };
        let mut config = Config::new();
        config.url = Some(url.clone());
        let moment = Some(Duration::from_secs(5));
        config.pool = Some(PoolConfig {
            max_size: settings.database_connections,
            timeouts: Timeouts { wait: moment, create: moment, recycle: moment },
            ..PoolConfig::default()
        });
        Ok(Self(Some(config.create_pool(Some(Runtime::Tokio1), NoTls)?)))
    }

    /// A connection of the pool's.
    ///
    /// # Errors
    ///
    /// 503 without a database, and when it does not answer.
    pub(crate) async fn connection(&self) -> Result<Object> {
        self.pool()?.get().await.map_err(|error| unavailable().source(error))
    }

    fn pool(&self) -> Result<&Pool> {
        self.0.as_ref().ok_or_else(unavailable)
    }
}

fn unavailable() -> Error {
    Error::new(StatusCode::SERVICE_UNAVAILABLE).detail("there is no database")
}

/// An item of the table. Its texts, and its tags as the database wrote them, lie in the row.
#[derive(Serialize)]
pub(crate) struct Item<'a> {
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
pub(crate) use columns;

impl<'a> Item<'a> {
    /// # Errors
    ///
    /// When the row is not made of the [`columns`].
    pub(crate) fn from_row(row: &'a Row) -> Result<Self, tokio_postgres::Error> {
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

    pub(crate) fn from_rows(rows: &'a [Row]) -> Result<Vec<Self>, tokio_postgres::Error> {
        rows.iter().map(Self::from_row).collect()
    }
}

#[derive(Serialize)]
struct Found<'a> {
    items: Vec<Item<'a>>,
    count: usize,
}

const BY_PRICE: &str = concat!("SELECT ", columns!(), " FROM items WHERE price BETWEEN $1 AND $2 LIMIT $3");

/// Items of a price from `min` to `max`. A database that does not answer has none: so the profile wants it.
#[get("/async-db?{min}&{max}&{limit}")]
async fn by_price(
    #[default(10)] min: i32,
    #[default(50)] max: i32,
    #[default(50)] limit: i64,
    State(database): State<&Database>,
) -> Result<Response> {
    let pool = database.pool()?;
    let rows = query_by_price(pool, min, max, limit.clamp(1, 50)).await.unwrap_or_default();
    let items = Item::from_rows(&rows)?;
    Ok(Json(Found { count: items.len(), items }).into_response())
}

async fn query_by_price(pool: &Pool, min: i32, max: i32, limit: i64) -> Result<Vec<Row>> {
    let connection = pool.get().await?;
    let statement = connection.prepare_cached(BY_PRICE).await?;
    Ok(connection.query(&statement, &[&min, &max, &limit]).await?)
}
