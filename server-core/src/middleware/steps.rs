//! What is around a middleware's own future: plain structs.
//!
//! The compiler works out a future's size and whether it is `Send` from the outside in, some 128 steps deep and no more
//! (`recursion_limit`). An `async` block is five of them, a struct one: so what is between two middlewares is no block.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::response::{Answered, IntoResponse, Response, Slot};

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
    pub enum Made<'a, B, F> {
        Begin { begin: Option<B>, slot: PhantomData<&'a mut Slot> },
        Run { #[pin] future: F },
    }
}

/// A step that leaves what a future is ready with. Nothing of it runs before it is polled: that is where a panic is caught.
#[inline]
pub fn made<'a, B, F>(begin: B) -> Made<'a, B, F>
where
    B: FnOnce() -> F,
    F: Future<Output: IntoResponse>,
{
    Made::Begin { begin: Some(begin), slot: PhantomData }
}

impl<'a, B, F> Future for Made<'a, B, F>
where
    B: FnOnce() -> F,
    F: Future<Output: IntoResponse>,
{
    type Output = Answered<'a>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answered<'a>> {
        if let MadeProjection::Begin { begin, .. } = self.as_mut().project()
            && let Some(begin) = begin.take()
        {
            self.set(Self::Run { future: begin() });
        }
        match self.project() {
            MadeProjection::Run { future } => future.poll(cx).map(Answered::made),
            // It panicked before there was a future.
            MadeProjection::Begin { .. } => Poll::Pending,
        }
    }
}
