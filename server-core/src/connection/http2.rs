//! HTTP/2 (RFC 9113) over hyper.

use std::future::{self, Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Method, StatusCode};
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::admission::{self, Known, Refusal};
use super::application::{Answer, Application};
use super::convert;
use super::deadline::Deadline;
use super::io::Watched;
use super::length;
use super::limits::Limits;
use super::stream::Stream;
use super::tasks::{self, Spawn, Tasks};
use super::tunnel::{Tunnel, Tunnels};
use super::watch::{Notices, Rings, Watch};
use super::watchdog::{Order, Watchdog};
use crate::body::{Bell, Body, Pace};
use crate::error::Error;
use crate::respond::Peer;
use crate::response::{IntoResponse, Response};

/// Serves HTTP/2 to its end.
pub(super) async fn serve<T, H>(
    io: Watched<T>,
    app: Arc<dyn Application>,
    peer: Peer,
    mut dog: Watchdog,
    held: H,
) where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Send + Sync + 'static,
{
    let watch = Arc::clone(dog.watch());
    watch.set_http2();
    let most = dog.limits().requests.unwrap_or(u64::MAX);
    let tasks = Tasks::new();
    let spawn = tasks.spawn(held);
    // Streams become tasks of their own and may outlive this future: they share what they need.
    let shared = Arc::new((app, peer, Arc::clone(dog.limits()), Tunnels::default()));
    let tunnels = Arc::clone(&shared);
    let service = service_fn({
        let watch = Arc::clone(&watch);
        let spawn = spawn.clone();
        let known = Known::default();
        move |request| {
            let accepted = (!watch.notices().contains(Notices::SHUT)).then(|| {
                if watch.begin_stream() == most {
                    watch.raise(Rings::LEAVE);
                }
                let stream = Arc::new(Stream::new(Arc::clone(&watch)));
                watch.parties().add_sender(&stream);
                tasks::expect(&stream);
                let mut request = Accepted::new(request, &stream, &known, || shared.0.takes_connect());
                let tunnel = request.tunnel.take().map(|tunnel| (tunnel, spawn.held()));
                (request, tunnel, stream, Arc::clone(&shared))
            });
            async move {
                // Says that nothing was done, so that it may be tried elsewhere (section 8.7).
                let Some((request, tunnel, stream, shared)) = accepted else {
                    return Err(h2::Error::from(h2::Reason::REFUSED_STREAM));
                };
                let (app, peer, limits, tunnels) = &*shared;
                let mut response = request.answer(&**app, peer, limits).await;
                if let Some((tunnel, held)) = tunnel {
                    tunnel.settle(&mut response, &stream, tunnels, held);
                }
                Ok(convert::response(response, |_| stream))
            }
        }
    });
    let builder = builder(dog.limits(), spawn);
    let mut streams = {
        let mut connection = pin!(builder.serve_connection(TokioIo::new(io), service));
        // Dropped before the connection is.
        let streams = Streams { watch: &watch, are_cut: true };

        poll_fn(|cx| {
            loop {
                let polled = connection.as_mut().poll(cx);
                // What they have to send, they wake this task for.
                tasks.run();
                if let Poll::Ready(_result) = polled {
                    #[cfg(feature = "tracing")]
                    if let Err(error) = _result {
                        tracing::debug!(error = &error as &dyn std::error::Error, "connection failed");
                    }
                    return Poll::Ready(());
                }
                match ready!(dog.poll(watch.notices(), cx)) {
                    // GOAWAY (section 6.8), so that a request on its way is known not to have been served.
                    Order::Leave => connection.as_mut().graceful_shutdown(),
                    Order::Cut => return Poll::Ready(()),
                    Order::Ask | Order::Park => {}
                }
            }
        })
        .await;
        watch.parties().cut_requests();
        streams
    };
    // Their streams are told that there is no connection any more; what they do then is theirs, until the server cuts it.
    tunnels.3.ended().await;
    streams.are_cut = false;
}

/// The streams of a connection, whose tasks end with it.
struct Streams<'a> {
    watch: &'a Watch,
    /// The server cuts them, and counts those that it cuts.
    are_cut: bool,
}

impl Drop for Streams<'_> {
    fn drop(&mut self) {
        if self.are_cut {
            self.watch.freeze();
        }
        self.watch.parties().cut();
    }
}

/// A request whose body's pace is kept.
struct Accepted {
    request: http::Request<Body>,
    pace: Option<Arc<Pace>>,
    judgement: Result<(), admission::Refusal>,
    /// Of a CONNECT.
    tunnel: Option<Tunnel>,
    /// Fields of the head, each cookie field counted.
    fields: usize,
}

impl Accepted {
    fn new(
        mut request: http::Request<hyper::body::Incoming>,
        stream: &Arc<Stream>,
        known: &Known,
        takes_connect: impl FnOnce() -> bool,
    ) -> Self {
        let tunnel = Tunnel::of(&mut request);
        let fields = request.headers().len();
        let judgement = admission::http2(&request, known, takes_connect);
        let mut pace = None;
        let request = convert::request_of_http2(request, known, || {
            let made = Arc::new(Pace::new(Arc::clone(stream) as Arc<dyn Bell>));
            stream.watch().parties().add_reader(&made);
            Arc::clone(pace.insert(made))
        });
        Self { request, pace, judgement, tunnel, fields }
    }

    /// Not an `async fn`: what waits for its turn would have room for the request twice.
    fn answer<'a>(self, app: &'a dyn Application, peer: &'a Peer, limits: &'a Limits) -> Answering<'a> {
        let is_head = self.request.method() == Method::HEAD;
        let answer = match self.refusal(limits) {
            None => app.answer(self.request, peer),
            Some(response) => Box::pin(future::ready(response)),
        };
        Answering { answer, pace: self.pace, deadline: Deadline::default(), time: limits.handler, is_head }
    }

    fn refusal(&self, limits: &Limits) -> Option<Response> {
        if self.fields > limits.fields {
            let error = Error::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
            return Some(error.detail("the request's head has too many fields").into_response());
        }
        self.judgement.err().map(Refusal::response)
    }
}

/// The answer to a request on its way, in the handler's time.
struct Answering<'a> {
    answer: Pin<Box<Answer<'a>>>,
    pace: Option<Arc<Pace>>,
    deadline: Deadline,
    time: Option<Duration>,
    is_head: bool,
}

impl Future for Answering<'_> {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        let Self { answer, pace, deadline, time, is_head } = &mut *self;
        let mut polled = answer.as_mut().poll(cx);
        if let (Poll::Pending, Some(time)) = (&polled, *time) {
            let waits_for_body = || pace.as_ref().is_some_and(|pace| pace.is_waiting());
            polled = deadline.poll_answer(time, waits_for_body, cx);
        }
        polled.map(|mut response| {
            length::settle_nothing(&mut response, *is_head);
            length::settle(&mut response);
            response
        })
    }
}

/// hyper's settings for one connection. What is hyper's or h2's own default is stated all the same: those are not
/// stable, and these are caps on floods.
///
/// hyper sends no PINGs: it would read the clock for every frame, and send them to idle peers, too. The watchdog does.
fn builder<H>(limits: &Limits, spawn: Spawn<H>) -> Builder<Spawn<H>> {
    let mut builder = Builder::new(spawn);
    builder
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.header_list)
        // To all: whether a route takes one, it says when it is asked.
        .enable_connect_protocol()
        .adaptive_window(false)
        .initial_stream_window_size(limits.stream_window)
        .initial_connection_window_size(limits.connection_window)
        .max_frame_size(limits.frame_size)
        .max_send_buf_size(limits.send_buffer)
        .max_pending_accept_reset_streams(limits.pending_resets)
        .max_local_error_reset_streams(limits.local_resets);
    builder
}
