//! A query parameter is named once.

use waypost::get;

#[get("/users?{page}&{tag}&{page}")]
async fn list(page: Option<u32>, tag: Vec<&str>) -> String {
    format!("page {page:?} of {tag:?}")
}

fn main() {
    let _ = list {};
}
