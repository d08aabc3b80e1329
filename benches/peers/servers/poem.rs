//! poem, with its attribute for handlers.

#[path = "../../servers/messages.rs"]
mod messages;
#[path = "../../servers/program.rs"]
mod program;
mod runtime;

use poem::listener::TcpAcceptor;
use poem::web::{Json, Path, Query};
use poem::{Route, Server, get, handler, post};

use messages::{Order, Search, USER, User};
use program::{Done, Options};

#[handler]
fn hello() -> &'static str {
    "Hello, World!"
}

#[handler]
fn user_post(Path((id, post)): Path<(u32, String)>) -> String {
    format!("post {post} of user {id}")
}

#[handler]
fn search(Query(search): Query<Search>) -> String {
    search.text()
}

#[handler]
fn user() -> Json<User<'static>> {
    Json(USER)
}

#[handler]
fn order(Json(order): Json<Order>) -> String {
    order.total()
}

#[handler]
fn extra(Path(id): Path<u32>) -> String {
    id.to_string()
}

fn main() -> Done {
    let options = Options::read();
    let app = Route::new()
        .at("/hello", get(hello))
        .at("/users/:id/posts/:post", get(user_post))
        .at("/search", get(search))
        .at("/user", get(user))
        .at("/orders", post(order));
    let app = (0..options.extra).fold(app, |app, n| app.at(format!("/extra/{n}/:id"), get(extra)));
    let listener = program::listen()?;
    runtime::shared(options.threads)?
        .block_on(async { Ok(Server::new_with_acceptor(TcpAcceptor::from_std(listener)?).run(app).await?) })
}
