//! Heap allocations of a request, counted: what Waypost adds to the response made by hand, and to hyper.
#![allow(clippy::unwrap_used)]

use std::convert::Infallible;
use std::future::Future;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::pin::pin;
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use allocation_counter::measure;
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;
use waypost::http::{HeaderValue, Request, header};
use waypost::{
    App, Body, BodyLimit, Bytes, CatchPanic, Chain, Compression, Metrics, Middleware, Next, Peer, Respond,
    Response, Routes, Server, Timeout, Trace, get, middleware, routes,
};

#[get("/hello")]
async fn hello() -> &'static str {
    "hello"
}

#[get("/users/{id}/posts/{post}")]
async fn user_post(id: u64, post: &str) -> String {
    sentence(id, post)
}

/// One function for all, so that none is compiled to a finished text.
#[inline(never)]
fn sentence(id: u64, post: &str) -> String {
    format!("post {post} of {id}")
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![hello, user_post])
}

const HELLO: &str = "/hello";
const POST: &str = "/users/7/posts/last";

/// What the handlers answer, made by hand.
fn by_hand(target: &str) -> Response {
    let body = if target == HELLO { Body::from("hello") } else { Body::from(sentence(7, "last")) };
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Polls a future that has nothing to wait for.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it had to wait"),
    }
}

fn request(target: &str) -> Request<Body> {
    let request = Request::builder().uri(target).header("host", "localhost").header("accept", "*/*");
    request.body(Body::empty()).unwrap()
}

#[test]
fn dispatch_adds_nothing_to_the_response() {
    let app = app();
    let peer = Peer::default();
    for target in [HELLO, POST] {
        now(app.respond(request(target), &peer));
        for _ in 0..3 {
            let request = request(target);
            let mut answer = None;
            let ours = measure(|| answer = Some(now(app.respond(request, &peer)))).count_total;
            let mut expected = None;
            let bare = measure(|| expected = Some(by_hand(target))).count_total;
            let (answer, expected) = (answer.unwrap(), expected.unwrap());
            assert_eq!(answer.headers(), expected.headers());
            assert_eq!(now(answer.into_body().bytes()).unwrap(), now(expected.into_body().bytes()).unwrap());
            assert!(bare > 0, "the count counts");
            // The room for the fields is an earlier request's.
            assert!(ours < bare, "{target}: {ours} against {bare}");
        }
    }
}

/// As `docs/PERFORMANCE.md` has it: matchit has a list from the fourth on, with the fifth it grows, and Waypost has one.
#[test]
fn many_parameters_take_lists() {
    #[get("/three/{a}/{b}/{c}")]
    async fn three(a: u8, b: u8, c: u8) {
        assert_eq!([a, b, c], [1, 2, 3]);
    }

    #[get("/four/{a}/{b}/{c}/{d}")]
    async fn four(a: u8, b: u8, c: u8, d: u8) {
        assert_eq!([a, b, c, d], [1, 2, 3, 4]);
    }

    #[get("/five/{a}/{b}/{c}/{d}/{e}")]
    async fn five(a: u8, b: u8, c: u8, d: u8, e: u8) {
        assert_eq!([a, b, c, d, e], [1, 2, 3, 4, 5]);
    }

    let app = App::new(routes![three, four, five]);
    let peer = Peer::default();
    for (target, count) in [("/three/1/2/3", 0), ("/four/1/2/3/4", 1), ("/five/1/2/3/4/5", 3)] {
        let request = request(target);
        let taken = measure(|| assert_eq!(now(app.respond(request, &peer)).status(), 200));
        assert_eq!(taken.count_total, count, "{target}");
    }
}

#[middleware]
async fn named(request: &mut waypost::Request, next: Next<'_>) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static("own"));
    response
}

/// One with settings.
struct Named(HeaderValue);

impl<S: Sync> Middleware<S> for Named {
    async fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut waypost::Request,
        _: &'a S,
        next: Next<'a, C>,
    ) -> Response {
        let mut response = next.run(request).await;
        response.headers_mut().insert(header::SERVER, self.0.clone());
        response
    }
}

#[test]
fn middlewares_add_nothing() {
    let bare = app();
    let wrapped = app()
        .wrap(CatchPanic)
        .wrap(named)
        .wrap(BodyLimit::new(1 << 20))
        .wrap(Named(HeaderValue::from_static("one")))
        .wrap(Timeout::new(Duration::from_secs(30)));
    let peer = Peer::default();
    for target in [HELLO, POST] {
        let count = |answer: &dyn Fn(Request<Body>) -> Response| {
            let request = request(target);
            measure(|| drop(answer(request))).count_total
        };
        let bare = || count(&|request| now(bare.respond(request, &peer)));
        let wrapped = || count(&|request| now(wrapped.respond(request, &peer)));
        bare();
        wrapped();
        assert_eq!(wrapped(), bare(), "{target}");
    }
}

/// Nobody listens: there is no subscriber.
#[test]
fn a_span_that_nobody_wants_adds_nothing() {
    let (silent, traced) = (app(), app().trace(Trace::new().on_span(|_, _| unreachable!())));
    let peer = Peer::default();
    for target in [HELLO, POST] {
        let count = |answer: &dyn Fn(Request<Body>) -> Response| {
            let request = request(target);
            measure(|| drop(answer(request))).count_total
        };
        let traced = || count(&|request| now(traced.respond(request, &peer)));
        traced();
        assert_eq!(traced(), count(&|request| now(silent.respond(request, &peer))), "{target}");
    }
}

/// The box that is kept of the request, the labels, and those of its duration.
#[test]
fn what_is_measured_is_bounded() {
    let (silent, measured) = (app(), app().metrics(Metrics::new()));
    let peer = Peer::default();
    for target in [HELLO, POST] {
        let count = |answer: &dyn Fn(Request<Body>) -> Response| {
            let request = request(target);
            measure(|| drop(answer(request))).count_total
        };
        let bare = || count(&|request| now(silent.respond(request, &peer)));
        bare();
        let bare = bare();
        let added = count(&|request| now(measured.respond(request, &peer))) - bare;
        assert!(added <= 3, "{target}: {added}");
    }
}

/// The bytes that are sent; the encoder is its thread's.
#[test]
fn a_body_in_gzip_is_one_allocation() {
    let (plain, compressed) = (app(), app().wrap(Compression::new().minimum_size(1)));
    let peer = Peer::default();
    for target in [HELLO, POST] {
        let count = |answer: &dyn Fn(Request<Body>) -> Response| {
            let mut request = request(target);
            request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br;q=0.5, gzip"));
            let mut response = None;
            let count = measure(|| response = Some(answer(request))).count_total;
            (count, response.unwrap().headers().contains_key(header::CONTENT_ENCODING))
        };
        let plain = || count(&|request| now(plain.respond(request, &peer)));
        let compressed = || count(&|request| now(compressed.respond(request, &peer)));
        // Once before, so that both find the room that an earlier answer left.
        let _ = (plain(), compressed());
        assert_eq!(compressed(), (plain().0 + 1, true), "{target}");
    }
}

/// Encoders manage their memory by themselves.
#[test]
fn compression_keeps_nothing_of_a_body() {
    let app = app().wrap(Compression::new().minimum_size(1));
    let peer = Peer::default();
    for coding in ["gzip", "br"] {
        let answer = || {
            let mut request = request(HELLO);
            request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
            let response = now(app.respond(request, &peer));
            assert_eq!(response.headers()[header::CONTENT_ENCODING], coding);
        };
        answer();
        let counted = measure(answer);
        assert!(counted.count_total > 0, "the count counts");
        assert_eq!((counted.count_current, counted.bytes_current), (0, 0), "{coding}");
    }
}

const WARM_UP: u32 = 200;
const COUNTED: u32 = 500;

/// Sends requests one after the other on one connection, in two rounds; tells after the first, and waits for leave: a
/// request that is answered before the count begins would be missing from it.
fn client(
    address: SocketAddr,
    target: &str,
    warm: oneshot::Sender<()>,
    counting: &Barrier,
    done: oneshot::Sender<()>,
) {
    let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n\r\n");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = [0; 4096];
    let mut round = |count| {
        for _ in 0..count {
            stream.write_all(request.as_bytes()).unwrap();
            let mut length = 0;
            // Every response is short, and ends with its body.
            while !(buffer[..length].ends_with(b"\r\n\r\nhello")
                || buffer[..length].ends_with(b"\r\n\r\npost last of 7"))
            {
                let read = stream.read(&mut buffer[length..]).unwrap();
                assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&buffer[..length]));
                length += read;
            }
            assert!(buffer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        }
    };
    round(WARM_UP);
    warm.send(()).unwrap();
    counting.wait();
    round(COUNTED);
    done.send(()).unwrap();
}

/// The allocations of a server's thread while it answers [`COUNTED`] requests on a connection that is warm.
///
/// The count is the thread's own: the client, on another, does not add to it.
fn counted<F>(target: &'static str, serve: impl FnOnce(std::net::TcpListener) -> F) -> u64
where
    F: Future<Output = ()> + 'static,
{
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    let guard = runtime.enter();
    local.spawn_local(serve(listener));
    drop(guard);
    let (warm, is_warm) = oneshot::channel();
    let (done, is_done) = oneshot::channel();
    let counting = Arc::new(Barrier::new(2));
    let begins = Arc::clone(&counting);
    let client = std::thread::spawn(move || client(address, target, warm, &begins, done));
    local.block_on(&runtime, is_warm).unwrap();
    let count = measure(|| {
        counting.wait();
        local.block_on(&runtime, is_done).unwrap();
    })
    .count_total;
    client.join().unwrap();
    count
}

async fn waypost(listener: std::net::TcpListener) {
    Server::builder().tcp_socket(listener).bind().unwrap().serve(app()).await.unwrap();
}

/// hyper as it comes, with a function that answers the same.
async fn hyper(listener: std::net::TcpListener) {
    bare(listener, &hyper::server::conn::http1::Builder::new()).await;
}

/// hyper told not to read ahead while it answers, as Waypost tells it: it saves two allocations.
async fn hyper_half_close(listener: std::net::TcpListener) {
    bare(listener, hyper::server::conn::http1::Builder::new().half_close(true)).await;
}

async fn bare(listener: std::net::TcpListener, builder: &hyper::server::conn::http1::Builder) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let service = hyper::service::service_fn(|request: Request<hyper::body::Incoming>| async move {
            let body = match request.uri().path() {
                HELLO => Bytes::from_static(b"hello"),
                _ => Bytes::from(sentence(7, "last")),
            };
            let mut response = Response::new(Full::new(body));
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, plain);
            Ok::<_, Infallible>(response)
        });
        tokio::task::spawn_local(builder.serve_connection(TokioIo::new(stream), service));
    }
}

#[test]
fn a_request_over_a_socket_takes_no_more_than_with_bare_hyper() {
    for target in [HELLO, POST] {
        let begun = Instant::now();
        let ours = counted(target, waypost);
        // With each second, hyper writes the date anew, one allocation of its own.
        let seconds = begun.elapsed().as_secs() + 1;
        let bare = counted(target, hyper);
        let same = counted(target, hyper_half_close);
        assert!(same >= u64::from(COUNTED), "the count counts: {same}");
        assert!(ours <= bare, "{target}: {ours} against {bare} in {COUNTED} requests");
        assert!(ours <= same, "{target}: {ours} against {same} with the same settings in {COUNTED} requests");
        // The handler's own text, and the count of its owners.
        let own = if target == HELLO { 0 } else { 2 * u64::from(COUNTED) };
        assert!(ours <= own + seconds, "{target}: {ours} in {COUNTED} requests");
    }
}

/// The response that both compare with is the right one.
#[test]
fn the_compared_response_is_the_right_one() {
    let app = Arc::new(app());
    let reply = now(app.respond(request(POST), &Peer::default()));
    assert_eq!(now(reply.into_body().bytes()).unwrap(), "post last of 7");
}

/// The bytes that a server's thread holds once there are so many connections more, each of which has had a request, came
/// after the other, and stays. Its runtime has nothing to do then.
fn held_by_idle_connections(first: usize, more: usize) -> i64 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    let guard = runtime.enter();
    local.spawn_local(waypost(listener));
    drop(guard);
    let mut idle = Vec::new();
    let mut open = |count: usize| {
        let (done, is_done) = oneshot::channel();
        let client = std::thread::spawn(move || {
            let open = |_| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(b"GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
                let mut buffer = [0; 1024];
                let read = stream.read(&mut buffer).unwrap();
                assert!(buffer[..read].ends_with(b"\r\n\r\nhello"));
                stream
            };
            let streams: Vec<_> = (0..count).map(open).collect();
            done.send(()).unwrap();
            streams
        });
        let held = measure(|| local.block_on(&runtime, is_done).unwrap()).bytes_current;
        idle.push(client.join().unwrap());
        held
    };
    open(first);
    open(more)
}

/// Some are never parked, however many there are: as many before the others came as after.
#[test]
fn an_idle_connection_holds_little() {
    const COUNT: usize = 200;
    let each = held_by_idle_connections(COUNT, COUNT) / i64::try_from(COUNT).unwrap();
    assert!((512..4096).contains(&each), "{each} bytes");
}
