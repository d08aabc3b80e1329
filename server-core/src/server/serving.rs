//! The loop of one runtime: accepts connections, keeps them served, and ends.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;

use super::accept::Acceptor;
use super::gate::{ClientPlace, Room};
use super::listener::Bound;
use super::opening;
use super::registry::Entry;
use super::shared::Running;
use super::stream::Stream;
use crate::connection;
use crate::respond::{Peer, Respond};

/// Sockets of the current runtime, and what answers on them.
pub(super) struct Serving<A> {
    app: Arc<A>,
    acceptor: Acceptor,
    room: Room,
    /// Every connection is a task; dropping the set drops them.
    connections: JoinSet<()>,
    running: Running,
}

impl<A: Respond> Serving<A> {
    /// Gives the sockets to the current runtime.
    pub(super) fn new(sockets: Vec<Bound>, app: Arc<A>, running: Running) -> io::Result<Self> {
        let sockets = sockets.into_iter().map(Bound::listen).collect::<io::Result<_>>()?;
        Ok(Self {
            app,
            acceptor: Acceptor::new(sockets),
            room: Room::new(&running.shared().gate),
            connections: JoinSet::new(),
            running,
        })
    }

    /// Serves until the server is asked to end and its connections have ended or are cut.
    #[expect(clippy::manual_async_fn, reason = "states that the future is `Send`")]
    ///
    /// `beside` runs meanwhile, until nothing more is accepted.
    pub(super) fn run(mut self, beside: impl Future<Output = ()> + Send) -> impl Future<Output = ()> + Send {
        async move {
            let shared = Arc::clone(self.running.shared());
            {
                let mut draining = pin!(shared.lifecycle.draining());
                let mut beside = pin!(beside);
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
            poll_fn(|cx| {
                while self.poll_connection(cx).is_ready() {}
                Poll::Ready(())
            })
            .await;
            let Self { app: _app, acceptor, room, mut connections, running } = self;
            drop((acceptor, room));
            shared.registry.leave();
            {
                let mut cut = pin!(shared.lifecycle.cut());
                poll_fn(|cx| {
                    while let Poll::Ready(ended) = connections.poll_join_next(cx) {
                        if ended.is_none() {
                            return Poll::Ready(());
                        }
                    }
                    cut.as_mut().poll(cx)
                })
                .await;
            }
            // Aborts what is left, and waits until it has been dropped.
            connections.shutdown().await;
            drop(running);
        }
    }

    /// Accepts one connection and has it served.
    fn poll_connection(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // Takes leave of those that have ended, or their memory would stay until the next one comes. How they ended is
        // of no interest here; a panic has been reported by the panic hook.
        while let Poll::Ready(Some(_)) = self.connections.poll_join_next(cx) {}
        ready!(self.room.poll_found(cx));
        let (stream, peer) = ready!(self.acceptor.poll_accept(cx));
        let shared = self.running.shared();
        // Who a proxy's client is, it has yet to say.
        let client = peer.address.filter(|_| !shared.config.proxies.is_proxy(&peer));
        let Some(place) = shared.gate.admit(client.map(|address| address.ip())) else {
            shared.registry.refused();
            return Poll::Ready(());
        };
        let held = (self.room.take(), place);
        let entry = shared.registry.enter();
        let attending = attend(stream, peer, Arc::clone(&self.app), self.running.clone(), entry);
        self.connections.spawn(Attended { attending, _held: held, _running: self.running.clone() });
        Poll::Ready(())
    }
}

pin_project! {
    /// The task of a connection: an `async` block would keep what it is given twice.
    ///
    /// Dropped in this order: the server has ended when its last connection has gone.
    struct Attended<F> {
        #[pin]
        attending: F,
        _held: (Option<OwnedSemaphorePermit>, Option<ClientPlace>),
        _running: Running,
    }
}

impl<F: Future<Output = ()>> Future for Attended<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().attending.poll(cx)
    }
}

/// Serves one connection to its end.
async fn attend<A: Respond>(stream: Stream, peer: Peer, app: Arc<A>, running: Running, entry: Entry) {
    let Some(opened) = opening::open(stream, peer, running.shared()).await else { return entry.finish() };
    let (stream, peer, spoken, place) = opened.into_parts();
    let watch = Arc::clone(entry.watch());
    let limits = Arc::clone(&running.shared().limits);
    // The server has ended when the tasks of HTTP/2 have, too.
    connection::serve(stream, app, peer, limits, watch, spoken, running).await;
    drop(place);
    entry.finish();
}
