//! Bare hyper: `service_fn` and a `match`, with hyper's default settings: no limit, no deadline. Or with the one deadline
//! that hyper itself offers.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, body::Incoming};

use super::{Order, Served, USER};

pub async fn serve(listener: std::net::TcpListener, deadline: bool) -> Served {
    let mut builder = hyper::server::conn::http1::Builder::new();
    if deadline {
        builder.timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(Duration::from_secs(10));
    }
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = hyper::service::service_fn(answer);
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
        let service = hyper::service::service_fn(answer);
        tokio::spawn(builder.serve_connection(hyper_util::rt::TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    if request.method() == Method::POST && path == "/orders" {
        let body = match request.into_body().collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return Ok(status(StatusCode::BAD_REQUEST)),
        };
        return Ok(match serde_json::from_slice::<Order>(&body) {
            Ok(order) => typed("text/plain; charset=utf-8", order.total()),
            Err(_) => status(StatusCode::UNPROCESSABLE_ENTITY),
        });
    }
    if request.method() != Method::GET {
        return Ok(status(StatusCode::METHOD_NOT_ALLOWED));
    }
    Ok(match path {
        "/hello" => typed("text/plain; charset=utf-8", "Hello, World!"),
        "/user" => match serde_json::to_vec(&USER) {
            Ok(document) => typed("application/json", document),
            Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
        },
        "/search" => search(request.uri().query().unwrap_or("")),
        _ => post(path).unwrap_or_else(|| status(StatusCode::NOT_FOUND)),
    })
}

fn post(path: &str) -> Option<Response<Full<Bytes>>> {
    let (id, post) = path.strip_prefix("/users/")?.split_once("/posts/")?;
    let id: u32 = id.parse().ok()?;
    Some(typed("text/plain; charset=utf-8", format!("post {post} of user {id}")))
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
    typed("text/plain; charset=utf-8", format!("page {page} of {q}"))
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
