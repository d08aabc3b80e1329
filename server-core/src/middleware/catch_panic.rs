//! Panics, answered.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::error::Error;
use crate::middleware::{Chain, Middleware, Next, taken};
use crate::request::Request;
use crate::response::{Answered, Response};

/// Answers 500 where the routes beneath panic, so that what is wrapped around it sees a response.
///
/// Every app does so at its outermost; this is for catching a panic further in, beneath a middleware that counts or
/// logs responses. Where the program is built with `panic = "abort"` nothing can be caught.
///
/// ```
/// use waypost::{App, CatchPanic, Next, Request, Response, get, http::HeaderValue, middleware, routes};
/// # use waypost::test::Client;
///
/// #[middleware]
/// async fn seen(request: &mut Request, next: Next<'_>) -> Response {
///     let mut response = next.run(request).await; // would end here
///     response.headers_mut().insert("x-seen", HeaderValue::from_static("yes"));
///     response
/// }
///
/// #[get("/")]
/// async fn index() {
///     panic!("a bug");
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![index].wrap(CatchPanic).wrap(seen)));
/// let reply = client.get("/").send().await;
/// assert_eq!(reply.status(), 500);
/// assert_eq!(reply.header("x-seen"), Some("yes"));
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CatchPanic;

impl<S: Sync> Middleware<S> for CatchPanic {
    fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        state: &'a S,
        next: Next<'a, C>,
    ) -> impl Future<Output = Response> + Send + 'a {
        taken(self.pass(request, state, next))
    }

    async fn pass<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        _: &'a S,
        next: Next<'a, C>,
    ) -> Answered<'a> {
        match Caught::new(next.pass(request)).await {
            Ok(answered) => answered,
            Err(error) => Answered::made(error),
        }
    }
}

pin_project! {
    /// What a future is ready with, or the error for its response where it panics.
    pub(crate) struct Caught<F> {
        #[pin]
        future: F,
    }
}

impl<F> Caught<F> {
    #[inline]
    pub(crate) fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.project().future;
        // What a panic leaves half done is only the request's own: the future is never polled again.
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(Error::panicked(message(&*panic)))),
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> Option<String> {
    match panic.downcast_ref::<&str>() {
        Some(text) => Some((*text).to_owned()),
        None => panic.downcast_ref::<String>().cloned(),
    }
}
