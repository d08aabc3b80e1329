//! Options that there are not, or not so.

use waypost::{extractor, get, route, routes};

#[get("/users", stauts = 201)]
async fn unknown() {}

#[get("/users", status = 201, status = 202)]
async fn twice() {}

#[get("/users", status = 1000)]
async fn no_status() {}

#[route(GET | FETCH, "/users")]
async fn no_method() {}

#[route("/users")]
async fn without_method() {}

struct Page(u8);

#[extractor(krate = ::waypost)]
fn page() -> Page {
    Page(1)
}

fn main() {
    let _ = routes![crate = "waypost", unknown];
    let _ = routes![twice, crate = ::waypost];
    let _ = Page(2).0;
}
