//! actix-web, with its attributes.

mod common;

use actix_web::{App, HttpServer, Responder, get, post, web};

use common::{Done, Options, Order, Search, USER};

#[get("/hello")]
async fn hello() -> &'static str {
    "Hello, World!"
}

#[get("/users/{id}/posts/{post}")]
async fn user_post(path: web::Path<(u32, String)>) -> String {
    let (id, post) = path.into_inner();
    format!("post {post} of user {id}")
}

#[get("/search")]
async fn search(search: web::Query<Search>) -> String {
    search.text()
}

#[get("/user")]
async fn user() -> impl Responder {
    web::Json(USER)
}

#[post("/orders")]
async fn order(order: web::Json<Order>) -> String {
    order.total()
}

async fn extra(id: web::Path<u32>) -> String {
    id.to_string()
}

#[actix_web::main]
async fn main() -> Done {
    let options = Options::read();
    let routes = options.extra;
    let server = HttpServer::new(move || {
        (0..routes)
            .fold(App::new(), |app, n| app.route(&format!("/extra/{n}/{{id}}"), web::get().to(extra)))
            .service(hello)
            .service(user_post)
            .service(search)
            .service(user)
            .service(order)
    })
    .workers(options.threads);
    let listener = common::listen()?;
    let server = if options.h2c { server.listen_auto_h2c(listener)? } else { server.listen(listener)? };
    Ok(server.run().await?)
}
