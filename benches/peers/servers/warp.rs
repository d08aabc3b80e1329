//! warp, with its filters. Routes are tried in order: the five come first.

#[path = "../../servers/messages.rs"]
mod messages;
#[path = "../../servers/program.rs"]
mod program;
mod runtime;

use warp::reply::{Reply, Response};
use warp::{Filter, path, query};

use messages::{Order, Search, USER};
use program::{Done, Options};

fn main() -> Done {
    let options = Options::read();
    let hello = path!("hello").and(warp::get()).map(|| "Hello, World!");
    let user_post = path!("users" / u32 / "posts" / String)
        .and(warp::get())
        .map(|id, post| format!("post {post} of user {id}"));
    let search = path!("search").and(warp::get()).and(query()).map(|search: Search| search.text());
    let user = path!("user").and(warp::get()).map(|| warp::reply::json(&USER));
    let order = path!("orders").and(warp::post()).and(warp::body::json()).map(|order: Order| order.total());
    let five = hello.or(user_post).or(search).or(user).or(order).map(Reply::into_response).boxed();
    let app = (0..options.extra).fold(five, |app, n| {
        let extra = path("extra").and(path(n.to_string())).and(path::param()).and(path::end());
        let extra = extra.and(warp::get()).map(|id: u32| id.to_string().into_response());
        app.or(extra).unify().map(|response: Response| response).boxed()
    });
    let listener = program::listen()?;
    runtime::shared(options.threads)?.block_on(async {
        warp::serve(app).incoming(tokio::net::TcpListener::from_std(listener)?).run().await;
        Ok(())
    })
}
