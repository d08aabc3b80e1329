//! Rocket, with its attributes; its log is off.

#[path = "../../servers/messages.rs"]
mod messages;
#[path = "../../servers/program.rs"]
mod program;
mod runtime;

use std::net::SocketAddr;

use rocket::config::{Config, LogLevel};
use rocket::fairing::AdHoc;
use rocket::route::{Handler, Outcome};
use rocket::serde::json::Json;
use rocket::{Data, Request, Route, get, http::Method, post, routes};

use messages::{Order, USER, User};
use program::{Done, Options};

#[get("/hello")]
async fn hello() -> &'static str {
    "Hello, World!"
}

#[get("/users/<id>/posts/<post>")]
async fn user_post(id: u32, post: &str) -> String {
    format!("post {post} of user {id}")
}

#[get("/search?<q>&<page>")]
async fn search(q: &str, page: Option<u32>) -> String {
    format!("page {} of {q}", page.unwrap_or(1))
}

#[get("/user")]
async fn user() -> Json<User<'static>> {
    Json(USER)
}

#[post("/orders", data = "<order>")]
async fn order(order: Json<Order>) -> String {
    order.total()
}

#[derive(Clone)]
struct Extra;

#[rocket::async_trait]
impl Handler for Extra {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        Outcome::from(request, request.param::<&str>(2).and_then(Result::ok))
    }
}

fn main() -> Done {
    let options = Options::read();
    let config = Config {
        port: 0,
        workers: options.threads,
        log_level: LogLevel::Off,
        cli_colors: false,
        ..Config::release_default()
    };
    let extra: Vec<Route> =
        (0..options.extra).map(|n| Route::new(Method::Get, &format!("/extra/{n}/<id>"), Extra)).collect();
    let announce = AdHoc::on_liftoff("announce", |rocket| {
        let address = SocketAddr::new(rocket.config().address, rocket.config().port);
        Box::pin(async move { program::announce(address).unwrap_or_else(|_| std::process::exit(1)) })
    });
    let app = rocket::custom(config)
        .mount("/", routes![hello, user_post, search, user, order])
        .mount("/", extra)
        .attach(announce);
    runtime::shared(options.threads)?.block_on(app.launch())?;
    Ok(())
}
