//! `""` and `"/"` are one path at the root, whatever they are below a prefix.

use waypost::{App, Routes, get, routes};

#[get("")]
async fn itself() {}

#[get("/")]
async fn slash() {}

fn list() -> impl Routes<()> {
    routes![itself, slash]
}

fn main() {
    let _ = App::new(list());
}
