//! A function without its attribute is no middleware.

use waypost::{App, Next, Request, Response, get, routes};

async fn plain(_: &mut Request, _: Next<'_, waypost::Rest>) -> Response {
    Response::default()
}

#[get("/")]
async fn index() {}

fn main() {
    let _ = App::new(routes![index].wrap(plain)).state(());
}
