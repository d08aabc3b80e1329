//! Where the streams of HTTP/2 run.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use hyper::rt::Executor;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::stream::{Guarded, Stream};

/// The streams of one connection that have begun and were not polled yet.
///
/// Most answers are ready at once. So streams that came together are polled one after the other, and only who has to wait
/// becomes a task of its own. With a task for each from the beginning, tokio's runtime of several threads runs the
/// connection after every one of them, which then writes one answer at a time.
///
/// Where there are several threads, a stream must be able to wait for another with its thread (`block_in_place`). There the
/// connection's own task polls none, and while a stream is polled and others wait, there is always a runner that
/// another thread may take.
pub(super) struct Tasks {
    queue: Arc<Queue>,
}

struct Queue {
    begun: Mutex<Begun>,
    has_threads: bool,
}

#[derive(Default)]
struct Begun {
    tasks: VecDeque<Task>,
    /// There is a runner that has not begun to run.
    is_awaited: bool,
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// For so long a runner is at it before it lets others have the thread.
const TURN: Duration = Duration::from_millis(1);

impl Tasks {
    /// Within a runtime.
    pub(super) fn new() -> Self {
        let has_threads = Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread;
        Self { queue: Arc::new(Queue { begun: Mutex::default(), has_threads }) }
    }

    /// For hyper, which keeps it with each stream.
    pub(super) fn spawn<H>(&self, held: H) -> Spawn<H> {
        Spawn { queue: Arc::downgrade(&self.queue), held: Arc::new(held) }
    }

    /// Has the streams run that have begun since the last call.
    pub(super) fn run(&self) {
        if self.queue.has_threads {
            let mut begun = self.queue.begun();
            self.queue.call_runner(&mut begun);
        } else {
            run(&self.queue);
        }
    }
}

impl Queue {
    fn begun(&self) -> MutexGuard<'_, Begun> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that a runner comes, if one is needed.
    fn call_runner(self: &Arc<Self>, begun: &mut Begun) {
        if !begun.tasks.is_empty() && !begun.is_awaited {
            begun.is_awaited = true;
            let queue = Arc::clone(self);
            drop(tokio::spawn(async move {
                queue.begun().is_awaited = false;
                run(&queue);
            }));
        }
    }

    /// The next to be polled. Others need not wait until it has been.
    fn next(self: &Arc<Self>) -> Option<Task> {
        let mut begun = self.begun();
        let next = begun.tasks.pop_front();
        if self.has_threads {
            self.call_runner(&mut begun);
        }
        next
    }
}

/// Polls each once, for as long as that does not take long.
fn run(queue: &Arc<Queue>) {
    let Some(first) = queue.next() else { return };
    let started = Instant::now();
    poll_first(first);
    while started.elapsed() < TURN {
        let Some(next) = queue.next() else { return };
        poll_first(next);
    }
    queue.call_runner(&mut queue.begun());
}

/// A panic ends the stream alone, as it ends a task.
fn poll_first(mut task: Task) {
    // Nobody is to be woken yet: a task is polled when it begins.
    let mut cx = Context::from_waker(Waker::noop());
    match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(&mut cx))) {
        Ok(Poll::Pending) => drop(tokio::spawn(task)),
        Ok(Poll::Ready(())) | Err(_) => drop(catch_unwind(AssertUnwindSafe(|| drop(task)))),
    }
}

thread_local! {
    /// The stream that begins next: hyper hands it over in the same breath in which it calls the service.
    static NEXT: RefCell<Option<Arc<Stream>>> = const { RefCell::new(None) };
}

/// The service was called for `stream`.
pub(super) fn expect(stream: &Arc<Stream>) {
    NEXT.set(Some(Arc::clone(stream)));
}

/// What hyper hands streams over to. It is part of each, so it does not keep them.
pub(super) struct Spawn<H> {
    queue: Weak<Queue>,
    /// What no stream outlives.
    held: Arc<H>,
}

impl<H> Spawn<H> {
    pub(super) fn held(&self) -> Arc<H> {
        Arc::clone(&self.held)
    }
}

impl<H> Clone for Spawn<H> {
    fn clone(&self) -> Self {
        Self { queue: Weak::clone(&self.queue), held: self.held() }
    }
}

impl<F, H> Executor<F> for Spawn<H>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    H: Send + Sync + 'static,
{
    fn execute(&self, task: F) {
        match (NEXT.take(), self.queue.upgrade()) {
            (Some(stream), Some(queue)) => {
                let task = Box::pin(Guarded::new(task, stream, self.held()));
                queue.begun().tasks.push_back(task);
            }
            // A stream that is refused, or a tunnel.
            _ => drop(tokio::spawn(task)),
        }
    }
}
