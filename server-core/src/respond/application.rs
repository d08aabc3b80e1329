//! A [`Respond`] whose type is forgotten.
//!
//! What serves an application, the protocols included, is compiled with this crate, once, and not with each application,
//! again after each change of it. A request crosses here by two calls through a table; within the application all of
//! its way is static.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{Peer, Respond};
use crate::body::Body;
use crate::response::{Response, Slot};

/// What answers, whatever it is.
pub trait Application: Send + Sync + 'static {
    /// For requests that come one after the other: the answer to each is made in the same place, allocated once.
    fn desk<'a>(&'a self, peer: &'a Peer) -> Pin<Box<dyn Desk + 'a>>;

    /// For requests of which several are answered at a time.
    fn answer<'a>(&'a self, request: http::Request<Body>, peer: &'a Peer) -> Pin<Box<Answer<'a>>>;

    /// As [`Respond::takes_connect`].
    fn takes_connect(&self) -> bool;
}

/// An answer on its way.
pub type Answer<'a> = dyn Future<Output = Response> + Send + 'a;

/// Where one request at a time is answered.
pub trait Desk: Send {
    /// Takes a request on, and lets go of the one before if that was not answered.
    fn begin(self: Pin<&mut Self>, request: http::Request<Body>);

    /// Asks for its answer, and drops what that was made of.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response>;
}

impl<A: Respond> Application for A {
    fn desk<'a>(&'a self, peer: &'a Peer) -> Pin<Box<dyn Desk + 'a>> {
        Box::pin(Place { begin: |request| self.respond(request, peer), answer: None })
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
    B: Fn(http::Request<Body>) -> F + Send,
    F: Future<Output = Response> + Send,
{
    #[inline]
    fn begin(self: Pin<&mut Self>, request: http::Request<Body>) {
        let mut place = self.project();
        let answer = (place.begin)(request);
        place.answer.set(Some(answer));
    }

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        let mut answer = self.project().answer;
        let Some(answering) = answer.as_mut().as_pin_mut() else {
            return Poll::Ready(Slot::new().into_response());
        };
        let polled = answering.poll(cx);
        if polled.is_ready() {
            answer.set(None);
        }
        polled
    }
}
