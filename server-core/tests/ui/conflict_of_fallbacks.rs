//! Two fallback handlers for one prefix, in two sets.

use waypost::{App, Routes, fallback, routes};

#[fallback(status = 404)]
async fn nothing() -> &'static str {
    "nothing"
}

#[fallback(status = 404)]
async fn nowhere() -> &'static str {
    "nowhere"
}

fn other() -> impl Routes<()> {
    routes![_ => nowhere]
}

fn main() {
    let _ = App::new(routes![..other(), _ => nothing]);
}
