//! The requests of a connection of HTTP/1, one after the other, and their answers.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT};
use http::{HeaderValue, StatusCode, Version};
use hyper::body::{Body as _, Incoming};
use hyper::service::Service;
use try_lock::TryLock;

use super::admission::{self, Known, Refusal};
use super::application::{Application, Desk};
use super::convert::{self, Outlet, Sent};
use super::deadline::Deadline;
use super::length;
use super::limits::Limits;
use super::watch::{Busy, Notices, Watch};
use crate::body::{Bell, Pace};
use crate::respond::{Peer, Seat};
use crate::response::Response;
use crate::upgrade::{Serve, take_handover, take_tunnel};

/// hyper's service, which borrows from the connection's future: no reference is counted for a request.
#[derive(Clone, Copy)]
pub(super) struct Requests<'c, 'a> {
    pub(super) app: &'a dyn Application,
    pub(super) peer: &'a Peer,
    pub(super) shared: &'c Shared<'a>,
}

impl<'c, 'a> Service<http::Request<Incoming>> for Requests<'c, 'a> {
    type Response = http::Response<Sent<Option<Busy>>>;
    type Error = Infallible;
    type Future = Answer<'c, 'a>;

    #[inline]
    fn call(&self, mut request: http::Request<Incoming>) -> Answer<'c, 'a> {
        let Self { app, peer, shared } = *self;
        if shared.watch.begin() >= shared.limits.requests.unwrap_or(u64::MAX) {
            shared.watch.notify(Notices::LAST);
        }
        shared.leave_body();
        let admitted = match request.version() {
            Version::HTTP_10 if !shared.limits.http1_0 => Err(Refusal::Version),
            _ => {
                admission::http1(&mut request, &shared.host, || app.takes_connect() && shared.begin_connect())
            }
        };
        match admitted {
            Ok(()) => {
                let (mut desk, seat) = match shared.take_kept() {
                    Some(kept) => kept,
                    None => (app.desk(peer), Box::default()),
                };
                // For which the client has to be asked (RFC 9110 section 10.1.1).
                let unasked = !request.body().is_end_stream() && request.headers().contains_key(EXPECT);
                desk.as_mut().begin(request, &|| shared.pace(unasked), seat);
                Answer::Application { desk: Some(desk), shared, deadline: Deadline::default() }
            }
            Err(refusal) => Answer::Refusal { refusal, shared },
        }
    }
}

/// Where requests are answered, and answers left.
type Kept<'a> = (Pin<Box<dyn Desk + 'a>>, Box<Seat>);

/// What the requests of a connection share.
pub(super) struct Shared<'a> {
    pub(super) watch: Arc<Watch>,
    limits: Arc<Limits>,
    /// Of the requests' bodies: made for the first that has one.
    pace: OnceLock<Arc<Pace>>,
    /// The number of the latest request that has one.
    latest_body: AtomicU64,
    /// Who takes the connection over, once it was promised to speak something else.
    handover: OnceLock<Mutex<Option<Box<Serve>>>>,
    /// Whether the present request is a CONNECT, and so the last.
    is_connect: AtomicBool,
    host: Known,
    /// Between one request and the next. A `Mutex` would have to look, when it is let go, for whoever waits; nobody does.
    kept: TryLock<Option<Kept<'a>>>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(watch: Arc<Watch>, limits: Arc<Limits>) -> Self {
        Self {
            watch,
            limits,
            pace: OnceLock::new(),
            latest_body: AtomicU64::new(0),
            handover: OnceLock::new(),
            is_connect: AtomicBool::new(false),
            host: Known::default(),
            kept: TryLock::new(None),
        }
    }

    /// Keeps nothing while no request is expected soon.
    pub(super) fn rest(&self) {
        self.keep(None);
    }

    fn take_kept(&self) -> Option<Kept<'a>> {
        self.kept.try_lock()?.take()
    }

    fn keep(&self, kept: Option<Kept<'a>>) {
        // Only the connection's own task gets here, so it is never locked; if it were, a new one would be made.
        if let Some(mut place) = self.kept.try_lock() {
            *place = kept;
        }
    }

    /// For another body, for which the client may have to be asked.
    fn pace(&self, unasked: bool) -> Arc<Pace> {
        let pace = self.pace.get_or_init(|| {
            let pace = Arc::new(Pace::new(Arc::clone(&self.watch) as Arc<dyn Bell>));
            self.watch.parties().add_reader(&pace);
            pace
        });
        self.watch.begin_body(pace.restart(unasked));
        self.latest_body.store(self.watch.begun(), Relaxed);
        Arc::clone(pace)
    }

    /// Whoever still has the body of the request before has no say in what is waited for now.
    #[inline]
    fn leave_body(&self) {
        if self.latest_body.load(Relaxed) + 1 == self.watch.begun()
            && let Some(pace) = self.pace.get()
        {
            pace.restart(false);
        }
    }

    /// Whether the client waits to be asked for the body of the present request.
    fn is_unasked(&self) -> bool {
        self.latest_body.load(Relaxed) == self.watch.begun()
            && self.pace.get().is_some_and(|pace| pace.is_unasked())
    }

    /// Whether there is nothing of a request, nor of a response, that is not done with.
    pub(super) fn is_idle(&self) -> bool {
        let watch = &self.watch;
        watch.begun() > 0 && watch.notices().is_empty() && !watch.is_busy() && !self.has_unread_body()
    }

    /// Whether the present request has a body of which there is more.
    fn has_unread_body(&self) -> bool {
        self.latest_body.load(Relaxed) == self.watch.begun()
            && self.pace.get().is_some_and(|pace| !pace.has_ended())
    }

    /// Whatever is answered, no request follows.
    #[cold]
    fn begin_connect(&self) -> bool {
        self.is_connect.store(true, Relaxed);
        self.watch.notify(Notices::LAST);
        true
    }

    /// Makes a response the last.
    #[cold]
    fn conclude(&self, response: &mut Response) {
        if self.is_connect.load(Relaxed) {
            self.settle_connect(response);
        } else {
            say_last(response);
        }
    }

    /// Notes who takes the tunnel. Where there is none, the client must not think so; and what it has sent in the hope of
    /// one is not to be taken for requests, so the connection is closed (RFC 9931).
    fn settle_connect(&self, response: &mut Response) {
        if let Some(serve) = take_tunnel(response) {
            let _ = self.handover.set(Mutex::new(Some(serve)));
            return;
        }
        if response.status().is_success() || response.status().is_informational() {
            *response = Refusal::Tunnel.response();
        }
        self.watch.notify(Notices::REFUSED);
        say_last(response);
    }

    /// Notes who takes the connection over. Nobody does while what comes is still the request (RFC 9110 section 7.8).
    #[cold]
    fn promise(&self, response: &mut Response) {
        if self.is_connect.load(Relaxed) {
            return self.settle_connect(response);
        }
        if let Some(serve) = take_handover(response) {
            if self.has_unread_body() {
                *response = Refusal::Content.response();
                return say_last(response);
            }
            // It is the last response: there is no other to promise anything.
            let _ = self.handover.set(Mutex::new(Some(serve)));
        }
    }

    pub(super) fn take_handover(&self) -> Option<Box<Serve>> {
        self.handover.get()?.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether there was something to be read that need not have been.
    pub(super) fn may_be_sending(&self) -> bool {
        self.has_unread_body() || self.watch.notices().contains(Notices::REFUSED)
    }

    /// The handler has to wait. When it has done so for too long, there is an answer in its stead.
    fn wait(&self, deadline: &mut Deadline, cx: &mut Context<'_>) -> Poll<Response> {
        if self.reads_body() {
            // hyper reads on by itself, and in larger pieces than are read ahead.
            self.watch.clear(Notices::PENDING);
        } else if !self.limits.half_close {
            self.watch.notify(Notices::PENDING);
        }
        match self.limits.handler {
            None => Poll::Pending,
            Some(time) => deadline.poll_answer(time, || self.waits_for_body(), cx),
        }
    }

    /// Whether the handler waits for more of the body.
    fn reads_body(&self) -> bool {
        self.pace.get().is_some_and(|pace| pace.is_waiting())
    }

    /// Whether a handler out of time waits for the body, of which no more is to be read then.
    fn waits_for_body(&self) -> bool {
        let waits = self.reads_body();
        if waits {
            self.watch.notify(Notices::LAST);
        }
        waits
    }
}

/// The future of a response.
pub(super) enum Answer<'c, 'a> {
    Application {
        /// There until it has answered.
        desk: Option<Pin<Box<dyn Desk + 'a>>>,
        shared: &'c Shared<'a>,
        deadline: Deadline,
    },
    Refusal {
        refusal: Refusal,
        shared: &'c Shared<'a>,
    },
}

impl Future for Answer<'_, '_> {
    type Output = Result<http::Response<Sent<Option<Busy>>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (desk, shared, deadline) = match self.get_mut() {
            Self::Application { desk, shared, deadline } => (desk, *shared, deadline),
            Self::Refusal { refusal, shared } => return Poll::Ready(Ok(refused(*refusal, &shared.watch))),
        };
        let Some(answering) = desk else { return Poll::Pending };
        let mut seat = match answering.as_mut().poll(cx) {
            Poll::Ready(seat) => seat,
            Poll::Pending => {
                let response = ready!(shared.wait(deadline, cx));
                // What was asked is dropped, and with it its seat.
                *desk = None;
                let mut seat = Box::<Seat>::default();
                seat.slot.fill(response);
                seat
            }
        };
        // Looked at where it lies, and moved once.
        let response = seat.slot.get_mut();
        let notices = shared.watch.notices();
        if notices.contains(Notices::LAST.and(Notices::PENDING)) {
            shared.watch.clear(Notices::PENDING);
        }
        // That the server ends may not have come to the watchdog's ears yet.
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            shared.promise(response);
        } else if notices.contains(Notices::LAST) || shared.watch.is_leaving() || shared.is_unasked() {
            shared.conclude(response);
        }
        length::settle(response);
        // What is all there needs no watching, and so no reference counted: how it gets out, the stream sees.
        let busy = |whole: bool| {
            if whole {
                shared.watch.end();
                return None;
            }
            Some(shared.watch.ending(shared.limits.half_close))
        };
        let response = seat.slot.take();
        shared.keep(desk.take().map(|desk| (desk, seat)));
        Poll::Ready(Ok(convert::response(response, busy)))
    }
}

/// The answer to a request that was refused. The connection is closed behind it: what follows may be meant for somebody
/// else, too.
#[cold]
#[inline(never)]
fn refused(refusal: Refusal, watch: &Watch) -> http::Response<Sent<Option<Busy>>> {
    watch.end();
    watch.notify(Notices::REFUSED);
    let mut response = refusal.response();
    say_last(&mut response);
    convert::response(response, |_| None)
}

/// hyper copies what it is given; that the copy does not get out the stream sees.
impl Outlet for Option<Busy> {
    type Data = Bytes;

    #[inline]
    fn hand_over(&self, bytes: Bytes) -> Bytes {
        bytes
    }

    fn wait(&self) {
        if let Some(busy) = self {
            busy.wait();
        }
    }
}

/// hyper closes after a response that says so; requests that came after it are not served (RFC 9112 section 9.6).
#[cold]
fn say_last(response: &mut Response) {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
}
