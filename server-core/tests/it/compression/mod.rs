//! Responses in gzip and brotli, decoded by the decoders of other crates.

mod bodies;
mod choice;
mod fields;
mod wire;

use std::io::Read as _;
use std::pin::Pin;

use futures_util::stream;
use tokio::sync::mpsc;
use waypost::http::{HeaderName, HeaderValue, header};
use waypost::test::{Client, Reply};
use waypost::{
    App, Body, BoxError, Bytes, Chain, Compression, Middleware, Next, Request, Respond, Response, Routes,
    get, routes,
};

/// Answers every request with what its function makes.
struct Answer<F>(F);

impl<S: Sync, F: Fn(&Request) -> Response + Send + Sync + 'static> Middleware<S> for Answer<F> {
    async fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        _: &'a S,
        _: Next<'a, C>,
    ) -> Response {
        (self.0)(request)
    }
}

fn answering(
    compression: Compression,
    answer: impl Fn(&Request) -> Response + Send + Sync + 'static,
) -> App<impl Routes<()>> {
    App::new(routes![]).wrap(Answer(answer)).wrap(compression)
}

/// A response of plain text, with further fields.
fn text(body: impl Into<Body>, fields: &[(HeaderName, &str)]) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    for (name, value) in fields {
        response.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
    }
    response
}

/// Text of so many bytes that repeats itself.
fn prose(length: usize) -> String {
    "a rose is a rose is a rose; ".repeat(length / 28 + 1)[..length].to_owned()
}

/// Bytes that do not.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(step).collect()
}

async fn ask(app: impl Respond, accepted: &str) -> Reply {
    Client::new(app).get("/").header("accept-encoding", accepted).send().await
}

/// What was encoded, and whether its end was there.
fn decode_some(coding: &str, bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut decoded = Vec::new();
    let whole = match coding {
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut decoded),
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut decoded),
        other => panic!("not encoded, but {other:?}"),
    };
    (decoded, whole.is_ok())
}

fn decode(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let (decoded, whole) = decode_some(coding, bytes);
    assert!(whole, "broken off after {} bytes", decoded.len());
    decoded
}

/// A body that yields what is sent to it.
fn channel() -> (mpsc::UnboundedSender<Result<Bytes, BoxError>>, Body) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let stream = stream::unfold(receiver, async |mut receiver: mpsc::UnboundedReceiver<_>| {
        Some((receiver.recv().await?, receiver))
    });
    (sender, Body::from_stream::<Pin<Box<dyn futures_util::Stream<Item = _> + Send>>, _, _>(Box::pin(stream)))
}

#[get("/poem")]
async fn poem() -> String {
    prose(5000)
}
