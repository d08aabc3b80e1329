//! An extractor's arguments are extractors, and what it returns is a type of one's own.

use waypost::{Error, extractor, get};

struct Page(u64);

#[extractor]
fn page(number: u64) -> Result<Page, Error> {
    Ok(Page(number))
}

#[extractor]
fn nothing() {}

#[get("/")]
async fn index(page: Page) -> String {
    page.0.to_string()
}

fn main() {
    let _ = waypost::App::new(waypost::routes![index]);
}
