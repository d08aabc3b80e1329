//! A deadline for handlers.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::error::Error;
use crate::middleware::{Chain, Middleware, Next, taken};
use crate::request::Request;
use crate::response::{Answered, Response};

/// Answers 503 when the routes beneath have not answered in time; what they were doing is dropped.
///
/// The time runs from where the handler first has to wait until there is a response, not until its body is sent.
///
/// ```
/// use std::time::Duration;
/// use waypost::{App, Timeout, get, routes, test::Client};
///
/// #[get("/slow")]
/// async fn slow() {
///     std::future::pending().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![slow].wrap(Timeout::new(Duration::from_millis(1)))));
/// assert_eq!(client.get("/slow").send().await.status(), 503);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Timeout {
    after: Duration,
}

impl Timeout {
    /// At most this long.
    ///
    /// ```
    /// use std::time::Duration;
    /// use waypost::{App, Timeout, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn index() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let app = App::new(routes![index].wrap(Timeout::new(Duration::from_secs(30))));
    /// assert_eq!(Client::new(app).get("/").send().await.status(), 200);
    /// # }
    /// ```
    #[must_use]
    pub const fn new(after: Duration) -> Self {
        Self { after }
    }
}

impl<S: Sync> Middleware<S> for Timeout {
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
        let mut answer = pin!(next.pass(request));
        // Most are ready at once: without a look at the clock, and without a timer.
        match poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx))).await {
            Poll::Ready(answered) => answered,
            Poll::Pending => match tokio::time::timeout(self.after, answer).await {
                Ok(answered) => answered,
                Err(_) => Answered::made(Error::timed_out()),
            },
        }
    }
}
