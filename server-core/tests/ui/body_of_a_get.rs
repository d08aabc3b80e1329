//! An argument that is named like no parameter would be the body: of a GET request, which has none.

use waypost::get;

#[get("/search")]
async fn search(query: String) -> String {
    query
}

fn main() {
    let _ = search(String::new());
}
