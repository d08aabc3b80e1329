//! Panics, answered.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::error::Error;
use crate::middleware::{Chain, Middleware, Next};
use crate::request::Request;
use crate::response::{IntoResponse, Response};

/// Answers 500 where the routes beneath panic, so that what is wrapped around it sees a response.
///
/// Every app does so at its outermost; this is for catching a panic further in, beneath a middleware that counts or
/// logs responses. Where the program is built with `panic = "abort"` nothing can be caught.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatchPanic;

impl<S: Sync> Middleware<S> for CatchPanic {
    async fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        _: &'a S,
        next: Next<'a, C>,
    ) -> Response {
        catch(next.run(request)).await
    }
}

/// Answers with the future's response, or 500 where it panics.
#[inline]
pub(crate) async fn catch(future: impl Future<Output = Response>) -> Response {
    let mut future = pin!(future);
    // What a panic leaves half done is only the request's own: the future is never polled again.
    let outcome = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(response)) => Poll::Ready(Ok(response)),
        Err(panic) => Poll::Ready(Err(panic)),
    });
    match outcome.await {
        Ok(response) => response,
        Err(panic) => Error::panicked(message(&*panic)).into_response(),
    }
}

fn message(panic: &(dyn Any + Send)) -> Option<String> {
    match panic.downcast_ref::<&str>() {
        Some(text) => Some((*text).to_owned()),
        None => panic.downcast_ref::<String>().cloned(),
    }
}
