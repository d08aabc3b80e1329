//! warp, by its filters as a service.

use std::cell::RefCell;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use tower_service::Service;
use warp::{Filter, path, query};
use waypost_benches::servers::LOST;
use waypost_benches::workload::calls::Call;
use waypost_benches::workload::documents::Document;

use super::Search;
use crate::answers::{self, Group};

pub fn time(group: &mut Group<'_>, call: &Call) {
    let hello = path!("hello").and(warp::get()).map(|| "Hello, World!");
    let user_post = path!("users" / u32 / "posts" / String)
        .and(warp::get())
        .map(|id, post| format!("post {post} of user {id}"));
    let search = path!("search").and(warp::get()).and(query()).map(|search: Search| search.text());
    let document = path!("documents")
        .and(warp::post())
        .and(warp::body::json())
        .map(|document: Document<String>| document.summary());
    let echo = path!("documents" / "echo")
        .and(warp::post())
        .and(warp::body::json())
        .map(|document: Document<String>| warp::reply::json(&document));
    let lost = warp::any().map(|| warp::reply::with_status(LOST, StatusCode::NOT_FOUND));
    let app = hello.or(user_post).or(search).or(document).or(echo).or(lost);
    let service = RefCell::new(warp::service(app));
    let answer = |request: Request<Full<Bytes>>| service.borrow_mut().call(request);
    answers::time(group, "warp", || [call.request()], answer, |s, t, b| call.check("warp", s, t, b));
}
