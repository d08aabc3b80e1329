//! ntex, with its attributes, over tokio.

#[path = "../../servers/messages.rs"]
mod messages;
#[path = "../../servers/program.rs"]
mod program;

use ntex::web::types::{Json, Path, Query};
use ntex::web::{self, App, HttpServer};

use messages::{Order, Search, USER};
use program::{Done, Options};

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
        let app = App::new().service((hello, user_post, search, user, order));
        (0..routes).fold(app, |app, n| app.route(&format!("/extra/{n}/{{id}}"), web::get().to(extra)))
    })
    .workers(options.threads);
    Ok(server.listen(program::listen()?)?.run().await?)
}
