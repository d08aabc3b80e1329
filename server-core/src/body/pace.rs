//! How long a request's body keeps its reader waiting.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::error::Error;

/// Told of readers.
pub(crate) trait Bell: Send + Sync {
    /// One begins to wait.
    fn ring(&self);

    /// Nobody reads the body of this number any more, of which there is a rest unless it was read as a `whole`.
    fn put_down(&self, body: u32, whole: bool);
}

/// What the reader of a body shares with the connection, which has the clock: who waits, how much has come, and
/// whether the client's time is up. Bodies that come whole note their bytes here, and nothing else.
pub(crate) struct Pace {
    bell: Arc<dyn Bell>,
    /// Bodies so far: one pace serves a connection on which they come one after another.
    bodies: AtomicU32,
    /// Bytes of the present one given to its reader.
    moved: AtomicU64,
    /// It has been read to its end.
    ended: AtomicBool,
    /// The client sends the present one when it is asked to (RFC 9110 section 10.1.1), which nobody has done.
    unasked: AtomicBool,
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
            ended: AtomicBool::new(false),
            unasked: AtomicBool::new(false),
            state: AtomicU8::new(IDLE),
            reader: Mutex::new(Waker::noop().clone()),
        }
    }

    /// Another body begins, whoever may still have the one before. Returns its number, which is neither 0 nor the highest.
    #[cfg(feature = "http1")]
    pub(crate) fn restart(&self, unasked: bool) -> u32 {
        let _reader = self.reader();
        let body = self.bodies() % (u32::MAX - 1) + 1;
        self.bodies.store(body, Relaxed);
        self.moved.store(0, Relaxed);
        self.ended.store(false, Relaxed);
        self.unasked.store(unasked, Relaxed);
        self.state.store(IDLE, Relaxed);
        body
    }

    /// Tells one body from the next.
    pub(crate) fn bodies(&self) -> u32 {
        self.bodies.load(Relaxed)
    }

    pub(crate) fn moved(&self) -> u64 {
        self.moved.load(Relaxed)
    }

    /// Whether the present body has been read to its end.
    #[cfg(feature = "http1")]
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Relaxed)
    }

    /// Whether the client waits to be asked for the present body.
    #[cfg(feature = "http1")]
    pub(crate) fn is_unasked(&self) -> bool {
        self.unasked.load(Relaxed)
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

    fn reader(&self) -> MutexGuard<'_, Waker> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who reads one body. Over HTTP/1 it may be read on when there is another: of that it does not speak.
pub(super) struct Reader {
    pace: Arc<Pace>,
    body: u32,
    /// All of it has come.
    whole: bool,
}

impl Reader {
    /// Of the present body.
    pub(super) fn new(pace: Arc<Pace>) -> Self {
        Self { body: pace.bodies(), pace, whole: false }
    }

    fn is_present(&self) -> bool {
        self.pace.bodies() == self.body
    }

    /// It looks whether there is something, which asks for it.
    pub(super) fn ask(&self) {
        if self.pace.unasked.load(Relaxed) && self.is_present() {
            self.pace.unasked.store(false, Relaxed);
        }
    }

    /// Whether its body, if that has come whole, is known to have: of HTTP/1 one that nobody has to be asked for.
    pub(super) fn may_look(&self) -> bool {
        self.body != 0 && self.is_present() && !self.pace.unasked.load(Relaxed)
    }

    /// It found nothing there; ready if it is to wait no longer.
    pub(super) fn poll_wait(&self, cx: &mut Context<'_>) -> Poll<Error> {
        let pace = &*self.pace;
        // Under the lock, so that either this sees that the time is up, or that wakes the reader.
        let mut reader = pace.reader();
        if !self.is_present() {
            return Poll::Pending;
        }
        reader.clone_from(cx.waker());
        match pace.state.load(Relaxed) {
            EXPIRED => return Poll::Ready(Error::body_timed_out()),
            IDLE => pace.state.store(WAITING, Relaxed),
            _ => return Poll::Pending,
        }
        drop(reader);
        pace.bell.ring();
        Poll::Pending
    }

    /// It got so many bytes, or the end.
    pub(super) fn move_on(&self, bytes: usize) {
        if self.is_present() {
            self.pace.moved.store(self.pace.moved().wrapping_add(bytes as u64), Relaxed);
            self.stop();
        }
    }

    /// It has got all of it.
    pub(super) fn end(mut self) {
        self.whole = true;
        let _reader = self.pace.reader();
        if self.is_present() {
            self.pace.ended.store(true, Relaxed);
        }
    }

    /// It is to be dropped, and has seen that nothing more is to come.
    pub(super) fn see_end(mut self) {
        self.whole = true;
    }

    /// It waits no more.
    pub(super) fn stop(&self) {
        if self.pace.is_waiting() {
            let _reader = self.pace.reader();
            if self.is_present() && self.pace.is_waiting() {
                self.pace.state.store(IDLE, Relaxed);
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop();
        self.pace.bell.put_down(self.body, self.whole);
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("moved", &self.moved()).finish_non_exhaustive()
    }
}
