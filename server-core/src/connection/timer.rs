//! A timer that costs next to nothing while it does not fire.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// One alarm, set again and again.
///
/// A connection is polled for every request, its alarm fires every few seconds at most. So the sleep gets a waker of
/// its own, and is asked only after that one was called: otherwise a poll here is two comparisons and a load, where
/// [`Sleep::poll`] is some hundred instructions.
pub(super) struct Alarm {
    sleep: Pin<Box<Sleep>>,
    bell: Arc<Bell>,
    /// The bell, as the sleep knows it.
    ringer: Waker,
    /// The task that the bell wakes, kept here, too, to see without a lock that it is still the same.
    task: Waker,
}

struct Bell {
    /// The sleep wants to be polled.
    rung: AtomicBool,
    task: Mutex<Waker>,
}

impl Alarm {
    /// An alarm that goes off after `time`.
    pub(super) fn after(time: Duration) -> Self {
        let task = Waker::noop().clone();
        let bell = Arc::new(Bell { rung: AtomicBool::new(true), task: Mutex::new(task.clone()) });
        Self { sleep: Box::pin(tokio::time::sleep(time)), ringer: Waker::from(Arc::clone(&bell)), bell, task }
    }

    /// Sets it to go off after `time` from now; the poll that must follow arms it.
    pub(super) fn set(&mut self, time: Duration) {
        self.sleep.as_mut().reset(Instant::now() + time);
        self.bell.rung.store(true, SeqCst);
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // First say whom to wake, then look: a bell that rings in between is seen or wakes the right task.
        if !self.task.will_wake(cx.waker()) {
            self.task.clone_from(cx.waker());
            self.bell.task().clone_from(cx.waker());
        }
        if !self.bell.rung.load(SeqCst) {
            return Poll::Pending;
        }
        self.bell.rung.store(false, SeqCst);
        self.sleep.as_mut().poll(&mut Context::from_waker(&self.ringer))
    }
}

impl Bell {
    fn task(&self) -> std::sync::MutexGuard<'_, Waker> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, SeqCst);
        self.task().wake_by_ref();
    }
}
