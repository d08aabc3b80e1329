//! Who may come to wait for the peer of a connection.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::allowance::{Allowance, Terms};
use super::limits::Limits;
use super::stream::Stream;
use super::watch::Watch;
use crate::body::Pace;

/// Those who read requests' bodies, those who send responses, and the connection itself with all it sends.
#[derive(Default)]
pub(super) struct Parties {
    readers: Vec<Reader>,
    senders: Vec<Sender>,
    output: Allowance,
    /// What the peer had taken of all response bodies when a stream was ended the last time because it took none.
    struck: Option<u64>,
}

struct Reader {
    pace: Weak<Pace>,
    /// The body that the allowance is for.
    body: u32,
    allowance: Allowance,
}

struct Sender {
    stream: Weak<Stream>,
    allowance: Allowance,
}

/// What a look has shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// Somebody waits.
    pub(super) waits: bool,
    /// A reader was told that its client's time is up.
    pub(super) late: bool,
    /// The peer takes nothing of what is sent, on no stream: the connection is of no use.
    pub(super) dead: bool,
    /// The peer is to be told to go: it holds up what can be ended in no other way.
    pub(super) unwelcome: bool,
    /// Streams that only the end of the connection ends.
    pub(super) stuck: u32,
}

impl Parties {
    pub(super) fn add_reader(&mut self, pace: &Arc<Pace>) {
        make_room(&mut self.readers, |reader| reader.pace.strong_count() > 0);
        let reader =
            Reader { pace: Arc::downgrade(pace), body: pace.bodies(), allowance: Allowance::default() };
        self.readers.push(reader);
    }

    pub(super) fn add_sender(&mut self, stream: &Arc<Stream>) {
        make_room(&mut self.senders, |sender| sender.stream.strong_count() > 0);
        self.senders.push(Sender { stream: Arc::downgrade(stream), allowance: Allowance::default() });
    }

    /// Ends the tasks of all streams.
    pub(super) fn cut(&mut self) {
        for stream in self.senders.drain(..).filter_map(|sender| sender.stream.upgrade()) {
            stream.cut();
        }
    }

    /// The same, but for streams that no longer carry HTTP.
    pub(super) fn cut_requests(&mut self) {
        self.senders.retain(|sender| {
            let Some(stream) = sender.stream.upgrade() else { return false };
            if !stream.is_tunnel() {
                stream.cut();
            }
            stream.is_tunnel()
        });
    }

    /// Nothing is in progress: keeps no memory of what was.
    pub(super) fn forget(&mut self) {
        self.senders = Vec::new();
        self.readers.retain(|reader| reader.pace.strong_count() > 0);
        self.readers.shrink_to_fit();
    }

    /// Looks at everybody, `passed` after the last look, and ends the waiting of those who have waited enough.
    pub(super) fn look(&mut self, watch: &Watch, limits: &Limits, passed: Duration) -> Found {
        let mut found = Found::default();
        self.look_at_readers(limits, passed, &mut found);
        self.look_at_senders(watch, limits, passed, &mut found);
        let terms = Terms::new(limits.write_stall, limits.write_stall, limits.write_rate);
        let stalled = watch.is_stalled();
        found.waits |= stalled;
        found.dead = !self.output.look(&terms, passed, watch.sent(), stalled);
        found
    }

    fn look_at_readers(&mut self, limits: &Limits, passed: Duration, found: &mut Found) {
        let terms = Terms::new(limits.body_grace, limits.body_gap, limits.body_rate);
        self.readers.retain_mut(|reader| {
            let Some(pace) = reader.pace.upgrade() else { return false };
            if reader.body != pace.bodies() {
                reader.body = pace.bodies();
                reader.allowance = Allowance::default();
            }
            let waits = pace.is_waiting();
            found.waits |= waits;
            if !reader.allowance.look(&terms, passed, pace.moved(), waits) {
                pace.expire();
                found.late = true;
            }
            true
        });
    }

    fn look_at_senders(&mut self, watch: &Watch, limits: &Limits, passed: Duration, found: &mut Found) {
        let terms = Terms::new(limits.write_stall, limits.write_stall, limits.write_rate);
        let mut moved = watch.moved();
        let mut struck = false;
        self.senders.retain_mut(|sender| {
            let Some(stream) = sender.stream.upgrade() else { return false };
            let waits = stream.is_unsent();
            found.waits |= waits;
            moved += stream.taken();
            if !sender.allowance.look(&terms, passed, stream.taken(), waits) {
                // What was handed over to the protocol as a whole cannot be called back.
                if stream.cut() {
                    struck = true;
                } else {
                    found.stuck += 1;
                    found.unwelcome = true;
                }
            }
            true
        });
        if struck {
            // For the second time, and nothing has moved in between: not a stream is stalled but the connection.
            found.unwelcome |= self.struck == Some(moved);
            self.struck = Some(moved);
        }
    }
}

/// Forgets those who are gone when there would be no room for another.
fn make_room<T>(parties: &mut Vec<T>, is_there: impl FnMut(&T) -> bool) {
    if parties.len() == parties.capacity() {
        parties.retain(is_there);
    }
}

impl fmt::Debug for Parties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parties").finish_non_exhaustive()
    }
}
