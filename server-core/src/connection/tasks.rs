//! Where the streams of HTTP/2 run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use hyper::rt::Executor;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::stream::{Guarded, Stream};

/// The streams of one connection, as hyper begins them.
///
/// Most answers are ready at once. So streams that came together are polled one after the other, and only who has to wait
/// becomes a task of its own. With a task for each from the beginning, tokio's runtime of several threads runs the
/// connection after every one of them, which then writes one answer at a time.
///
/// Where there are several threads, a stream must be able to wait for another with its thread (`block_in_place`). There the
/// connection's own task polls none, and those that came after one that took long are not held up.
pub(super) struct Tasks<H> {
    batch: Arc<Mutex<Batch>>,
    /// So many streams are yet to be tasks from the beginning.
    wary: Arc<AtomicU32>,
    has_threads: bool,
    /// What no stream outlives.
    held: Arc<H>,
}

#[derive(Default)]
struct Batch {
    /// The stream that begins next: hyper hands it over in the same breath in which it calls the service.
    next: Option<Arc<Stream>>,
    begun: Vec<Task>,
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// For so long streams are polled one after the other.
const TURN: Duration = Duration::from_millis(1);
/// So many are tasks from the beginning when that was not enough.
const WARY: u32 = 1_000;

impl<H> Tasks<H> {
    /// Within a runtime.
    pub(super) fn new(held: H) -> Self {
        Self {
            batch: Arc::default(),
            wary: Arc::default(),
            has_threads: Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread,
            held: Arc::new(held),
        }
    }

    pub(super) fn held(&self) -> Arc<H> {
        Arc::clone(&self.held)
    }

    /// The service was called for `stream`.
    pub(super) fn expect(&self, stream: &Arc<Stream>) {
        self.batch().next = Some(Arc::clone(stream));
    }

    /// Has the streams run that have begun since the last call.
    pub(super) fn run(&self) {
        let mut batch = self.batch();
        if batch.begun.is_empty() {
            return;
        }
        let mut begun = std::mem::take(&mut batch.begun);
        drop(batch);
        if self.has_threads && begun.len() == 1 {
            begun.drain(..).for_each(|task| drop(tokio::spawn(task)));
            self.batch().begun = begun;
        } else if self.has_threads {
            let wary = Arc::clone(&self.wary);
            drop(tokio::spawn(async move {
                if !run(&mut begun) {
                    wary.store(WARY, Relaxed);
                }
            }));
        } else {
            run(&mut begun);
            // It keeps its room.
            self.batch().begun = begun;
        }
    }

    fn batch(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Polls each once, for as long as that does not take long; false if it did.
fn run(batch: &mut Vec<Task>) -> bool {
    let started = Instant::now();
    let mut is_turn = true;
    for task in batch.drain(..) {
        if is_turn {
            poll_first(task);
            is_turn = started.elapsed() < TURN;
        } else {
            drop(tokio::spawn(task));
        }
    }
    is_turn
}

/// A panic ends the stream alone, as it ends a task.
fn poll_first(mut task: Task) {
    // Nobody is to be woken yet: a task is polled when it begins.
    let mut cx = Context::from_waker(Waker::noop());
    match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(&mut cx))) {
        Ok(Poll::Pending) => drop(tokio::spawn(task)),
        Ok(Poll::Ready(())) => {}
        Err(_panic) => drop(catch_unwind(AssertUnwindSafe(|| drop(task)))),
    }
}

impl<H> Clone for Tasks<H> {
    fn clone(&self) -> Self {
        Self {
            batch: Arc::clone(&self.batch),
            wary: Arc::clone(&self.wary),
            has_threads: self.has_threads,
            held: self.held(),
        }
    }
}

impl<F, H> Executor<F> for Tasks<H>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    H: Send + Sync + 'static,
{
    fn execute(&self, task: F) {
        let mut batch = self.batch();
        let Some(stream) = batch.next.take() else {
            drop(batch);
            // A stream that is refused, or a tunnel.
            drop(tokio::spawn(task));
            return;
        };
        let task = Guarded::new(task, stream, self.held());
        let wary = self.wary.load(Relaxed);
        if wary == 0 {
            batch.begun.push(Box::pin(task));
        } else {
            drop(batch);
            self.wary.store(wary - 1, Relaxed);
            drop(tokio::spawn(task));
        }
    }
}
