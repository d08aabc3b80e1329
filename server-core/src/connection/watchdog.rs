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
    /// When the first bytes, or the rest of a head, are late: they may be given longer than a connection may be idle.
    late: Instant,
    /// When those who wait are looked after next, while somebody does.
    tick: Option<Instant>,
    /// Streams that only the end of the connection ends.
    stuck: u32,
}

/// What the connection's future has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Tell the peer that no more requests are taken, and finish those in progress.
    Leave,
    /// Poll the protocol once more, which sends the PING that was noted.
    Ask,
    /// End it at once.
    Cut,
    /// HTTP/1: give back the memory of an idle connection.
    Park,
}

/// What is awaited.
#[derive(Clone, Copy)]
enum Stage {
    /// The first bytes.
    Opening,
    /// The first stream of HTTP/2, whose preface has come.
    Greeted,
    /// The first bytes, or the first stream of HTTP/2, while the server ends.
    LastCall,
    /// The rest of the head of the request after this many.
    Head { begun: u64 },
    /// The next look at a connection that had a request in progress, when so much had been received; of HTTP/2, and
    /// whether it was asked for a sign of life.
    Serving { received: u64, asked: bool },
    /// The next look at a connection that has been silent since then, after this many requests.
    Silent { begun: u64, since: Instant },
    /// The end of a connection whose peer was told to go; the rest as in `Serving`.
    Leaving { received: u64, asked: bool },
}

/// The time between requests is looked at so many times.
const QUARTERS: u32 = 4;

impl Watchdog {
    pub(super) fn new(watch: Arc<Watch>, limits: Arc<Limits>) -> Self {
        let late = after(limits.first_byte);
        let due = late.min(after(limits.keep_alive / QUARTERS));
        Self { alarm: Alarm::new(watch, due), limits, stage: Stage::Opening, due, late, tick: None, stuck: 0 }
    }

    pub(super) fn watch(&self) -> &Arc<Watch> {
        self.alarm.watch()
    }

    pub(super) fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// To be polled each time the protocol has been, with what the watch then said.
    pub(super) fn poll(&mut self, notices: Notices, cx: &mut Context<'_>) -> Poll<Order> {
        if notices.contains(Notices::HEAD.and(Notices::STALLED)) {
            self.take_note(notices);
        }
        if matches!(self.stage, Stage::Opening) && notices.contains(Notices::HTTP2) {
            self.greet();
        }
        let rings = self.alarm.poll(cx);
        if rings.is_empty() {
            return Poll::Pending;
        }
        self.answer(rings, notices, cx)
    }

    #[cold]
    fn take_note(&mut self, notices: Notices) {
        let begun = self.watch().begun();
        if notices.contains(Notices::HEAD) && !matches!(self.stage, Stage::Head { begun: b } if b == begun) {
            self.stage = Stage::Head { begun };
            self.late = after(self.limits.head);
            self.due = self.late.min(after(self.pause()));
            self.set_alarm();
        }
        if notices.contains(Notices::STALLED) {
            self.watch().clear(Notices::STALLED);
            self.watch().raise(Rings::WAITING);
        }
    }

    /// The time for the first bytes is over, however long it was to be.
    #[cold]
    fn greet(&mut self) {
        self.stage = Stage::Greeted;
        self.due = self.due.min(after(self.pause()));
        self.set_alarm();
    }

    /// How long a connection may be left alone: until a client that says nothing between two requests, or during one
    /// of HTTP/2, has to be looked at.
    fn pause(&self) -> Duration {
        let quarter = self.limits.keep_alive / QUARTERS;
        if self.watch().speaks_http2() { quarter.min(self.limits.ping_interval) } else { quarter }
    }

    fn set_alarm(&mut self) {
        self.alarm.set(self.tick.map_or(self.due, |tick| tick.min(self.due)));
    }

    #[cold]
    fn answer(&mut self, mut rings: Rings, notices: Notices, cx: &mut Context<'_>) -> Poll<Order> {
        loop {
            if rings.contains(Rings::LEAVE) {
                // What is answered from now on is the last. A request of HTTP/1 that has begun to come is served,
                // within the time for its head, and who has just come may send one: then the bell goes on ringing.
                self.watch().notify(Notices::LAST);
                if self.is_new(notices) {
                    if matches!(self.stage, Stage::Opening | Stage::Greeted) {
                        self.call_last();
                        rings = self.alarm.poll(cx);
                    }
                } else if !notices.contains(Notices::HEAD.and(Notices::OPENING)) {
                    self.watch().silence(Rings::LEAVE);
                    if let Some(order) = self.leave() {
                        return Poll::Ready(order);
                    }
                }
            }
            if rings.contains(Rings::SENDING) {
                self.watch().silence(Rings::SENDING);
                if self.tick.is_none() {
                    self.watch().set_ticking(true);
                    self.tick = Some(after(self.limits.tick()));
                    self.set_alarm();
                    rings = self.alarm.poll(cx);
                }
            }
            if rings.contains(Rings::WAITING) {
                self.watch().silence(Rings::WAITING);
                if self.tick.is_none()
                    && let Some(order) = self.look(Duration::ZERO)
                {
                    return Poll::Ready(order);
                }
            } else if !rings.contains(Rings::ALARM) {
                if !rings.contains(Rings::PARK) {
                    return Poll::Pending;
                }
                self.watch().silence(Rings::PARK);
                return Poll::Ready(Order::Park);
            }
            let now = Instant::now();
            if self.tick.is_some_and(|tick| tick <= now)
                && let Some(order) = self.look(self.limits.tick())
            {
                return Poll::Ready(order);
            }
            if self.due <= now
                && let Some(order) = self.judge()
            {
                return Poll::Ready(order);
            }
            self.set_alarm();
            rings = self.alarm.poll(cx);
        }
    }

    /// Looks after everybody who waits, and notes when to do so again.
    fn look(&mut self, passed: Duration) -> Option<Order> {
        let watch = self.alarm.watch();
        // Before the look: who begins to wait after it rings.
        watch.set_ticking(false);
        let found = watch.parties().look(watch, &self.limits, passed);
        watch.set_ticking(found.waits);
        self.tick = found.waits.then(|| after(self.limits.tick()));
        self.stuck = found.stuck;
        if found.late {
            // The rest of that body may still come: the answer is the last.
            watch.notify(Notices::LAST);
        }
        if found.dead {
            return Some(Order::Cut);
        }
        if found.unwelcome { self.leave() } else { None }
    }

    /// The protocol is done with the peer, which has a last moment to close its side.
    pub(super) fn take_leave(&mut self) {
        self.stage = Stage::Leaving { received: self.watch().received(), asked: false };
        self.due = after(self.limits.farewell);
        self.set_alarm();
    }

    /// The peer is to be told to go, unless it was.
    fn leave(&mut self) -> Option<Order> {
        if matches!(self.stage, Stage::Leaving { .. }) {
            return None;
        }
        self.take_leave();
        Some(Order::Leave)
    }

    /// Whether the peer's first request may be on its way.
    fn is_new(&self, notices: Notices) -> bool {
        let watch = self.watch();
        matches!(self.stage, Stage::Opening | Stage::Greeted | Stage::LastCall)
            && if notices.contains(Notices::HTTP2) { watch.begun() == 0 } else { watch.received() == 0 }
    }

    fn call_last(&mut self) {
        self.stage = Stage::LastCall;
        self.late = self.late.min(after(self.limits.last_call));
        self.due = self.late;
        self.set_alarm();
    }

    /// The stage's time is over: what is to be done, or when to look again.
    fn judge(&mut self) -> Option<Order> {
        let watch = self.watch();
        let begun = watch.begun();
        let notices = watch.notices();
        let busy = watch.is_busy();
        let silent = match self.stage {
            Stage::Opening | Stage::LastCall if begun == 0 && !notices.contains(Notices::HTTP2) => {
                return self.cut_if_late();
            }
            Stage::Head { begun: b } if b == begun && notices.contains(Notices::HEAD) => {
                return self.cut_if_late();
            }
            Stage::Leaving { .. } if !busy || watch.open() == self.stuck => return Some(Order::Cut),
            Stage::Leaving { received, asked } => {
                // What comes now is of a client that has not heard, or does not want to.
                watch.notify(Notices::SHUT);
                return self.ask(received, asked);
            }
            Stage::Silent { begun: b, since } if b == begun => Some(since),
            Stage::Serving { received, asked } if busy && watch.speaks_http2() => {
                return self.ask(received, asked);
            }
            _ => None,
        };
        if busy {
            // A response that its stream's task was done with may be stalled, and nobody rings.
            watch.raise(Rings::WAITING);
            let stage = Stage::Serving { received: watch.received(), asked: false };
            return self.look_again(stage, self.pause());
        }
        watch.parties().forget();
        let since = silent.unwrap_or_else(Instant::now);
        let left = self.limits.keep_alive.saturating_sub(since.elapsed());
        if left.is_zero() {
            return self.leave();
        }
        self.look_again(Stage::Silent { begun, since }, left.min(self.pause()));
        if silent.is_none() || self.watch().speaks_http2() {
            return None;
        }
        self.set_alarm();
        Some(Order::Park)
    }

    fn cut_if_late(&mut self) -> Option<Order> {
        if self.late <= Instant::now() {
            return Some(Order::Cut);
        }
        self.look_again(self.stage, self.pause());
        self.due = self.due.min(self.late);
        None
    }

    /// Of a peer that sends nothing while a stream is open, a sign of life is asked once. One that takes nothing is no
    /// matter here: the question would have to wait behind all the rest.
    fn ask(&mut self, received: u64, asked: bool) -> Option<Order> {
        let watch = self.watch();
        watch.raise(Rings::WAITING);
        let now = watch.received();
        let silent = now == received && !watch.is_stalled() && watch.speaks_http2();
        if silent && asked {
            return Some(Order::Cut);
        }
        let is_leaving = matches!(self.stage, Stage::Leaving { .. });
        let (ask, time) = match silent {
            true => (Some(Order::Ask), self.limits.ping_timeout),
            false if is_leaving => (None, self.limits.farewell),
            false => (None, self.limits.ping_interval),
        };
        if silent {
            watch.notify(Notices::PING);
        }
        let stage = match is_leaving {
            true => Stage::Leaving { received: now, asked: silent },
            false => Stage::Serving { received: now, asked: silent },
        };
        self.look_again(stage, time);
        self.set_alarm();
        ask
    }

    fn look_again(&mut self, stage: Stage, time: Duration) -> Option<Order> {
        self.stage = stage;
        // However short the time: never again in the same breath.
        self.due = after(time.max(Duration::from_millis(10)));
        None
    }
}
