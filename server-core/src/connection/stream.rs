//! One stream of HTTP/2, as the connection that watches it sees it.
#![cfg_attr(not(feature = "http2"), allow(dead_code))]

use std::pin::Pin;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use pin_project_lite::pin_project;

use super::convert::Outlet;
use super::watch::Watch;
use crate::body::Bell;

/// A request in progress, from its head until the last byte of its response has gone out, and its body is read no more.
pub(super) struct Stream {
    watch: Arc<Watch>,
    /// Bytes of the response handed over to the protocol, and not dropped by it.
    handed: AtomicU64,
    /// Those of them that the peer's windows and the socket have let pass.
    taken: AtomicU64,
    /// Its task is to end, and the stream is to be reset by that.
    cut: AtomicBool,
    /// Its task has ended.
    ended: AtomicBool,
    /// It carries something else than HTTP, which is told by the stream itself when the connection is gone.
    tunnel: AtomicBool,
    task: Mutex<Waker>,
}

impl Stream {
    /// Counts as open until it is dropped.
    pub(super) fn new(watch: Arc<Watch>) -> Self {
        Self {
            watch,
            handed: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            cut: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            tunnel: AtomicBool::new(false),
            task: Mutex::new(Waker::noop().clone()),
        }
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Whether there are bytes that the peer has not taken.
    pub(super) fn is_unsent(&self) -> bool {
        self.handed.load(Relaxed) != self.taken()
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Relaxed)
    }

    pub(super) fn set_tunnel(&self) {
        self.tunnel.store(true, SeqCst);
    }

    pub(super) fn is_tunnel(&self) -> bool {
        self.tunnel.load(SeqCst)
    }

    /// Ends its task; false if that has ended.
    pub(super) fn cut(&self) -> bool {
        self.cut.store(true, SeqCst);
        let task = std::mem::replace(&mut *self.task(), Waker::noop().clone());
        task.wake();
        !self.ended.load(SeqCst)
    }

    fn task(&self) -> MutexGuard<'_, Waker> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.watch.end_stream(self.taken());
    }
}

/// Who reads the body has a share of the stream.
impl Bell for Stream {
    fn ring(&self) {
        self.watch.ring();
    }

    fn put_down(&self, _: u32, _: bool) {}
}

impl Outlet for Arc<Stream> {
    type Data = Piece;

    fn hand_over(&self, bytes: Bytes) -> Piece {
        self.handed.fetch_add(bytes.len() as u64, Relaxed);
        Piece { bytes, stream: Self::clone(self) }
    }
}

/// A part of a response on its way out, which sees how far it gets.
pub(super) struct Piece {
    bytes: Bytes,
    stream: Arc<Stream>,
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        self.stream.taken.fetch_add(count as u64, Relaxed);
    }
}

impl Drop for Piece {
    /// What is dropped is not waited for.
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            self.stream.handed.fetch_sub(self.bytes.len() as u64, Relaxed);
        }
    }
}

pin_project! {
    /// The task of a stream, which ends when the stream is cut.
    pub(super) struct Guarded<F, H> {
        #[pin]
        task: F,
        stream: Arc<Stream>,
        // Dropped after the task.
        held: H,
    }

    impl<F, H> PinnedDrop for Guarded<F, H> {
        fn drop(this: Pin<&mut Self>) {
            this.stream.ended.store(true, SeqCst);
            // Nobody else will say that the rest of the response is waited for.
            if this.stream.is_unsent() {
                this.stream.watch.ring_later();
            }
        }
    }
}

impl<F, H> Guarded<F, H> {
    pub(super) fn new(task: F, stream: Arc<Stream>, held: H) -> Self {
        Self { task, stream, held }
    }
}

impl<F: Future, H> Future for Guarded<F, H> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.stream.cut.load(SeqCst) || this.task.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        this.stream.task().clone_from(cx.waker());
        // First say whom to wake, then look.
        if this.stream.cut.load(SeqCst) {
            return Poll::Ready(());
        }
        if this.stream.is_unsent() {
            this.stream.watch.ring();
        }
        Poll::Pending
    }
}
