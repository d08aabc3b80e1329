//! Requests on many threads at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use waypost::http::Request as HttpRequest;
use waypost::test::Client;
use waypost::{
    App, Body, CatchPanic, Context, Extraction, FromRequest, Head, Json, Next, Peer, Request, Respond,
    Response, Routes, State, Timeout, extractor, get, middleware, post, routes,
};

#[derive(Deserialize, Serialize)]
struct Message<'a> {
    text: &'a str,
    number: usize,
}

#[derive(State)]
struct Site {
    calls: Arc<AtomicUsize>,
}

/// Borrows and awaits.
struct Slow<'r>(&'r str);

impl<'r, S: Send + Sync> FromRequest<'r, S> for Slow<'r> {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::future(async move {
            tokio::task::yield_now().await;
            Ok(Self(context.head().path()))
        })
    }
}

struct Twice<'r>(&'r str, usize);

#[extractor]
async fn twice<'r>(slow: Slow<'r>, State(calls): State<&Arc<AtomicUsize>>) -> Twice<'r> {
    tokio::task::yield_now().await;
    Twice(slow.0, calls.fetch_add(1, SeqCst))
}

#[post("/echo/{id}?{tag}")]
async fn echo(
    id: &str,
    tag: Vec<&str>,
    Json(message): Json<Message<'_>>,
    twice: Twice<'_>,
    maybe: Option<Slow<'_>>,
) -> Json<(String, usize)> {
    tokio::task::yield_now().await;
    assert!(twice.1 < usize::MAX);
    assert_eq!(maybe.map(|slow| slow.0), Some(twice.0));
    Json((format!("{id} {tag:?} {} {}", message.text, twice.0), message.number))
}

#[get("/stream/{n}")]
async fn stream(n: usize, head: &Head) -> Body {
    let path = head.path().to_owned();
    tokio::task::yield_now().await;
    Body::from_stream(futures_util::stream::iter((0..n).map(move |_| Ok::<_, std::io::Error>(path.clone()))))
}

#[middleware]
async fn spread(request: &mut Request, State(calls): State<&Arc<AtomicUsize>>, next: Next<'_>) -> Response {
    tokio::task::yield_now().await;
    calls.fetch_add(1, SeqCst);
    next.run(request).await
}

fn app(calls: &Arc<AtomicUsize>) -> App<impl Routes<Site>, Site> {
    App::new(routes!["/a" => [echo], stream].wrap(spread))
        .wrap(CatchPanic)
        .wrap(Timeout::new(Duration::from_secs(60)))
        .state(Site { calls: Arc::clone(calls) })
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once() {
    let calls = Arc::new(AtomicUsize::new(0));
    let client = Arc::new(Client::new(app(&calls)));
    let tasks = (0..64_usize).map(|task| {
        let client = Arc::clone(&client);
        tokio::spawn(async move {
            for call in 0..20 {
                let number = task * 100 + call;
                let text = format!("t\"{number}");
                let request = client.post(&format!("/a/echo/{number}?tag=a%20b&tag={task}"));
                let reply = request.json(&Message { text: &text, number }).send().await;
                let expected = format!("{number} [\"a b\", \"{task}\"] {text} /a/echo/{number}");
                assert_eq!(reply.json::<(String, usize)>().await, (expected, number));
                let reply = client.get("/stream/3").send().await;
                assert_eq!(reply.text().await, "/stream/3".repeat(3));
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(calls.load(SeqCst), 64 * 20 * 3);
}

#[tokio::test]
async fn its_futures_and_values_are_send() {
    let calls = Arc::default();
    let app = is_send(app(&calls));
    let peer = Peer::default();
    let response =
        is_send(app.respond(HttpRequest::get("/stream/1").body(Body::empty()).unwrap(), &peer)).await;
    let body = is_send(response).into_body();
    assert_eq!(is_send(body.bytes()).await.unwrap(), "/stream/1");
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&app);
    shared(&Body::empty());
    shared(&waypost::Error::not_found());
    shared(&Client::new(app));
}

/// A request given up half way is only its own loss.
#[tokio::test]
async fn a_dropped_request_does_no_harm() {
    let calls = Arc::new(AtomicUsize::new(0));
    let app = app(&calls);
    let peer = Peer::default();
    for polls in 0..6 {
        let request = HttpRequest::get("/stream/2").body(Body::empty()).unwrap();
        let mut future = Box::pin(app.respond(request, &peer));
        for _ in 0..polls {
            let once = std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready()));
            if once.await {
                break;
            }
        }
    }
    let reply = Client::new(app).get("/stream/1").send().await;
    assert_eq!(reply.text().await, "/stream/1");
}
