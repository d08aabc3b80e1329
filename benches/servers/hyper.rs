//! Bare hyper: `service_fn` and a `match`, with hyper's default settings: no limit, no deadline. Or with the one deadline
//! that hyper itself offers.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, body::Body};
use serde::Deserialize;

use super::{LOST, Order, Served, USER};
use crate::workload::documents::Document;

pub async fn serve(listener: std::net::TcpListener, deadline: bool) -> Served {
    let mut builder = hyper::server::conn::http1::Builder::new();
    if deadline {
        builder.timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(Duration::from_secs(10));
    }
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = hyper::service::service_fn(answer::<hyper::body::Incoming>);
        tokio::spawn(builder.serve_connection(hyper_util::rt::TokioIo::new(stream), service));
    }
}

/// HTTP/2 of which clients know beforehand, with hyper's default settings.
pub async fn serve_http2(listener: std::net::TcpListener) -> Served {
    let builder = hyper::server::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new());
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = hyper::service::service_fn(answer::<hyper::body::Incoming>);
        tokio::spawn(builder.serve_connection(hyper_util::rt::TokioIo::new(stream), service));
    }
}

/// Everything that it answers.
pub async fn answer<B: Body>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    if request.method() == Method::POST {
        return Ok(match path {
            "/orders" => read(request, |order: Order| text(order.total())).await,
            "/documents" => read(request, |document: Document<String>| text(document.summary())).await,
            "/documents/echo" => read(request, |document: Document<String>| json(&document)).await,
            "/documents/borrowed" => match request.into_body().collect().await {
                Ok(body) => parse(&body.to_bytes(), |document: Document<&str>| text(document.summary())),
                Err(_) => status(StatusCode::BAD_REQUEST),
            },
            _ => lost(),
        });
    }
    if request.method() != Method::GET {
        return Ok(status(StatusCode::METHOD_NOT_ALLOWED));
    }
    Ok(match path {
        "/hello" => text("Hello, World!"),
        "/user" => json(&USER),
        "/search" => search(request.uri().query().unwrap_or("")),
        _ => post(path).unwrap_or_else(lost),
    })
}

/// What is made of a document in the body that borrows nothing from it.
async fn read<B: Body, T: for<'a> Deserialize<'a>>(
    request: Request<B>,
    then: fn(T) -> Response<Full<Bytes>>,
) -> Response<Full<Bytes>> {
    match request.into_body().collect().await {
        Ok(body) => parse(&body.to_bytes(), then),
        Err(_) => status(StatusCode::BAD_REQUEST),
    }
}

fn parse<'a, T: Deserialize<'a>>(
    body: &'a [u8],
    then: impl FnOnce(T) -> Response<Full<Bytes>>,
) -> Response<Full<Bytes>> {
    match serde_json::from_slice(body) {
        Ok(value) => then(value),
        Err(_) => status(StatusCode::UNPROCESSABLE_ENTITY),
    }
}

fn post(path: &str) -> Option<Response<Full<Bytes>>> {
    let (id, post) = path.strip_prefix("/users/")?.split_once("/posts/")?;
    let id: u32 = id.parse().ok()?;
    Some(text(format!("post {post} of user {id}")))
}

fn search(query: &str) -> Response<Full<Bytes>> {
    let (mut q, mut page) = ("", 1u32);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "q" => q = value,
            "page" => page = value.parse().unwrap_or(1),
            _ => {}
        }
    }
    text(format!("page {page} of {q}"))
}

fn json(value: &impl serde::Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(value) {
        Ok(document) => typed("application/json", document),
        Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn text(text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    typed("text/plain; charset=utf-8", text)
}

fn lost() -> Response<Full<Bytes>> {
    let mut response = text(LOST);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn typed(content_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
