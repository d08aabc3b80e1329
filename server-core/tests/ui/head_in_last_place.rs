//! In a tuple the body comes last.

use waypost::get;
use waypost::http::StatusCode;

#[get("/")]
async fn index() -> (&'static str, StatusCode) {
    ("here", StatusCode::OK)
}

fn main() {
    let _ = index {};
}
