//! An application is made of a set of routes, and so is whatever is spread in one.

use waypost::{App, get, routes};

#[get("/")]
async fn index() {}

fn main() {
    let _ = App::new(index);
    let _ = App::new(routes![index, ..3]).state(());
}
