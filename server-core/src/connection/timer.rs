//! A timer that costs next to nothing while it does not fire.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::watch::{Rings, Watch};

/// One alarm, set again and again.
///
/// A connection is polled for every request, its alarm fires every few seconds at most. So the sleep gets a waker of
/// its own, the watch, and is asked only after that one was called: otherwise a poll here is two comparisons and a
/// load, where [`Sleep::poll`] is some hundred instructions.
pub(super) struct Alarm {
    sleep: Pin<Box<Sleep>>,
    watch: Arc<Watch>,
    /// The watch, as the sleep knows it.
    ringer: Waker,
    /// The task that the bell wakes, kept here, too, to see without a lock that it is still the same.
    task: Waker,
}

impl Alarm {
    pub(super) fn new(watch: Arc<Watch>, at: Instant) -> Self {
        watch.raise(Rings::ALARM);
        Self {
            sleep: Box::pin(tokio::time::sleep_until(at)),
            ringer: Waker::from(Arc::clone(&watch)),
            watch,
            task: Waker::noop().clone(),
        }
    }

    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// Sets it to go off at a time; the poll that must follow arms it.
    pub(super) fn set(&mut self, at: Instant) {
        self.sleep.as_mut().reset(at);
        self.watch.raise(Rings::ALARM);
    }

    /// Why the bell was rung; [`Rings::ALARM`] only if the alarm went off.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Rings {
        // First say whom to wake, then look: a bell that rings in between is seen or wakes the right task.
        if !self.task.will_wake(cx.waker()) {
            self.task.clone_from(cx.waker());
            self.watch.set_task(cx.waker());
        }
        let rings = self.watch.rings();
        if rings.contains(Rings::ALARM) {
            self.watch.silence(Rings::ALARM);
            if self.sleep.as_mut().poll(&mut Context::from_waker(&self.ringer)).is_pending() {
                return rings.without(Rings::ALARM);
            }
        }
        rings
    }
}

impl Drop for Alarm {
    /// The server may keep the watch longer than the task.
    fn drop(&mut self) {
        self.watch.set_task(Waker::noop());
    }
}

/// So long from now, at most a few years: "never" must not overflow.
pub(super) fn after(time: Duration) -> Instant {
    Instant::now() + time.min(Duration::from_secs(1 << 27))
}
