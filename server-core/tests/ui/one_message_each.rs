//! A fault is told once: what makes use of the faulty item has nothing to add.

use waypost::{App, FromParam, Next, Request, Response, State, extractor, get, middleware, routes};

struct Page<'r>(&'r str);

#[extractor]
const fn page<'r>(#[cfg(all())] _uri: &'r waypost::http::Uri) -> Page<'r> {
    Page("1")
}

#[derive(FromParam)]
struct Point(u64, u64);

#[derive(FromParam)]
enum Sort<'a> {
    By(&'a str),
}

#[derive(State)]
struct AppState {
    name: String,
    motto: String,
    limit: u32,
}

#[middleware]
async fn turned_round(next: Next<'_>, request: &mut Request) -> Response {
    next.run(request).await
}

#[get("/{id}/{point}?{sort}")]
async fn index(
    page: Page<'_>,
    point: Point,
    sort: Option<Sort<'_>>,
    State(name): State<&String>,
    State(limit): State<&u32>,
) -> String {
    let _ = (point.0, point.1, sort);
    format!("{} {name} {limit}", page.0)
}

fn main() {
    let state = AppState { name: String::new(), motto: String::new(), limit: 1 };
    let _ = App::new(routes![index].wrap(turned_round)).state(state);
}
