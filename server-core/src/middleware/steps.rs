//! What is around a middleware's own future: plain structs.
//!
//! The compiler works out a future's size and whether it is `Send` from the outside in, some 128 steps deep and no more
//! (`recursion_limit`). An `async` block is five of them, a struct one: so what is between two middlewares is no block.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

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
        Begin { begin: Option<B>, leave: L },
        Run { #[pin] future: F, leave: L },
    }
}

/// A step that leaves what a future is ready with. Nothing of it runs before it is polled: that is where a
/// panic is caught.
#[inline]
pub fn made<'a, B, F, L>(begin: B, leave: L) -> Made<B, F, L>
where
    B: FnOnce() -> F,
    F: Future,
    L: Fn(F::Output) -> Answered<'a> + Copy,
{
    Made::Begin { begin: Some(begin), leave }
}

impl<'a, B, F, L> Future for Made<B, F, L>
where
    B: FnOnce() -> F,
    F: Future,
    L: Fn(F::Output) -> Answered<'a> + Copy,
{
    type Output = Answered<'a>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answered<'a>> {
        if let MadeProjection::Begin { begin, leave } = self.as_mut().project()
            && let Some(begin) = begin.take()
        {
            let leave = *leave;
            self.set(Self::Run { future: begin(), leave });
        }
        match self.project() {
            MadeProjection::Run { future, leave } => future.poll(cx).map(*leave),
            // It panicked before there was a future: nothing of this crate polls it again.
            MadeProjection::Begin { .. } => Poll::Pending,
        }
    }
}
