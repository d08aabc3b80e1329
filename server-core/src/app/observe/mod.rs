//! What an app tells of its requests, where it is asked to: a span and measurements of each.

mod attributes;
#[cfg(feature = "metrics")]
mod measure;
mod seen;
#[cfg(feature = "tracing")]
mod trace;

#[cfg(feature = "metrics")]
pub use measure::Metrics;
#[cfg(feature = "tracing")]
pub use trace::Trace;

use crate::request::Head;
use crate::response::Response;
use crate::routing::Route;
use seen::{Entered, Seen};

/// What is asked for: nothing, until the application says so.
#[derive(Clone)]
pub(super) struct Observer {
    #[cfg(feature = "tracing")]
    pub(super) trace: Option<Trace>,
    #[cfg(feature = "metrics")]
    pub(super) metrics: Option<Metrics>,
}

impl Observer {
    pub(super) const fn new() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            trace: None,
            #[cfg(feature = "metrics")]
            metrics: None,
        }
    }

    /// Begins to watch a request, once its route is known.
    #[inline]
    pub(super) fn watch(&self, head: &Head, route: Option<&Route>) -> Watch {
        #[cfg(feature = "tracing")]
        if self.trace.is_some() {
            return Watch(Seen::new(self, head, route));
        }
        #[cfg(feature = "metrics")]
        if self.metrics.is_some() {
            return Watch(Seen::new(self, head, route));
        }
        Watch(None)
    }
}

/// What is kept of a request until its response is done; of a request that nobody watches, nothing.
pub(super) struct Watch(Option<Box<Seen>>);

impl Watch {
    /// Enters the request's span, until the guard is dropped.
    #[inline]
    pub(super) fn enter(&self) -> Option<Entered<'_>> {
        self.0.as_ref().map(|seen| seen.enter())
    }

    /// Sees the response as it leaves the app. Where its body is a stream, the watch goes on in it.
    #[inline]
    pub(super) fn finish(&mut self, response: &mut Response) {
        if let Some(seen) = self.0.take() {
            seen.answered(response);
        }
    }
}
