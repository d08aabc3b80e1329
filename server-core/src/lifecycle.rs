//! Where a server is between its start and its end, and how everybody hears of it.

use std::fmt;

#[cfg(feature = "server")]
pub(crate) use served::Lifecycle;

/// Tells a handler that the server is about to end.
///
/// A server that shuts down lets requests in progress finish, and cuts them when its deadline is over. A response
/// without an end of its own, such as a stream of events, listens to this and ends in time:
///
/// ```
/// use waypost::{App, Shutdown, get, routes, test::Client};
///
/// #[get("/status")]
/// async fn status(shutdown: Shutdown) -> &'static str {
///     if shutdown.is_requested() { "going" } else { "serving" }
/// }
///
/// #[get("/wait")]
/// async fn wait(shutdown: Shutdown) -> &'static str {
///     shutdown.requested().await;
///     "the server is about to end"
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![status, wait]));
/// assert_eq!(client.get("/status").send().await.text().await, "serving");
/// # }
/// ```
///
/// Without a [`Server`](crate::Server) (in process, under another server) it never comes.
#[derive(Clone, Default)]
pub struct Shutdown {
    #[cfg(feature = "server")]
    lifecycle: Option<Lifecycle>,
}

impl Shutdown {
    /// Waits until the server is asked to end; for ever, if it never is.
    ///
    /// ```
    /// use waypost::Shutdown;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let never = Shutdown::default();
    /// let moment = std::time::Duration::from_millis(1);
    /// assert!(tokio::time::timeout(moment, never.requested()).await.is_err());
    /// # }
    /// ```
    pub async fn requested(&self) {
        #[cfg(feature = "server")]
        if let Some(lifecycle) = &self.lifecycle {
            return lifecycle.draining().await;
        }
        std::future::pending().await
    }

    /// Whether the server has been asked to end.
    ///
    /// ```
    /// assert!(!waypost::Shutdown::default().is_requested());
    /// ```
    #[must_use]
    pub fn is_requested(&self) -> bool {
        #[cfg(feature = "server")]
        if let Some(lifecycle) = &self.lifecycle {
            return lifecycle.is_draining();
        }
        false
    }

    /// Whether new requests are welcome: not while the server ends, and not while it has been told to say so
    /// ([`Handle::set_ready`](crate::Handle::set_ready)). The ready-made route for load balancers answers with it.
    ///
    /// ```
    /// assert!(waypost::Shutdown::default().is_ready());
    /// ```
    #[must_use]
    pub fn is_ready(&self) -> bool {
        #[cfg(feature = "server")]
        if let Some(lifecycle) = &self.lifecycle {
            return lifecycle.is_ready();
        }
        true
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").field("is_requested", &self.is_requested()).finish()
    }
}

#[cfg(feature = "server")]
mod served {
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
            self.shared
                .phase
                .send_if_modified(|phase| std::mem::replace(phase, Phase::Ended) != Phase::Ended);
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
}
