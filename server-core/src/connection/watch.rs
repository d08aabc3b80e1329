//! What is known of a connection's progress: written where it happens, read by the watchdog.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};

/// The state of one connection, shared by its stream, its service, its response bodies and its watchdog.
///
/// HTTP/1 does all of this in one task, one request after another, so it uses plain loads and stores. HTTP/2 runs
/// every stream in a task of its own and counts them with [`begin_stream`](Self::begin_stream). Nothing else is
/// published through these fields: relaxed ordering is enough.
#[derive(Debug)]
pub(super) struct Watch {
    /// Requests begun so far, wrapping: tells one request from the next.
    begun: AtomicU32,
    /// Requests whose handler runs, or whose response is not yet handed over to the protocol.
    open: AtomicU32,
    /// What the connection's future must look at after polling the protocol.
    notices: AtomicU8,
    /// The peer takes nothing at the moment: what was written last did not fit.
    stalled: AtomicBool,
}

/// What the stream wants the connection's future to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Notices(u8);

impl Notices {
    pub(super) const NONE: Self = Self(0);
    /// The head of an HTTP/1 request has begun and is not complete.
    pub(super) const HEAD: Self = Self(1);
    /// The peer has sent the preface of HTTP/2.
    pub(super) const HTTP2: Self = Self(2);
    /// Output is held back, and nobody has promised to let it go.
    pub(super) const CORKED: Self = Self(4);

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            begun: AtomicU32::new(0),
            open: AtomicU32::new(0),
            notices: AtomicU8::new(Notices::NONE.0),
            stalled: AtomicBool::new(false),
        }
    }

    /// HTTP/1: a request's head is complete.
    pub(super) fn begin(&self) {
        self.begun.store(self.begun().wrapping_add(1), Relaxed);
        self.open.store(1, Relaxed);
        self.clear(Notices::HEAD);
    }

    /// HTTP/1: a request's response is handed over.
    pub(super) fn end(&self) {
        self.open.store(0, Relaxed);
    }

    /// HTTP/2: a stream was opened; it ends when what is returned is dropped.
    pub(super) fn begin_stream(self: &Arc<Self>) -> Busy {
        self.begun.fetch_add(1, Relaxed);
        self.open.fetch_add(1, Relaxed);
        Busy { watch: Arc::clone(self) }
    }

    /// HTTP/1: what ends the request that [`begin`](Self::begin) began, when it is dropped.
    pub(super) fn ending(self: &Arc<Self>) -> Busy {
        Busy { watch: Arc::clone(self) }
    }

    pub(super) fn begun(&self) -> u32 {
        self.begun.load(Relaxed)
    }

    /// Whether a request is in progress.
    pub(super) fn is_open(&self) -> bool {
        self.open.load(Relaxed) != 0
    }

    /// Whether a request is in progress, or a response still on its way out.
    pub(super) fn is_busy(&self) -> bool {
        self.is_open() || self.stalled.load(Relaxed)
    }

    pub(super) fn set_stalled(&self, stalled: bool) {
        self.stalled.store(stalled, Relaxed);
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
}

/// A request in progress, until it is dropped.
#[derive(Debug)]
pub(super) struct Busy {
    watch: Arc<Watch>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.watch.open.fetch_sub(1, Relaxed);
    }
}
