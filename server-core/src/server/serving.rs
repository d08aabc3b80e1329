//! The loop of one runtime: accepts connections, keeps them served, and ends.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::accept::Acceptor;
use super::gate::{ClientPlace, Room, Ticket};
use super::listener::Bound;
use super::opening;
use super::registry::{Entry, Registry};
use super::shared::Running;
use super::stream::Stream;
use crate::connection::{self, Application};
use crate::respond::Peer;

/// Sockets of the current runtime, and what answers on them.
pub(super) struct Serving {
    app: Arc<dyn Application>,
    acceptor: Acceptor,
    room: Room,
    /// Accepted, and waits for room.
    next: Option<(Stream, Peer)>,
    /// Before the connections, for what it counts.
    cut: BeginCut,
    /// Every connection is a task; dropping the set drops them.
    connections: JoinSet<()>,
    running: Running,
}

/// How long a server waits for what does not end although it is cut: something that blocks its thread.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

impl Serving {
    /// Gives the sockets to the current runtime.
    pub(super) fn new(sockets: Vec<Bound>, app: Arc<dyn Application>, running: Running) -> io::Result<Self> {
        let shared = running.shared();
        let sockets = sockets.into_iter().map(|socket| socket.listen(&shared.config.tcp));
        Ok(Self {
            app,
            acceptor: Acceptor::new(sockets.collect::<io::Result<_>>()?),
            room: Room::new(&shared.gate),
            next: None,
            cut: BeginCut(Some(Arc::clone(&shared.registry))),
            connections: JoinSet::new(),
            running,
        })
    }

    /// Serves until the server is asked to end and its connections have ended or are cut.
    #[expect(clippy::manual_async_fn, reason = "states that the future is `Send`")]
    ///
    /// `beside` runs meanwhile.
    pub(super) fn run(mut self, beside: impl Future<Output = ()> + Send) -> impl Future<Output = ()> + Send {
        async move {
            let shared = Arc::clone(self.running.shared());
            let mut beside = pin!(beside);
            {
                let mut draining = pin!(shared.lifecycle.draining());
                poll_fn(|cx| {
                    // It is never done: it asks the server to end.
                    let _ = beside.as_mut().poll(cx);
                    loop {
                        if draining.as_mut().poll(cx).is_ready() {
                            return Poll::Ready(());
                        }
                        ready!(self.poll_connection(cx));
                    }
                })
                .await;
            }
            // Before the sockets close: what has reached them by now was accepted by the system in our name. First the
            // runtime must have had a look at them.
            tokio::task::yield_now().await;
            let sweep = poll_fn(|cx| {
                self.sweep(cx);
                Poll::Ready(())
            });
            // The sweep has a bound of its own, above that of what a task may do at a time.
            tokio::task::unconstrained(sweep).await;
            let Self { app: _app, acceptor, room, next: _, mut connections, running, mut cut } = self;
            drop((acceptor, room));
            shared.registry.leave();
            {
                let mut deadline = pin!(shared.lifecycle.cut());
                poll_fn(|cx| {
                    // It may change its mind about the deadline.
                    let _ = beside.as_mut().poll(cx);
                    while let Poll::Ready(ended) = connections.poll_join_next(cx) {
                        if ended.is_none() {
                            return Poll::Ready(());
                        }
                    }
                    deadline.as_mut().poll(cx)
                })
                .await;
            }
            if connections.is_empty() {
                cut.0 = None;
            }
            drop(cut);
            // Aborts what is left, and waits until it has been dropped.
            if timeout(PATIENCE, connections.shutdown()).await.is_err() {
                #[cfg(feature = "tracing")]
                tracing::warn!(
                    connections = connections.len(),
                    "handlers block their threads: not waiting for them"
                );
                shared.lifecycle.end();
            }
            drop(running);
        }
    }

    /// Accepts one connection and has it served.
    fn poll_connection(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // Takes leave of those that have ended, or their memory would stay until the next one comes. How they ended is
        // of no interest here; a panic has been reported by the panic hook.
        while let Poll::Ready(Some(_)) = self.connections.poll_join_next(cx) {}
        if self.next.is_none() {
            self.next = Some(ready!(self.acceptor.poll_accept(cx)));
        }
        if self.next.is_some() {
            // Only now: a loop to which nobody comes keeps no room from the others.
            let ticket = ready!(self.room.poll_take(cx));
            if let Some((stream, peer)) = self.next.take() {
                self.attend(stream, peer, ticket);
            }
        }
        Poll::Ready(())
    }

    /// Accepts what waits in the system's queues, at most as much as they hold: peers that go on connecting do not keep
    /// the server from ending. Where there is no room, it is waited for until the server cuts.
    fn sweep(&mut self, cx: &mut Context<'_>) {
        let backlog = self.running.shared().config.tcp.backlog.max(1);
        let most = self
            .acceptor
            .keep_system_sockets()
            .saturating_mul(usize::try_from(backlog).unwrap_or(usize::MAX));
        let mut next = self.next.take();
        for _ in 0..most {
            if let Some((stream, peer)) = next {
                let ticket = self.room.ticket();
                self.attend(stream, peer, ticket);
            }
            let Poll::Ready(accepted) = self.acceptor.poll_accept(cx) else { return };
            next = Some(accepted);
        }
        if let Some((stream, peer)) = next {
            let ticket = self.room.ticket();
            self.attend(stream, peer, ticket);
        }
    }

    /// Has a connection served, when there is room, unless its client has too many already.
    fn attend(&mut self, stream: Stream, peer: Peer, ticket: Ticket) {
        let shared = self.running.shared();
        // Who a proxy's client is, it has yet to say.
        let client = peer.address.filter(|_| !shared.config.proxies.is_proxy(&peer));
        let Some(place) = shared.gate.admit(client.map(|address| address.ip())) else {
            return shared.registry.refused();
        };
        let entry = shared.registry.enter();
        let held = (ticket, place);
        let attending = attend(held, stream, peer, Arc::clone(&self.app), self.running.clone(), entry);
        self.connections.spawn(Attended { attending, _running: self.running.clone() });
    }
}

/// Has what is cut counted when it is dropped, whether that is at the deadline or because the server is dropped.
struct BeginCut(Option<Arc<Registry>>);

impl Drop for BeginCut {
    fn drop(&mut self) {
        if let Some(registry) = &self.0 {
            registry.begin_cut();
        }
    }
}

pin_project! {
    /// The task of a connection: an `async` block would keep what it is given twice.
    ///
    /// Dropped in this order: the server has ended when its last connection has gone.
    struct Attended<F> {
        #[pin]
        attending: F,
        _running: Running,
    }
}

impl<F: Future<Output = ()>> Future for Attended<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().attending.poll(cx)
    }
}

/// Serves one connection to its end, when there is room for it.
async fn attend(
    (ticket, place): (Ticket, Option<ClientPlace>),
    stream: Stream,
    peer: Peer,
    app: Arc<dyn Application>,
    running: Running,
    entry: Entry,
) {
    let _room = ticket.redeem().await;
    // Given back first: who finds the room finds the place.
    let _place = place;
    let Some(opened) = opening::open(stream, peer, running.shared()).await else { return entry.finish() };
    let (stream, peer, spoken, place) = opened.into_parts();
    let watch = Arc::clone(entry.watch());
    let limits = Arc::clone(&running.shared().limits);
    // The server has ended when the tasks of HTTP/2 have, too.
    connection::serve_any(stream, app, peer, limits, watch, spoken, running).await;
    drop(place);
    entry.finish();
}
