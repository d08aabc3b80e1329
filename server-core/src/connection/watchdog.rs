//! Who gives up on a silent peer.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::limits::Limits;
use super::timer::Alarm;
use super::watch::{Notices, Watch};

/// Holds a connection to its deadlines with one alarm, which is not touched by requests that come whole.
///
/// hyper's own header timeout makes and drops a timer for every head. Here the alarm is moved only when it goes off,
/// and when a head comes in pieces. A request in progress and a response being sent are not limited here.
pub(super) struct Watchdog {
    watch: Arc<Watch>,
    limits: Arc<Limits>,
    alarm: Alarm,
    /// What the alarm was set for.
    stage: Stage,
}

enum Stage {
    /// The first bytes.
    Opening,
    /// The rest of the head of the request after this many.
    Head { begun: u32 },
    /// The next look at a connection that had a request in progress.
    Serving,
    /// The next look at a connection that has been silent, after this many requests, for so many quarters of the
    /// time allowed.
    Silent { begun: u32, quarters: u32 },
    /// The peer's reaction to GOAWAY.
    Leaving,
}

const QUARTERS: u32 = 4;

impl Watchdog {
    pub(super) fn new(watch: Arc<Watch>, limits: Arc<Limits>) -> Self {
        Self { watch, alarm: Alarm::after(limits.first_byte), limits, stage: Stage::Opening }
    }

    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// To be polled each time the protocol has been, with what the watch then said; ready when the peer's time is up.
    pub(super) fn poll_expired(&mut self, notices: Notices, cx: &mut Context<'_>) -> Poll<()> {
        if notices.contains(Notices::HEAD) {
            self.expect_head();
        }
        while self.alarm.poll(cx).is_ready() {
            if self.is_over() {
                return Poll::Ready(());
            }
            self.alarm.set(self.limits.keep_alive / QUARTERS);
        }
        Poll::Pending
    }

    /// The peer was told to go: waits for that, and for the requests in progress.
    pub(super) fn leave(&mut self) {
        self.stage = Stage::Leaving;
        self.alarm.set(self.limits.farewell);
    }

    #[cold]
    fn expect_head(&mut self) {
        let begun = self.watch.begun();
        if !matches!(self.stage, Stage::Head { begun: b } if b == begun) {
            self.stage = Stage::Head { begun };
            self.alarm.set(self.limits.head);
        }
    }

    /// The alarm went off: judges, and notes what the next one is for.
    fn is_over(&mut self) -> bool {
        let begun = self.watch.begun();
        let notices = self.watch.notices();
        let busy = self.watch.is_busy();
        let quarters = match self.stage {
            Stage::Opening if begun == 0 && !notices.contains(Notices::HTTP2) => return true,
            Stage::Head { begun: b } if b == begun && notices.contains(Notices::HEAD) => return true,
            Stage::Leaving => return !busy,
            Stage::Silent { begun: b, quarters } if b == begun => quarters + 1,
            _ => 0,
        };
        self.stage = if busy { Stage::Serving } else { Stage::Silent { begun, quarters } };
        !busy && quarters == QUARTERS
    }
}
