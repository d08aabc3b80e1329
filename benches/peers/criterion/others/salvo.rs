//! salvo, by the service that its connections call.

use bytes::Bytes;
use salvo::prelude::*;
use waypost_benches::servers::LOST;
use waypost_benches::workload::calls::Call;
use waypost_benches::workload::documents::Document;

use super::Search;
use crate::answers::{self, Group};

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
    let asked: Search = request.parse_queries().map_err(|_| StatusError::bad_request())?;
    Ok(asked.text())
}

#[handler]
async fn document(request: &mut Request) -> Result<String, StatusError> {
    Ok(read(request).await?.summary())
}

#[handler]
async fn echo(request: &mut Request) -> Result<Json<Document<String>>, StatusError> {
    Ok(Json(read(request).await?))
}

async fn read(request: &mut Request) -> Result<Document<String>, StatusError> {
    request.parse_json_with_max_size(2 << 20).await.map_err(|_| StatusError::bad_request())
}

#[handler]
async fn lost(response: &mut Response) {
    response.status_code(StatusCode::NOT_FOUND);
    response.render(LOST);
}

pub fn time(group: &mut Group<'_>, call: &Call) {
    let app = Router::new()
        .push(Router::with_path("hello").get(hello))
        .push(Router::with_path("users/{id}/posts/{post}").get(user_post))
        .push(Router::with_path("search").get(search))
        .push(Router::with_path("documents").post(document).push(Router::with_path("echo").post(echo)))
        .push(Router::with_path("{**rest}").goal(lost));
    let address = salvo::conn::SocketAddr::from(std::net::SocketAddr::from(([127, 0, 0, 1], 80)));
    let service = Service::new(app);
    let service = service.hyper_handler(
        address.clone(),
        address,
        http::uri::Scheme::HTTP,
        None,
        salvo::conn::ConnCtrl::new(),
        None,
    );
    let answer = |request: http::Request<Bytes>| {
        let answer = hyper::service::Service::call(&service, request);
        async { answer.await.expect("an answer") }
    };
    answers::time(group, "salvo", || [call.request()], answer, |s, t, b| call.check("salvo", s, t, b));
}
