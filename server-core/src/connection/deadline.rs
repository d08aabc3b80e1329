//! How long a handler may take.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use crate::error::Error;
use crate::response::{IntoResponse, Response};

/// A handler's time, which runs from the first time that it has to wait for something.
#[derive(Default)]
pub(super) struct Deadline {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    /// To be polled after the handler had to wait: ready with the answer in its stead when its time is over.
    /// `waits_for_body` tells whether it is the client that it waits for.
    #[cold]
    pub(super) fn poll_answer(
        &mut self,
        time: Duration,
        waits_for_body: impl FnOnce() -> bool,
        cx: &mut Context<'_>,
    ) -> Poll<Response> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(time)));
        ready!(sleep.as_mut().poll(cx));
        let error = if waits_for_body() { Error::body_timed_out() } else { Error::timed_out() };
        Poll::Ready(error.into_response())
    }
}
