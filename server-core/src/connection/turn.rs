//! How much of a peer's talk is listened to at a time.

use std::pin::pin;
use std::task::Context;

/// What was read since the stream last had nothing to read.
///
/// h2 goes on for as long as there is something to read. tokio ends that after 128 reads, which can hold a hundred
/// thousand frames, each of which may be a walk over all streams: so long nobody else would be served on this thread,
/// and no deadline of this very connection would be kept.
#[derive(Default)]
pub(super) struct Turn {
    read: usize,
}

impl Turn {
    /// A frame that must be whole, and then some. Who sends less at a time never notices.
    const BYTES: usize = 16 * 1024;

    /// Whether it is others' turn; then the task is woken after them.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        if self.read < Self::BYTES {
            return false;
        }
        self.read = 0;
        // Not `wake_by_ref`, after which tokio looks for others' input only when this task has run another 60 times.
        pin!(tokio::task::yield_now()).poll(cx).is_pending()
    }

    /// So many bytes were read; none if there were none.
    pub(super) fn add(&mut self, bytes: usize) {
        self.read = if bytes == 0 { 0 } else { self.read + bytes };
    }
}
