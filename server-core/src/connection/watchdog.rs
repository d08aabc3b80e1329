//! Who gives up on a silent peer, and who tells a peer to go.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use super::limits::Limits;
use super::timer::{Alarm, after};
use super::watch::{Notices, Rings, Watch};

/// Holds a connection to its deadlines with one alarm, which is not touched by requests that come whole.
///
/// hyper's own header timeout makes and drops a timer for every head. Here the alarm is moved only when it goes off,
/// and when a head comes in pieces.
pub(super) struct Watchdog {
    limits: Arc<Limits>,
    alarm: Alarm,
    stage: Stage,
    /// When the stage is judged.
    due: Instant,
}

/// What the connection's future has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Tell the peer that no more requests are taken, and finish those in progress.
    Leave,
    /// End it at once.
    Cut,
}

/// What is awaited.
#[derive(Clone, Copy)]
enum Stage {
    /// The first bytes.
    Opening,
    /// The rest of the head of the request after this many.
    Head { begun: u64 },
    /// The next look at a connection that had a request in progress.
    Serving,
    /// The next look at a connection that has been silent, after this many requests, for so many quarters of the
    /// time allowed.
    Silent { begun: u64, quarters: u32 },
    /// The end of a connection whose peer was told to go.
    Leaving,
}

const QUARTERS: u32 = 4;

impl Watchdog {
    pub(super) fn new(watch: Arc<Watch>, limits: Arc<Limits>) -> Self {
        let due = after(limits.first_byte);
        Self { alarm: Alarm::new(watch, due), limits, stage: Stage::Opening, due }
    }

    pub(super) fn watch(&self) -> &Arc<Watch> {
        self.alarm.watch()
    }

    pub(super) fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// To be polled each time the protocol has been, with what the watch then said.
    pub(super) fn poll(&mut self, notices: Notices, cx: &mut Context<'_>) -> Poll<Order> {
        if notices.contains(Notices::HEAD) {
            self.expect_head();
        }
        let rings = self.alarm.poll(cx);
        if rings.is_empty() {
            return Poll::Pending;
        }
        self.answer(rings, notices, cx)
    }

    #[cold]
    fn expect_head(&mut self) {
        let begun = self.watch().begun();
        if !matches!(self.stage, Stage::Head { begun: b } if b == begun) {
            self.stage = Stage::Head { begun };
            self.due = after(self.limits.head);
            self.alarm.set(self.due);
        }
    }

    #[cold]
    fn answer(&mut self, mut rings: Rings, notices: Notices, cx: &mut Context<'_>) -> Poll<Order> {
        loop {
            if rings.contains(Rings::LEAVE) {
                // What is answered from now on is the last. A request of HTTP/1 that has begun to come is served,
                // within the time for its head: then the bell goes on ringing.
                self.watch().notify(Notices::LAST);
                if !notices.contains(Notices::HEAD.and(Notices::OPENING)) {
                    self.watch().silence(Rings::LEAVE);
                    if let Some(order) = self.leave() {
                        return Poll::Ready(order);
                    }
                }
            }
            if !rings.contains(Rings::ALARM) {
                return Poll::Pending;
            }
            let now = Instant::now();
            if self.due <= now
                && let Some(order) = self.judge()
            {
                return Poll::Ready(order);
            }
            self.alarm.set(self.due);
            rings = self.alarm.poll(cx);
        }
    }

    /// The peer is to be told to go, unless it was.
    fn leave(&mut self) -> Option<Order> {
        if matches!(self.stage, Stage::Leaving) {
            return None;
        }
        self.stage = Stage::Leaving;
        self.due = after(self.limits.farewell);
        self.alarm.set(self.due);
        Some(Order::Leave)
    }

    /// The stage's time is over: what is to be done, or when to look again.
    fn judge(&mut self) -> Option<Order> {
        let watch = self.watch();
        let begun = watch.begun();
        let notices = watch.notices();
        let busy = watch.is_busy();
        let quarters = match self.stage {
            Stage::Opening if begun == 0 && !notices.contains(Notices::HTTP2) => return Some(Order::Cut),
            Stage::Head { begun: b } if b == begun && notices.contains(Notices::HEAD) => {
                return Some(Order::Cut);
            }
            Stage::Leaving if !busy => return Some(Order::Cut),
            Stage::Leaving => return self.look_again(Stage::Leaving, self.limits.farewell),
            Stage::Silent { begun: b, quarters } if b == begun => quarters + 1,
            _ => 0,
        };
        if busy {
            return self.look_again(Stage::Serving, self.limits.keep_alive / QUARTERS);
        }
        if quarters == QUARTERS {
            return self.leave();
        }
        self.look_again(Stage::Silent { begun, quarters }, self.limits.keep_alive / QUARTERS)
    }

    fn look_again(&mut self, stage: Stage, time: Duration) -> Option<Order> {
        self.stage = stage;
        self.due = after(time);
        None
    }
}
