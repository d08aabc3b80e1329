//! Nothing is wrong here. With it the fixtures are built, not only checked: clashes between sets show only then.

use waypost::{App, get, routes};

#[get("/hello/{name}")]
async fn hello(name: &str) -> String {
    format!("hello {name}")
}

fn main() {
    assert_eq!(App::new(routes![hello]).routes().len(), 1);
}
