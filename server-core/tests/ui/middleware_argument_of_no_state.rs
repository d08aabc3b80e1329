//! Between the request and what comes next there is only state.

use waypost::{Header, Next, Request, Response, UserAgent, get, middleware, routes};

#[middleware]
async fn agent(request: &mut Request, agent: Header<UserAgent<'_>>, next: Next<'_>) -> Response {
    let _ = agent;
    next.run(request).await
}

#[get("/")]
async fn index() {}

fn main() {
    let _ = waypost::App::new(routes![index].wrap(agent)).state(());
}
