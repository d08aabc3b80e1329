//! ntex, with its attributes, over tokio.

mod common;

use ntex::web::types::{Json, Path, Query};
use ntex::web::{self, App, HttpServer};

use common::{Done, Options, Order, Search, USER};

#[web::get("/hello")]
async fn hello() -> &'static str {
    "Hello, World!"
}

#[web::get("/users/{id}/posts/{post}")]
async fn user_post(path: Path<(u32, String)>) -> String {
    let (id, post) = path.into_inner();
    format!("post {post} of user {id}")
}

#[web::get("/search")]
async fn search(search: Query<Search>) -> String {
    search.text()
}

#[web::get("/user")]
async fn user() -> web::HttpResponse {
    web::HttpResponse::Ok().json(&USER)
}

#[web::post("/orders")]
async fn order(order: Json<Order>) -> String {
    order.total()
}

async fn extra(id: Path<u32>) -> String {
    id.to_string()
}

#[ntex::main]
async fn main() -> Done {
    let options = Options::read();
    let routes = options.extra;
    let server = HttpServer::new(async move || {
        (0..routes)
            .fold(App::new(), |app, n| app.route(&format!("/extra/{n}/{{id}}"), web::get().to(extra)))
            .service((hello, user_post, search, user, order))
    })
    .workers(options.threads);
    Ok(server.listen(common::listen()?)?.run().await?)
}
