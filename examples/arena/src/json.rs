//! The profiles json, json-comp, json-tls and json-h2c: a part of the dataset, with a total for each item.

use std::path::Path;

use serde::{Deserialize, Serialize};
use waypost::{Compression, Json, Result, Routes, State, get, routes};

use crate::state::AppState;

pub(crate) fn routes() -> impl Routes<AppState> {
    routes![first].wrap(Compression::new())
}

/// What `dataset.json` has, in its order.
pub(crate) struct Dataset(Vec<Item>);

impl Dataset {
    pub(crate) fn load(path: &Path) -> Result<Self> {
        Ok(Self(serde_json::from_slice(&std::fs::read(path)?)?))
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
    pub(crate) score: i32,
    pub(crate) count: i32,
}

/// An item as it is sent. Its texts are the dataset's own.
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

impl<'a> Priced<'a> {
    fn new(item: &'a Item, multiplier: i32) -> Self {
        let Item { id, name, category, price, quantity, active, tags, rating } = item;
        let total = i64::from(*price) * i64::from(*quantity);
        Self {
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
}

#[derive(Serialize)]
struct Priceds<'a> {
    items: Vec<Priced<'a>>,
    count: usize,
}

/// The first `count` items, or all of them where there are fewer.
#[get("/json/{count}?{m}")]
async fn first<'r>(count: usize, m: i32, State(Dataset(all)): State<&'r Dataset>) -> Json<Priceds<'r>> {
    let items: Vec<_> = all.iter().take(count).map(|item| Priced::new(item, m)).collect();
    Json(Priceds { count: items.len(), items })
}
