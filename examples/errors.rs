//! Errors: problem documents without a line of code, an error type of one's own, and one place to rewrite them all.

use serde::Deserialize;
use waypost::{App, Error, IntoResponse, Json, Response, get, http::StatusCode, post, routes};

/// What can go wrong in this program, in its own words.
enum Trouble {
    SoldOut,
    NotForSale { item: u32 },
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Self::SoldOut => Error::new(StatusCode::GONE).title("Sold out"),
            Self::NotForSale { item } => Error::conflict(format!("item {item} is not for sale")),
        }
        .into_response()
    }
}

#[derive(Deserialize)]
struct Order {
    item: u32,
    count: u8,
}

#[post("/orders")]
async fn order(Json(order): Json<Order>) -> Result<String, Trouble> {
    match order.item {
        0 => Err(Trouble::SoldOut),
        13 => Err(Trouble::NotForSale { item: order.item }),
        item => Ok(format!("{} of item {item}", order.count)),
    }
}

/// A standard error becomes a 500 that hides it.
#[get("/config")]
async fn config() -> waypost::Result<String> {
    Ok(std::fs::read_to_string("/no/such/file")?)
}

/// Whoever wants to answer a bad body by itself takes a `Result`.
#[post("/lenient")]
async fn lenient(order: waypost::Result<Json<Order>>) -> String {
    match order {
        Ok(Json(order)) => format!("item {}", order.item),
        Err(error) => format!("never mind: {error}"),
    }
}

#[get("/panic")]
async fn panics() -> &'static str {
    panic!("this stays inside")
}

#[tokio::main]
async fn main() -> waypost::Result<()> {
    let app = App::new(routes![order, config, lenient, panics]).on_error(|error, mut response| {
        if error.is_server_error() {
            response.headers_mut().insert("retry-after", 5.into());
        }
        response
    });
    waypost_examples::bind().await?.serve(app).await
}
