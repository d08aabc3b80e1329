//! xitca-web.

#[path = "../../servers/messages.rs"]
mod messages;
#[path = "../../servers/program.rs"]
mod program;

use xitca_web::App;
use xitca_web::handler::handler_service;
use xitca_web::handler::json::Json;
use xitca_web::handler::params::Params;
use xitca_web::handler::query::Query;
use xitca_web::route::{get, post};

use messages::{Order, Search, USER, User};
use program::{Done, Options};

async fn hello() -> &'static str {
    "Hello, World!"
}

async fn user_post(Params((id, post)): Params<(u32, String)>) -> String {
    format!("post {post} of user {id}")
}

async fn search(Query(search): Query<Search>) -> String {
    search.text()
}

async fn user() -> Json<User<'static>> {
    Json(USER)
}

async fn order(Json(order): Json<Order>) -> String {
    order.total()
}

async fn extra(Params(id): Params<u32>) -> String {
    id.to_string()
}

fn main() -> Done {
    let options = Options::read();
    let app = App::new()
        .at("/hello", get(handler_service(hello)))
        .at("/users/{id}/posts/{post}", get(handler_service(user_post)))
        .at("/search", get(handler_service(search)))
        .at("/user", get(handler_service(user)))
        .at("/orders", post(handler_service(order)));
    let app = (0..options.extra)
        .fold(app, |app, n| app.at(&format!("/extra/{n}/{{id}}"), get(handler_service(extra))));
    let server = app.serve().worker_threads(options.threads).disable_signal();
    let server = if options.h2c { server.h2c_prior_knowledge() } else { server };
    Ok(server.listen(program::listen()?)?.run().wait()?)
}
