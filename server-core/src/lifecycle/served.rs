//! Where a server is, kept in one place for all who must know.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::Shutdown;

/// The state of a server, shared by all who must know it.
#[derive(Clone, Debug)]
pub(crate) struct Lifecycle {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    phase: watch::Sender<Phase>,
    /// What the application says of itself.
    ready: AtomicBool,
}

/// In this order, never back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Serves as before, and says that it is not ready.
    Leaving {
        drains: Instant,
        cuts: Option<Instant>,
    },
    /// Accepts nothing, finishes what it has.
    Draining {
        cuts: Option<Instant>,
    },
    Ended,
}

impl Lifecycle {
    pub(crate) fn new() -> Self {
        Self {
            shared: Arc::new(Shared {
                phase: watch::Sender::new(Phase::Serving),
                ready: AtomicBool::new(true),
            }),
        }
    }

    /// What handlers are given.
    pub(crate) fn shutdown(&self) -> Shutdown {
        Shutdown { lifecycle: Some(self.clone()) }
    }

    /// Asks the server to end: from `delay` on it accepts nothing, `deadline` later it cuts what is left. Asked
    /// again, the earlier times hold.
    pub(crate) fn leave(&self, delay: Duration, deadline: Duration) {
        let drains = after(delay).unwrap_or_else(Instant::now);
        let cuts = drains.checked_add(deadline).filter(|_| deadline < LONG);
        self.shared.phase.send_if_modified(|phase| {
            let next = match *phase {
                Phase::Serving if delay.is_zero() => Phase::Draining { cuts },
                Phase::Serving => Phase::Leaving { drains, cuts },
                Phase::Leaving { cuts: old, .. } if delay.is_zero() => {
                    Phase::Draining { cuts: earlier(old, cuts) }
                }
                Phase::Leaving { drains: old_drains, cuts: old } => {
                    Phase::Leaving { drains: drains.min(old_drains), cuts: earlier(old, cuts) }
                }
                Phase::Draining { cuts: old } => Phase::Draining { cuts: earlier(old, cuts) },
                Phase::Ended => Phase::Ended,
            };
            std::mem::replace(phase, next) != next
        });
    }

    /// The server has ended.
    pub(crate) fn end(&self) {
        self.shared.phase.send_if_modified(|phase| std::mem::replace(phase, Phase::Ended) != Phase::Ended);
    }

    pub(crate) fn set_ready(&self, ready: bool) {
        self.shared.ready.store(ready, SeqCst);
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.shared.ready.load(SeqCst) && *self.shared.phase.borrow() == Phase::Serving
    }

    pub(crate) fn is_draining(&self) -> bool {
        matches!(*self.shared.phase.borrow(), Phase::Draining { .. } | Phase::Ended)
    }

    /// Waits until nothing more is to be accepted. Whoever waits first ends the delay that load balancers are
    /// given; all the others hear of it.
    pub(crate) async fn draining(&self) {
        let mut phase = self.shared.phase.subscribe();
        loop {
            let now = *phase.borrow_and_update();
            match now {
                Phase::Draining { .. } | Phase::Ended => return,
                Phase::Serving => changed(&mut phase).await,
                Phase::Leaving { drains, cuts } => {
                    if tokio::time::timeout_at(drains, changed(&mut phase)).await.is_err() {
                        self.shared.phase.send_if_modified(|phase| {
                            let due = *phase == now;
                            if due {
                                *phase = Phase::Draining { cuts };
                            }
                            due
                        });
                    }
                }
            }
        }
    }

    /// Waits until what is left is to be cut; only once it is [`draining`](Self::draining).
    pub(crate) async fn cut(&self) {
        let mut phase = self.shared.phase.subscribe();
        loop {
            let now = *phase.borrow_and_update();
            match now {
                Phase::Ended => return,
                Phase::Draining { cuts: Some(cuts) } => {
                    if tokio::time::timeout_at(cuts, changed(&mut phase)).await.is_err() {
                        return;
                    }
                }
                _ => changed(&mut phase).await,
            }
        }
    }

    /// Waits until the server has ended.
    pub(crate) async fn ended(&self) {
        // It cannot fail: the sender is in `self`.
        let _ = self.shared.phase.subscribe().wait_for(|phase| *phase == Phase::Ended).await;
    }
}

/// A deadline further away than this is none.
const LONG: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

fn after(delay: Duration) -> Option<Instant> {
    Instant::now().checked_add(delay.min(LONG))
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

async fn changed(phase: &mut watch::Receiver<Phase>) {
    // It cannot fail: whoever waits holds the sender.
    let _ = phase.changed().await;
}
