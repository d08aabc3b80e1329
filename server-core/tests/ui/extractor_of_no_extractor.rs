//! An extractor's arguments are extractors.

use waypost::{Error, extractor, get, routes};

struct Page(u64);

#[extractor]
fn page(number: u64) -> Result<Page, Error> {
    Ok(Page(number))
}

#[get("/")]
async fn index(page: Page) -> String {
    page.0.to_string()
}

fn main() {
    let _ = waypost::App::new(routes![index]).state(());
}
