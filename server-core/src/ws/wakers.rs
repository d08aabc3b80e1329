//! Whom a connection wakes.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// Everybody who waits for a connection: it knows one waker for each direction, and they may be several tasks. Any of
/// them may move what another waits for, so all are woken.
#[derive(Default)]
pub(super) struct Wakers {
    waiting: Mutex<[Option<Waker>; 3]>,
}

/// Who waits.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Reader,
    Writer,
    /// Whoever sees to the connection's end.
    Keeper,
}

impl Wakers {
    pub(super) fn register(&self, role: Role, waker: &Waker) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut waiting[role as usize] {
            Some(old) => old.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let [reader, writer, keeper] =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        // Mostly they are one task.
        let is_other = |waker: &Waker, others: [&Option<Waker>; 2]| {
            !others.into_iter().flatten().any(|other| other.will_wake(waker))
        };
        if let Some(writer) = writer.as_ref().filter(|writer| is_other(writer, [&reader, &keeper])) {
            writer.wake_by_ref();
        }
        if let Some(keeper) = keeper.as_ref().filter(|keeper| is_other(keeper, [&reader, &None])) {
            keeper.wake_by_ref();
        }
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}
