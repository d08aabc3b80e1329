//! actix-web, with its attributes.

#[path = "../../servers/messages.rs"]
mod messages;
#[path = "../../servers/program.rs"]
mod program;

use actix_web::{App, HttpServer, Responder, get, post, web};

use messages::{Order, Search, USER};
use program::{Done, Options};

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
        // It tries one after the other: the five come first.
        let app = App::new().service(hello).service(user_post).service(search).service(user).service(order);
        (0..routes).fold(app, |app, n| app.route(&format!("/extra/{n}/{{id}}"), web::get().to(extra)))
    })
    .workers(options.threads);
    let listener = program::listen()?;
    let server = if options.h2c { server.listen_auto_h2c(listener)? } else { server.listen(listener)? };
    Ok(server.run().await?)
}
