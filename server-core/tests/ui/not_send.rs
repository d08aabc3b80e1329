//! A handler's future moves between threads, so it holds nothing that cannot.

use std::rc::Rc;

use waypost::{App, get, routes};

async fn pause() {}

#[get("/count")]
async fn count() -> String {
    let count = Rc::new(1);
    pause().await;
    count.to_string()
}

fn main() {
    let _ = App::new(routes![count]);
}
