//! A handler in no list is never used, and the compiler says so.
#![deny(dead_code)]

use waypost::{App, get, routes};

#[get("/mounted")]
async fn mounted() -> &'static str {
    "here"
}

#[get("/forgotten")]
async fn forgotten() -> &'static str {
    "nowhere"
}

fn main() {
    let _ = App::new(routes![mounted]);
}
