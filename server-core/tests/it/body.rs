//! Bodies, and how large they may be.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

use futures_util::stream;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use waypost::test::{Client, Reply};
use waypost::{App, Body, BodyLimit, Bytes, DEFAULT_BODY_LIMIT, Routes, RoutesExt, post, routes};

use crate::support::{problem, says, seen};

#[post("/bytes")]
async fn bytes(body: Bytes) -> String {
    body.len().to_string()
}

#[post("/slice")]
async fn slice(body: &[u8]) -> Vec<u8> {
    body.iter().rev().copied().collect()
}

#[post("/vec")]
async fn vec(body: Vec<u8>) -> Vec<u8> {
    body
}

#[post("/text")]
async fn text(body: &str) -> String {
    body.to_uppercase()
}

#[post("/string")]
async fn string(body: String) -> String {
    body
}

#[post("/stream")]
async fn streamed(mut body: Body) -> waypost::Result<String> {
    let mut sizes = Vec::new();
    while let Some(chunk) = body.chunk().await? {
        sizes.push(chunk.len());
    }
    Ok(format!("{sizes:?}"))
}

#[post("/ignored")]
async fn ignored() -> &'static str {
    "ignored"
}

#[post("/little", body_limit = 10)]
async fn little(body: Bytes) -> String {
    body.len().to_string()
}

#[post("/much", body_limit = 3 * 1024 * 1024)]
async fn much(body: Bytes) -> String {
    body.len().to_string()
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![bytes, slice, vec, text, string, streamed, ignored, little, much])
}

async fn send(app: App<impl Routes<()>>, target: &str, body: impl Into<Body>) -> Reply {
    Client::new(app).post(target).body(body).send().await
}

/// A body that comes in pieces of this size and does not say how many.
fn chunks(count: usize, size: usize) -> Body {
    Body::from_stream(stream::iter((0..count).map(move |_| Ok::<_, io::Error>(vec![b'x'; size]))))
}

#[tokio::test]
async fn in_every_form() {
    assert_eq!(seen(send(app(), "/bytes", "abc").await).await, says(200, "3"));
    assert_eq!(seen(send(app(), "/slice", "abc").await).await, says(200, "cba"));
    assert_eq!(seen(send(app(), "/vec", "abc").await).await, says(200, "abc"));
    assert_eq!(seen(send(app(), "/text", "grün").await).await, says(200, "GRÜN"));
    assert_eq!(seen(send(app(), "/string", "grün").await).await, says(200, "grün"));
    assert_eq!(seen(send(app(), "/stream", chunks(3, 2)).await).await, says(200, "[2, 2, 2]"));
    for target in ["/bytes", "/slice", "/text", "/string", "/stream", "/ignored"] {
        assert_eq!(send(app(), target, Body::empty()).await.status(), 200, "{target}");
    }
}

#[tokio::test]
async fn pieces_are_put_together() {
    let pieces = ["a", "bc", "", "def"].map(Ok::<_, io::Error>);
    let reply = send(app(), "/string", Body::from_stream(stream::iter(pieces))).await;
    assert_eq!(seen(reply).await, says(200, "abcdef"));
    assert_eq!(seen(send(app(), "/bytes", chunks(1000, 1000)).await).await, says(200, "1000000"));
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_a_400() {
    for target in ["/text", "/string"] {
        let reply = send(app(), target, &b"a\xff"[..]).await;
        let problem = problem(reply, 400).await;
        assert_eq!(problem["errors"][0]["in"], "body");
    }
}

#[tokio::test]
async fn two_mebibytes_unless_told_otherwise() {
    assert_eq!(DEFAULT_BODY_LIMIT, 2_097_152);
    let most = usize::try_from(DEFAULT_BODY_LIMIT).unwrap();
    let reply = send(app(), "/bytes", vec![0; most]).await;
    assert_eq!(seen(reply).await, says(200, "2097152"));
    for target in ["/bytes", "/slice", "/text", "/string", "/stream", "/vec"] {
        let reply = send(app(), target, vec![b'x'; most + 1]).await;
        problem(reply, 413).await;
        assert_eq!(send(app(), target, chunks(2, most / 2)).await.status(), 200, "{target}");
        problem(send(app(), target, chunks(3, most / 2)).await, 413).await;
    }
    assert_eq!(send(app(), "/ignored", vec![0; most + 1]).await.status(), 200);
}

#[tokio::test]
async fn a_limit_of_the_route() {
    assert_eq!(seen(send(app(), "/little", vec![0; 10]).await).await, says(200, "10"));
    problem(send(app(), "/little", vec![0; 11]).await, 413).await;
    assert_eq!(seen(send(app(), "/little", chunks(5, 2)).await).await, says(200, "10"));
    problem(send(app(), "/little", chunks(6, 2)).await, 413).await;
    let more = 3 * 1024 * 1024;
    assert_eq!(send(app(), "/much", vec![0; more]).await.status(), 200);
    problem(send(app(), "/much", vec![0; more + 1]).await, 413).await;
}

#[tokio::test]
async fn a_limit_of_the_app() {
    let app = || App::new(routes![bytes, little, streamed]).body_limit(4);
    assert_eq!(send(app(), "/bytes", "1234").await.status(), 200);
    problem(send(app(), "/bytes", "12345").await, 413).await;
    problem(send(app(), "/stream", "12345").await, 413).await;
    assert_eq!(send(app(), "/little", vec![0; 10]).await.status(), 200);
}

#[tokio::test]
async fn a_limit_of_a_set() {
    fn loose() -> impl Routes<()> {
        routes!["/loose" => [bytes]].wrap(BodyLimit::unlimited())
    }

    let app = || {
        let inner = routes!["/inner" => [bytes]].wrap(BodyLimit::new(3));
        let outer = routes!["/outer" => [bytes, little], ..inner].wrap(BodyLimit::new(5));
        App::new(routes![..outer, ..loose().wrap(BodyLimit::new(1)), bytes]).body_limit(7)
    };
    for (target, most) in [("/outer/bytes", 5), ("/inner/bytes", 3), ("/bytes", 7), ("/outer/little", 10)] {
        assert_eq!(send(app(), target, vec![0; most]).await.status(), 200, "{target}");
        assert_eq!(send(app(), target, vec![0; most + 1]).await.status(), 413, "{target}");
    }
    assert_eq!(send(app(), "/loose/bytes", vec![0; 3_000_000]).await.status(), 200);
    let wrapped = App::new(routes![bytes, little]).wrap(BodyLimit::new(2));
    assert_eq!(send(wrapped.clone(), "/bytes", "123").await.status(), 413);
    assert_eq!(send(wrapped, "/little", "123").await.status(), 200);
}

/// A body that says how long it is, and counts how often it is read.
struct Announced {
    length: u64,
    reads: Arc<AtomicUsize>,
}

impl HttpBody for Announced {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.reads.fetch_add(1, SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

#[tokio::test]
async fn what_announces_itself_as_too_large_is_not_read() {
    let reads = Arc::new(AtomicUsize::new(0));
    for (target, length) in [("/bytes", DEFAULT_BODY_LIMIT + 1), ("/little", 11), ("/bytes", u64::MAX)] {
        let reply = send(app(), target, Body::new(Announced { length, reads: Arc::clone(&reads) })).await;
        problem(reply, 413).await;
    }
    assert_eq!(reads.load(SeqCst), 0);
}

#[tokio::test]
async fn what_breaks_off_is_a_400_that_does_not_tell_why() {
    for target in ["/bytes", "/string", "/stream"] {
        let broken = [Ok("abc"), Err(io::Error::other("a secret cable"))];
        let reply = send(app(), target, Body::from_stream(stream::iter(broken))).await;
        let problem = problem(reply, 400).await;
        assert!(!problem.to_string().contains("cable"), "{problem}");
    }
}

#[post("/echo")]
async fn echo(body: Body) -> Body {
    body
}

#[tokio::test]
async fn is_handed_through_unread() {
    let app = App::new(routes![echo]);
    let mut reply = send(app.clone(), "/echo", chunks(2, 3)).await;
    assert_eq!(reply.chunk().await.unwrap().unwrap(), "xxx");
    assert_eq!(reply.chunk().await.unwrap().unwrap(), "xxx");
    assert_eq!(reply.chunk().await.unwrap(), None);
    let mut reply = send(app.body_limit(4), "/echo", chunks(2, 3)).await;
    assert_eq!(reply.chunk().await.unwrap().unwrap(), "xxx");
    assert!(reply.chunk().await.unwrap_err().is_body_too_large());
}

#[tokio::test]
async fn a_body_knows_its_length_where_it_can() {
    assert_eq!(Body::empty().len(), Some(0));
    assert!(Body::default().is_empty());
    assert_eq!(Body::from("abc").len(), Some(3));
    assert_eq!(chunks(2, 3).len(), None);
    assert_eq!(Body::new(Body::from("abc")).bytes().await.unwrap(), "abc");
    let other = http_body_util::Full::new(Bytes::from_static(b"abc"));
    assert_eq!(Body::new(other).len(), Some(3));
    assert_eq!(Body::from(vec![1, 2]).collect().await.unwrap().to_bytes(), vec![1, 2]);
}
