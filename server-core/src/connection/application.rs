//! A [`Respond`] whose type is forgotten.
//!
//! What serves an application, the protocols included, is compiled with this crate, once, and not with each application,
//! again after each change of it. A request crosses here by two calls through a table; within the application all of
//! its way is static.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::body::Incoming;
use pin_project_lite::pin_project;

use super::convert;
use crate::body::{Body, Pace};
use crate::respond::{Peer, Respond, Seat};
use crate::response::Response;

/// What answers, whatever it is.
pub(crate) trait Application: Send + Sync + 'static {
    /// For requests that come one after the other: the answer to each is made in the same place, allocated once.
    fn desk<'a>(&'a self, peer: &'a Peer) -> Pin<Box<dyn Desk + 'a>>;

    /// For requests of which several are answered at a time.
    fn answer<'a>(&'a self, request: http::Request<Body>, peer: &'a Peer) -> Pin<Box<Answer<'a>>>;

    /// As [`Respond::takes_connect`].
    fn takes_connect(&self) -> bool;
}

/// An answer on its way.
pub(crate) type Answer<'a> = dyn Future<Output = Response> + Send + 'a;

/// Where one request at a time is answered.
pub(crate) trait Desk: Send {
    /// Takes on a request, whose body's pace `pace` keeps, and lets go of the one before if that was not answered.
    fn begin(
        self: Pin<&mut Self>,
        request: http::Request<Incoming>,
        pace: &dyn Fn() -> Arc<Pace>,
        seat: Box<Seat>,
    );

    /// Asks for its answer, which is in the seat, and drops what that was made of.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Box<Seat>>;
}

impl<A: Respond> Application for A {
    fn desk<'a>(&'a self, peer: &'a Peer) -> Pin<Box<dyn Desk + 'a>> {
        Box::pin(Place { begin: |request, seat| self.respond_in(request, peer, seat), answer: None })
    }

    fn answer<'a>(&'a self, request: http::Request<Body>, peer: &'a Peer) -> Pin<Box<Answer<'a>>> {
        Box::pin(self.respond(request, peer))
    }

    fn takes_connect(&self) -> bool {
        Respond::takes_connect(self)
    }
}

pin_project! {
    struct Place<B, F> {
        begin: B,
        #[pin]
        answer: Option<F>,
    }
}

impl<B, F> Desk for Place<B, F>
where
    B: Fn(http::Request<Body>, Box<Seat>) -> F + Send,
    F: Future<Output = Box<Seat>> + Send,
{
    fn begin(
        self: Pin<&mut Self>,
        request: http::Request<Incoming>,
        pace: &dyn Fn() -> Arc<Pace>,
        seat: Box<Seat>,
    ) {
        let mut place = self.project();
        place.answer.set(Some((place.begin)(convert::request(request, pace), seat)));
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Box<Seat>> {
        let mut answer = self.project().answer;
        let seat = match answer.as_mut().as_pin_mut() {
            Some(answering) => ready!(answering.poll(cx)),
            // Answered with an error.
            None => Box::default(),
        };
        answer.set(None);
        Poll::Ready(seat)
    }
}
