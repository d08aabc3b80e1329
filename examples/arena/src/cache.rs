//! Items that were just read: as documents, for 200 ms from when they were kept.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

const LIFETIME: Duration = Duration::from_millis(200);
/// So that few wait for the same lock.
const SHARDS: usize = 64;
/// Documents in one of them.
const CAPACITY: usize = 4096;

/// Documents by the ids of their items.
pub(crate) struct Cache([Mutex<Shard>; SHARDS]);

#[derive(Default)]
struct Shard {
    documents: HashMap<i32, Kept>,
    /// How often something was forgotten here.
    changes: u64,
}

struct Kept {
    document: Bytes,
    until: Instant,
}

pub(crate) enum Lookup {
    Hit(Bytes),
    /// It is to be read from the database, and may then be kept.
    Miss(Ticket),
}

/// What tells [`Cache::keep`] whether what was read is still true.
pub(crate) struct Ticket {
    id: i32,
    changes: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Cache {
    pub(crate) fn look_up(&self, id: i32) -> Lookup {
        let shard = self.shard(id);
        match shard.documents.get(&id) {
            Some(kept) if kept.until > Instant::now() => Lookup::Hit(kept.document.clone()),
            _ => Lookup::Miss(Ticket { id, changes: shard.changes }),
        }
    }

    /// Keeps what was read after a miss. If something was forgotten since, it may have been this: then it is not kept.
    pub(crate) fn keep(&self, Ticket { id, changes }: Ticket, document: Bytes) {
        let mut shard = self.shard(id);
        if shard.changes != changes {
            return;
        }
        let now = Instant::now();
        if shard.documents.len() >= CAPACITY {
            shard.documents.retain(|_, kept| kept.until > now);
            if shard.documents.len() >= CAPACITY {
                shard.documents.clear();
            }
        }
        shard.documents.insert(id, Kept { document, until: now + LIFETIME });
    }

    /// To be called when the database has the change.
    pub(crate) fn forget(&self, id: i32) {
        let mut shard = self.shard(id);
        shard.changes += 1;
        shard.documents.remove(&id);
    }

    fn shard(&self, id: i32) -> MutexGuard<'_, Shard> {
        self.0[id.unsigned_abs() as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
