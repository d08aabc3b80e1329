//! What is around a middleware's own future: plain structs.
//!
//! The compiler works out a future's size and whether it is `Send` from the outside in, some 128 steps deep and no more
//! (`recursion_limit`). An `async` block is five of them, a struct one: so what is between two middlewares is no block.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::response::{Answered, Response};

pin_project! {
    /// The response of a step, taken out of the slot.
    #[derive(Debug)]
    pub struct Taken<F> {
        #[pin]
        future: F,
    }
}

/// The response that a step has left.
#[inline]
pub fn taken<F>(future: F) -> Taken<F> {
    Taken { future }
}

impl<'a, F: Future<Output = Answered<'a>>> Future for Taken<F> {
    type Output = Response;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        self.project().future.poll(cx).map(Answered::into_response)
    }
}

pin_project! {
    /// A middleware that returns its response and knows of no slot.
    #[project = MadeProjection]
    #[derive(Debug)]
    pub enum Made<B, F, L> {
        Begin { begin: Option<B>, leave: Option<L> },
        Run { #[pin] future: F, leave: Option<L> },
    }
}

/// A step that leaves what a future is ready with. Nothing of it runs before it is polled: that is where a
/// panic is caught.
#[inline]
pub fn made<'a, B, F, L>(begin: B, leave: L) -> Made<B, F, L>
where
    B: FnOnce() -> F,
    F: Future,
    L: FnOnce(F::Output) -> Answered<'a>,
{
    Made::Begin { begin: Some(begin), leave: Some(leave) }
}

impl<'a, B, F, L> Future for Made<B, F, L>
where
    B: FnOnce() -> F,
    F: Future,
    L: FnOnce(F::Output) -> Answered<'a>,
{
    type Output = Answered<'a>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answered<'a>> {
        if let MadeProjection::Begin { begin, leave } = self.as_mut().project()
            && let Some(begin) = begin.take()
        {
            let leave = leave.take();
            self.set(Self::Run { future: begin(), leave });
        }
        if let MadeProjection::Run { future, leave } = self.project() {
            let made = ready!(future.poll(cx));
            if let Some(leave) = leave.take() {
                return Poll::Ready(leave(made));
            }
        }
        // It panicked before there was a future, or is done: nothing of this crate polls it again.
        Poll::Pending
    }
}
