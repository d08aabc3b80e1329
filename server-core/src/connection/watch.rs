//! What is known of a connection's progress: written where it happens, read by the watchdog and by the server.

use std::sync::atomic::{
    AtomicBool, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use super::parties::Parties;
use crate::body::Bell;

/// The state of one connection, shared by its stream, its service, its response bodies, its watchdog and the server.
///
/// HTTP/1 does all of this in one task, one request after another, so it uses plain loads and stores. HTTP/2 runs
/// every stream in a task of its own and counts them with `begin_stream`. Nothing else is
/// published through these fields: relaxed ordering is enough. Only the bell is rung from anywhere.
#[derive(Debug)]
pub struct Watch {
    /// Requests begun so far: tells one request from the next.
    begun: AtomicU64,
    /// They were HTTP/2's.
    http2: AtomicBool,
    /// Requests whose handler runs, or whose response is not yet handed over to the protocol; of HTTP/2 also those whose
    /// body is still read.
    open: AtomicU32,
    /// HTTP/1: the body of the latest request, by its number, while somebody has it who may read on; else one of the
    /// constants below.
    body: AtomicU32,
    /// Bytes from and to the peer.
    received: AtomicU64,
    sent: AtomicU64,
    /// What the connection's future must look at after polling the protocol.
    notices: AtomicU16,
    /// The peer takes nothing at the moment: what was written last did not fit.
    stalled: AtomicBool,
    /// What the connection's task was woken for, besides the protocol.
    bell: AtomicU8,
    /// Whom the bell wakes.
    task: Mutex<Waker>,
    /// Who may come to wait for the peer; only the connection's own task looks.
    parties: Mutex<Parties>,
    /// They are being looked after: who begins to wait need not ring.
    ticking: AtomicBool,
    /// Bytes of response bodies that the peer took on streams that have ended.
    moved: AtomicU64,
    /// What is open stays so: it is counted as cut.
    frozen: AtomicBool,
}

/// There is none of which anybody waits for more.
const NO_BODY: u32 = 0;
/// It was dropped before its end, and nothing was read since.
const LEFT_BODY: u32 = u32::MAX;

/// What the stream and the service want the connection's future to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Notices(u16);

impl Notices {
    pub(super) const NONE: Self = Self(0);
    /// The head of an HTTP/1 request has begun and is not complete.
    pub(super) const HEAD: Self = Self(1);
    /// The peer has sent the preface of HTTP/2.
    pub(super) const HTTP2: Self = Self(2);
    /// Output is held back, and nobody has promised to let it go.
    pub(super) const CORKED: Self = Self(4);
    /// The peer has sent what may become a preface or a request.
    pub(super) const OPENING: Self = Self(8);
    /// The peer has begun to take no more.
    pub(super) const STALLED: Self = Self(16);
    /// The answer to this HTTP/1 request is the last.
    pub(super) const LAST: Self = Self(32);
    /// HTTP/1: a handler, or the source of a response's body, is waited for.
    pub(super) const PENDING: Self = Self(64);
    /// HTTP/1: the client has gone meanwhile.
    pub(super) const GONE: Self = Self(128);
    /// HTTP/2: the peer is to be asked whether it is still there.
    pub(super) const PING: Self = Self(256);
    /// HTTP/1: a request was not admitted, and what came behind it is not read.
    pub(super) const REFUSED: Self = Self(512);
    /// HTTP/2: no stream is begun any more.
    pub(super) const SHUT: Self = Self(1024);

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether any of the others is among these.
    pub(super) fn contains(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    pub(super) const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

/// Why the bell was rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rings(u8);

impl Rings {
    /// The alarm's sleep wants to be polled.
    pub(super) const ALARM: Self = Self(1);
    /// The connection is to end.
    pub(super) const LEAVE: Self = Self(2);
    /// Somebody has begun to wait for the peer.
    pub(super) const WAITING: Self = Self(4);
    /// Somebody may come to wait for the peer.
    pub(super) const SENDING: Self = Self(8);
    /// Memory is wanted for others.
    pub(super) const PARK: Self = Self(16);

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl Watch {
    /// The state of a connection that has not begun.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a watch is made for one connection")]
    pub fn new() -> Self {
        Self {
            begun: AtomicU64::new(0),
            http2: AtomicBool::new(false),
            open: AtomicU32::new(0),
            body: AtomicU32::new(NO_BODY),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            notices: AtomicU16::new(Notices::NONE.0),
            stalled: AtomicBool::new(false),
            bell: AtomicU8::new(0),
            task: Mutex::new(Waker::noop().clone()),
            parties: Mutex::default(),
            ticking: AtomicBool::new(false),
            moved: AtomicU64::new(0),
            frozen: AtomicBool::new(false),
        }
    }

    /// Asks the connection to end: at once if it is idle, else after the requests in progress. From any thread, at
    /// any time.
    pub fn leave(&self) {
        self.raise(Rings::LEAVE);
        self.task().wake_by_ref();
    }

    /// Asks the connection to give back memory, if it speaks HTTP/1 and is idle. From any thread, at any time.
    pub fn park(&self) {
        self.raise(Rings::PARK);
        self.task().wake_by_ref();
    }

    /// HTTP/1 requests begun.
    pub fn requests_http1(&self) -> u64 {
        if self.http2.load(Relaxed) { 0 } else { self.begun() }
    }

    /// HTTP/2 requests begun.
    pub fn requests_http2(&self) -> u64 {
        if self.http2.load(Relaxed) { self.begun() } else { 0 }
    }

    /// Bytes that came from the peer, as the stream has them: after TLS.
    pub fn received(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// Bytes that the stream has taken for the peer.
    pub fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    /// Requests in progress: without an answer, or with a body that is still read.
    pub fn open(&self) -> u32 {
        self.open.load(Relaxed).max(u32::from(self.has_body()))
    }

    /// Whether a request is in progress, or a response still on its way out.
    pub fn is_busy(&self) -> bool {
        self.is_open() || self.is_stalled()
    }

    /// HTTP/1: a request's head is complete. Returns its number, from 1.
    pub(super) fn begin(&self) -> u64 {
        let begun = self.begun() + 1;
        self.begun.store(begun, Relaxed);
        self.open.store(1, Relaxed);
        // Whoever has the body of the one before: all of it has come.
        self.end_body();
        self.clear(Notices::HEAD);
        begun
    }

    /// HTTP/1: the request has a body, which may be read when the response is long handed over.
    pub(super) fn begin_body(&self, number: u32) {
        self.body.store(number, Relaxed);
    }

    /// HTTP/1: nothing more is read of any body.
    pub(super) fn end_body(&self) {
        self.body.store(NO_BODY, Relaxed);
    }

    /// HTTP/1: whether a body was dropped of which there may be more to be read over.
    pub(super) fn is_body_left(&self) -> bool {
        self.body.load(Relaxed) == LEFT_BODY
    }

    /// HTTP/1: there is not.
    #[cold]
    pub(super) fn forget_body(&self) {
        let _ = self.body.compare_exchange(LEFT_BODY, NO_BODY, Relaxed, Relaxed);
    }

    fn has_body(&self) -> bool {
        !matches!(self.body.load(Relaxed), NO_BODY | LEFT_BODY)
    }

    /// HTTP/1: a request's response is handed over.
    pub(super) fn end(&self) {
        self.open.store(0, Relaxed);
    }

    /// The connection goes on as something else than HTTP, which counts as a request in progress.
    pub(super) fn hand_over(&self) {
        self.open.store(1, Relaxed);
    }

    /// HTTP/2: a stream was opened. Returns its number, from 1.
    pub(super) fn begin_stream(&self) -> u64 {
        let begun = self.begun() + 1;
        self.begun.store(begun, Relaxed);
        self.open.fetch_add(1, Relaxed);
        begun
    }

    /// HTTP/2: a stream is over, and the peer has taken so many bytes of its response.
    pub(super) fn end_stream(&self, moved: u64) {
        self.moved.fetch_add(moved, Relaxed);
        if !self.frozen.load(Relaxed) {
            self.open.fetch_sub(1, Relaxed);
        }
    }

    /// HTTP/2: the connection is cut. What is [`open`](Self::open) now is so still when its streams have been dropped.
    pub(super) fn freeze(&self) {
        self.frozen.store(true, Relaxed);
    }

    /// What streams that have ended moved.
    pub(super) fn moved(&self) -> u64 {
        self.moved.load(Relaxed)
    }

    /// HTTP/1: what ends the request that [`begin`](Self::begin) began, when it is dropped. `half_close`
    /// says whether the client may have closed its sending side meanwhile.
    pub(super) fn ending(self: &Arc<Self>, half_close: bool) -> Busy {
        Busy { watch: Arc::clone(self), half_close }
    }

    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Relaxed)
    }

    /// The connection speaks HTTP/2.
    pub(super) fn set_http2(&self) {
        self.http2.store(true, Relaxed);
    }

    /// Whether HTTP/2 has begun.
    #[must_use]
    pub fn speaks_http2(&self) -> bool {
        self.http2.load(Relaxed)
    }

    /// Whether a request is in progress.
    pub(super) fn is_open(&self) -> bool {
        self.open.load(Relaxed) != 0 || self.has_body()
    }

    /// Whether what was just read is a request's head: it is not while one is in progress, and what comes first after a
    /// body was dropped is the rest of that.
    pub(super) fn is_head_read(&self) -> bool {
        match self.body.load(Relaxed) {
            NO_BODY => self.open.load(Relaxed) == 0,
            LEFT_BODY => {
                self.body.store(NO_BODY, Relaxed);
                false
            }
            _ => false,
        }
    }

    /// Only the connection's own task reads and writes the stream: no need for a read-modify-write.
    #[inline]
    pub(super) fn add_received(&self, bytes: usize) {
        self.received.store(self.received().wrapping_add(bytes as u64), Relaxed);
    }

    #[inline]
    pub(super) fn add_sent(&self, bytes: usize) {
        self.sent.store(self.sent().wrapping_add(bytes as u64), Relaxed);
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.stalled.load(Relaxed)
    }

    pub(super) fn set_stalled(&self, stalled: bool) {
        self.stalled.store(stalled, Relaxed);
        if stalled {
            self.notify(Notices::STALLED);
        }
    }

    pub(super) fn notices(&self) -> Notices {
        Notices(self.notices.load(Relaxed))
    }

    /// Only the connection's own task gives and clears notices.
    pub(super) fn notify(&self, notice: Notices) {
        self.notices.store(self.notices.load(Relaxed) | notice.0, Relaxed);
    }

    pub(super) fn clear(&self, notice: Notices) {
        self.notices.store(self.notices.load(Relaxed) & !notice.0, Relaxed);
    }

    /// Rings without waking: for the connection's own task.
    pub(super) fn raise(&self, ring: Rings) {
        self.bell.fetch_or(ring.0, SeqCst);
    }

    pub(super) fn rings(&self) -> Rings {
        Rings(self.bell.load(SeqCst))
    }

    /// Whether it was asked to end and has not been told to yet.
    pub(super) fn is_leaving(&self) -> bool {
        self.rings().contains(Rings::LEAVE)
    }

    pub(super) fn silence(&self, ring: Rings) {
        self.bell.fetch_and(!ring.0, SeqCst);
    }

    pub(super) fn parties(&self) -> MutexGuard<'_, Parties> {
        self.parties.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_ticking(&self, ticking: bool) {
        self.ticking.store(ticking, SeqCst);
    }

    /// Whom the bell wakes from now on.
    pub(super) fn set_task(&self, task: &Waker) {
        self.task().clone_from(task);
    }

    fn task(&self) -> MutexGuard<'_, Waker> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The alarm's sleep wakes its connection through here, so that the sleep is polled only when it has something to say.
impl Wake for Watch {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.raise(Rings::ALARM);
        self.task().wake_by_ref();
    }
}

impl Watch {
    /// There is something to be sent that nobody waits for: whether the peer takes it is looked at in a while.
    pub(super) fn ring_later(&self) {
        if !self.ticking.load(SeqCst) {
            self.raise(Rings::SENDING);
            self.task().wake_by_ref();
        }
    }
}

impl Bell for Watch {
    fn ring(&self) {
        if !self.ticking.load(SeqCst) {
            self.raise(Rings::WAITING);
            self.task().wake_by_ref();
        }
    }

    fn put_down(&self, body: u32, whole: bool) {
        let state = if whole { NO_BODY } else { LEFT_BODY };
        // Of an earlier one nothing is to be noted. Of a rest hyper hears in time, so that it is soon forgotten.
        if self.body.compare_exchange(body, state, Relaxed, Relaxed).is_ok() && !whole {
            self.task().wake_by_ref();
        }
    }
}

/// A request of HTTP/1 in progress, until it is dropped.
#[derive(Debug)]
pub(super) struct Busy {
    watch: Arc<Watch>,
    /// Whether the client may have closed its side.
    half_close: bool,
}

impl Busy {
    /// What is to be sent is waited for.
    pub(super) fn wait(&self) {
        if !self.half_close {
            self.watch.notify(Notices::PENDING);
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.watch.clear(Notices::PENDING);
        self.watch.end();
    }
}
