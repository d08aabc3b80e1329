//! salvo, with its attribute for handlers.

#[path = "../../servers/messages.rs"]
mod messages;
#[path = "../../servers/program.rs"]
mod program;
mod runtime;

use salvo::prelude::*;

use messages::{Order, Search, USER, User};
use program::{Done, Options};

#[handler]
async fn hello() -> &'static str {
    "Hello, World!"
}

#[handler]
async fn user_post(request: &mut Request) -> Result<String, StatusError> {
    let id: u32 = request.param("id").ok_or_else(StatusError::bad_request)?;
    let post: &str = request.param("post").ok_or_else(StatusError::bad_request)?;
    Ok(format!("post {post} of user {id}"))
}

#[handler]
async fn search(request: &mut Request) -> Result<String, StatusError> {
    let wanted: Search = request.parse_queries().map_err(|_| StatusError::bad_request())?;
    Ok(wanted.text())
}

#[handler]
async fn user() -> Json<User<'static>> {
    Json(USER)
}

#[handler]
async fn order(request: &mut Request) -> Result<String, StatusError> {
    let bought: Order = request.parse_json().await.map_err(|_| StatusError::bad_request())?;
    Ok(bought.total())
}

#[handler]
async fn extra(request: &mut Request) -> Option<String> {
    request.param("id")
}

fn main() -> Done {
    let options = Options::read();
    let app = Router::new()
        .push(Router::with_path("hello").get(hello))
        .push(Router::with_path("users/{id}/posts/{post}").get(user_post))
        .push(Router::with_path("search").get(search))
        .push(Router::with_path("user").get(user))
        .push(Router::with_path("orders").post(order));
    let app = (0..options.extra)
        .fold(app, |app, n| app.push(Router::with_path(format!("extra/{n}/{{id}}")).get(extra)));
    runtime::shared(options.threads)?.block_on(async {
        let acceptor = TcpListener::new("127.0.0.1:0").bind().await;
        program::announce(acceptor.local_addr()?)?;
        Server::new(acceptor).serve(app).await;
        Ok(())
    })
}
