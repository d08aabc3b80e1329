//! How long a request's body keeps its reader waiting.

use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::error::Error;

/// Told when a reader begins to wait.
pub(crate) trait Bell: Send + Sync {
    fn ring(&self);
}

/// What the reader of a body shares with the connection, which has the clock: who waits, how much has come, and
/// whether the client's time is up. Bodies that come whole note their bytes here, and nothing else.
pub(crate) struct Pace {
    bell: Arc<dyn Bell>,
    /// Bodies so far: one pace serves a connection on which they come one after another.
    bodies: AtomicU32,
    /// Bytes of the present one given to its reader.
    moved: AtomicU64,
    state: AtomicU8,
    reader: Mutex<Waker>,
}

const IDLE: u8 = 0;
const WAITING: u8 = 1;
const EXPIRED: u8 = 2;

impl Pace {
    pub(crate) fn new(bell: Arc<dyn Bell>) -> Self {
        Self {
            bell,
            bodies: AtomicU32::new(0),
            moved: AtomicU64::new(0),
            state: AtomicU8::new(IDLE),
            reader: Mutex::new(Waker::noop().clone()),
        }
    }

    /// Another body begins.
    pub(crate) fn restart(&self) {
        self.bodies.store(self.bodies().wrapping_add(1), Relaxed);
        self.moved.store(0, Relaxed);
        self.state.store(IDLE, Relaxed);
    }

    /// Tells one body from the next.
    pub(crate) fn bodies(&self) -> u32 {
        self.bodies.load(Relaxed)
    }

    pub(crate) fn moved(&self) -> u64 {
        self.moved.load(Relaxed)
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.state.load(Relaxed) == WAITING
    }

    /// The client's time is up.
    pub(crate) fn expire(&self) {
        let mut reader = self.reader();
        self.state.store(EXPIRED, Relaxed);
        std::mem::replace(&mut *reader, Waker::noop().clone()).wake();
    }

    /// The reader found nothing there; ready if it is to wait no longer.
    pub(super) fn poll_wait(&self, cx: &mut Context<'_>) -> Poll<Error> {
        // Under the lock, so that either this sees that the time is up, or that wakes the reader.
        let mut reader = self.reader();
        reader.clone_from(cx.waker());
        match self.state.load(Relaxed) {
            EXPIRED => return Poll::Ready(Error::body_timed_out()),
            IDLE => self.state.store(WAITING, Relaxed),
            _ => return Poll::Pending,
        }
        drop(reader);
        self.bell.ring();
        Poll::Pending
    }

    /// The reader got so many bytes, or the end.
    pub(super) fn move_on(&self, bytes: usize) {
        self.moved.store(self.moved().wrapping_add(bytes as u64), Relaxed);
        if self.state.load(Relaxed) == WAITING {
            self.stop();
        }
    }

    /// The reader waits no more.
    pub(super) fn stop(&self) {
        let _reader = self.reader();
        if self.is_waiting() {
            self.state.store(IDLE, Relaxed);
        }
    }

    fn reader(&self) -> MutexGuard<'_, Waker> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("moved", &self.moved()).finish_non_exhaustive()
    }
}
