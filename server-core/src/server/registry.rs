//! The connections there are, and what became of those that were.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::handle::Drained;
use super::stats::Stats;
use crate::connection::Watch;

/// Every connection of a server. Connections count for themselves, without a lock; what they counted is added up when
/// somebody asks, and kept when they end.
#[derive(Debug, Default)]
pub(super) struct Registry {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    live: HashMap<u64, Live>,
    next: u64,
    /// Connections that have not been asked to give back memory, and the requests that each had had at the last look;
    /// in the order in which they are looked at.
    awake: VecDeque<(u64, u64)>,
    /// What ended connections counted, and the connections themselves.
    past: Stats,
    /// What did not come to its own end.
    cut: Drained,
    /// The server has begun to cut: `cut` counts what was there then, and those who end by themselves all the same are
    /// taken off again.
    cutting: bool,
    /// Connections are told to end as soon as they come.
    leaving: bool,
}

#[derive(Debug)]
struct Live {
    watch: Arc<Watch>,
    /// Counted as cut, with so many requests.
    cut: Option<u32>,
}

impl Registry {
    pub(super) fn enter(self: &Arc<Self>) -> Entry {
        let watch = Arc::new(Watch::new());
        let mut inner = self.inner();
        inner.park_others();
        if inner.leaving {
            watch.leave();
        }
        let id = inner.next;
        inner.next += 1;
        inner.past.connections_accepted += 1;
        inner.live.insert(id, Live { watch: Arc::clone(&watch), cut: None });
        inner.awake.push_back((id, 0));
        drop(inner);
        Entry { registry: Arc::clone(self), id, watch, finished: false }
    }

    /// A connection was closed because its client has too many.
    pub(super) fn refused(&self) {
        self.inner().past.connections_refused += 1;
    }

    /// Tells all connections to end, and those to come.
    pub(super) fn leave(&self) {
        let mut inner = self.inner();
        inner.leaving = true;
        inner.live.values().for_each(|live| live.watch.leave());
    }

    pub(super) fn stats(&self) -> Stats {
        let inner = self.inner();
        let mut stats = inner.past.clone();
        stats.connections_open = inner.live.len() as u64;
        for Live { watch, .. } in inner.live.values() {
            add(&mut stats, watch);
            stats.requests_open += u64::from(watch.open());
        }
        stats
    }

    /// Notes what is about to be cut: of a request that is dropped nothing can be told afterwards.
    pub(super) fn begin_cut(&self) {
        let inner = &mut *self.inner();
        if std::mem::replace(&mut inner.cutting, true) {
            return;
        }
        for live in inner.live.values_mut() {
            let open = live.watch.open();
            live.cut = Some(open);
            inner.cut.connections += 1;
            inner.cut.requests += u64::from(open);
        }
    }

    pub(super) fn cut(&self) -> Drained {
        self.inner().cut.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// So many connections keep what they may soon need again, however many come.
    const AWAKE: usize = 64;

    /// Another connection is about to take memory: two that were there before it are looked at, and asked to give back
    /// what they do not need if they have had no request since the last look. So no request and no timer pays for it, and
    /// of ten thousand connections that come in a second most are parked before the last has come.
    ///
    /// A connection is asked once. If it is not idle for good, the watchdog will find it.
    fn park_others(&mut self) {
        for _ in 0..2 {
            if self.awake.len() < Self::AWAKE {
                return;
            }
            let Some((id, seen)) = self.awake.pop_front() else { return };
            let Some(Live { watch, .. }) = self.live.get(&id) else { continue };
            let begun = watch.requests_http1();
            if watch.requests_http2() > 0 {
                continue;
            }
            if begun == 0 || begun != seen || watch.is_busy() {
                self.awake.push_back((id, begun));
            } else {
                watch.park();
            }
        }
    }
}

fn add(stats: &mut Stats, watch: &Watch) {
    stats.requests_http1 += watch.requests_http1();
    stats.requests_http2 += watch.requests_http2();
    stats.bytes_received += watch.received();
    stats.bytes_sent += watch.sent();
    if watch.speaks_http2() {
        stats.connections_http2 += 1;
        stats.bytes_received_http2 += watch.received();
        stats.bytes_sent_http2 += watch.sent();
    }
}

/// A connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Entry {
    registry: Arc<Registry>,
    id: u64,
    watch: Arc<Watch>,
    finished: bool,
}

impl Entry {
    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// It came to its own end: the peer has gone, was told to go, or outstayed a deadline.
    pub(super) fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut inner = self.registry.inner();
        let counted = inner.live.remove(&self.id).and_then(|live| live.cut);
        add(&mut inner.past, &self.watch);
        match counted {
            Some(open) if self.finished => {
                inner.cut.connections -= 1;
                inner.cut.requests -= u64::from(open);
            }
            // It came while the others were cut, or whoever ran the server was dropped. A handler's panic, too, ends a
            // connection early; that is not for want of time.
            None if !self.finished && !std::thread::panicking() => {
                inner.cut.connections += 1;
                inner.cut.requests += u64::from(self.watch.open());
            }
            _ => {}
        }
    }
}
