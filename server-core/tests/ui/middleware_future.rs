//! A middleware's future moves between threads, and what it returns is a response.

use std::rc::Rc;

use waypost::{Next, Request, Response, middleware};

#[middleware]
async fn counted(request: &mut Request, next: Next<'_>) -> Response {
    let count = Rc::new(1);
    let response = next.run(request).await;
    drop(count);
    response
}

struct Verdict;

#[middleware]
async fn judged(request: &mut Request, next: Next<'_>) -> Verdict {
    next.run(request).await;
    Verdict
}

fn main() {
    let _ = (counted, judged);
}
