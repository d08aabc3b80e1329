//! Bare hyper: `service_fn` and a `match` of the five routes, over HTTP/1.1 and, asked for it, HTTP/2.

#[path = "../servers/messages.rs"]
mod messages;
#[path = "../servers/program.rs"]
mod program;
#[path = "../peers/servers/runtime.rs"]
mod runtime;

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};

use messages::{Order, Search, USER};
use program::{Done, Options};

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    Ok(match (request.method(), path) {
        (&Method::GET, "/hello") => text("Hello, World!"),
        (&Method::GET, "/user") => match serde_json::to_vec(&USER) {
            Ok(document) => typed("application/json", document),
            Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
        },
        (&Method::GET, "/search") => text(search(request.uri().query().unwrap_or("")).text()),
        (&Method::POST, "/orders") => match request.into_body().collect().await {
            Ok(body) => match serde_json::from_slice::<Order>(&body.to_bytes()) {
                Ok(order) => text(order.total()),
                Err(_) => status(StatusCode::UNPROCESSABLE_ENTITY),
            },
            Err(_) => status(StatusCode::BAD_REQUEST),
        },
        (&Method::GET, path) => post(path).unwrap_or_else(|| status(StatusCode::NOT_FOUND)),
        _ => status(StatusCode::METHOD_NOT_ALLOWED),
    })
}

fn post(path: &str) -> Option<Response<Full<Bytes>>> {
    let (id, post) = path.strip_prefix("/users/")?.split_once("/posts/")?;
    let id: u32 = id.parse().ok()?;
    Some(text(format!("post {post} of user {id}")))
}

fn search(query: &str) -> Search {
    let mut search = Search { q: String::new(), page: None };
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "q" => search.q = value.to_owned(),
            "page" => search.page = value.parse().ok(),
            _ => {}
        }
    }
    search
}

fn text(text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    typed("text/plain; charset=utf-8", text)
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

fn main() -> Done {
    let options = Options::read();
    let listener = program::listen()?;
    runtime::shared(options.threads)?.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (stream, service) = (TokioIo::new(stream), service_fn(answer));
            if options.h2c {
                tokio::spawn(http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service));
            } else {
                tokio::spawn(http1::Builder::new().serve_connection(stream, service));
            }
        }
    })
}
