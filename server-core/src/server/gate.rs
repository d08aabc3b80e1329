//! How many connections there may be, all in all and from one client.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::config::Limits;

/// Counts connections and handshakes of a server, whatever the number of its runtimes.
#[derive(Debug)]
pub(super) struct Gate {
    connections: Arc<Semaphore>,
    #[cfg(feature = "_tls")]
    handshakes: Semaphore,
    clients: Option<Arc<Clients>>,
}

impl Gate {
    pub(super) fn new(limits: &Limits) -> Self {
        let room = Sizes::of(limits, open_files());
        Self {
            connections: Arc::new(Semaphore::new(room.connections)),
            #[cfg(feature = "_tls")]
            handshakes: Semaphore::new(room.handshakes),
            clients: room.per_client.map(|limit| Arc::new(Clients::new(limit))),
        }
    }

    /// Waits for its turn to shake hands.
    #[cfg(feature = "_tls")]
    pub(super) async fn handshake(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        // `None` would mean that the semaphore is closed, which nobody does.
        self.handshakes.acquire().await.ok()
    }

    /// Lets a client's connection in, if it has not too many.
    pub(super) fn admit(&self, client: Option<IpAddr>) -> Option<Option<ClientPlace>> {
        match (&self.clients, client) {
            (Some(clients), Some(client)) => clients.take(client).map(Some),
            _ => Some(None),
        }
    }
}

/// What the settings come to on this system.
#[derive(Debug, PartialEq, Eq)]
struct Sizes {
    connections: usize,
    handshakes: usize,
    per_client: Option<usize>,
}

impl Sizes {
    /// Open files that are left to the application.
    const SPARE_FILES: usize = 100;

    /// No more connections than the process may have `files`; and then one client may still not take them all, unless it
    /// was to be allowed to.
    fn of(limits: &Limits, files: Option<usize>) -> Self {
        let Limits { connections: wanted, handshakes, connections_per_client: per_client, .. } = *limits;
        let most = files.map_or(usize::MAX, |files| files.saturating_sub(Self::SPARE_FILES).max(1));
        let connections = wanted.min(most).min(Semaphore::MAX_PERMITS);
        let mut sizes = Self { connections, handshakes: handshakes.min(connections), per_client };
        if connections < wanted.min(Semaphore::MAX_PERMITS) {
            let share =
                |limit: usize| if limit < wanted { limit.min((connections / 2).max(1)) } else { connections };
            sizes.per_client = per_client.map(share);
            #[cfg(feature = "tracing")]
            tracing::warn!(
                wanted,
                connections,
                connections_per_client = sizes.per_client,
                handshakes = sizes.handshakes,
                "the process may not open enough files: the limits on connections are lowered"
            );
        }
        sizes
    }
}

/// Room for one more connection, which a loop seeks when it has accepted one.
pub(super) struct Room {
    connections: Arc<Semaphore>,
    waiting: Option<Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send>>>,
}

impl Room {
    pub(super) fn new(gate: &Gate) -> Self {
        Self { connections: Arc::clone(&gate.connections), waiting: None }
    }

    /// Ready with the room when there is some.
    pub(super) fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<Ticket> {
        let is_new = self.waiting.is_none();
        if is_new && let Ok(permit) = Arc::clone(&self.connections).try_acquire_owned() {
            return Poll::Ready(Ticket::Room(permit));
        }
        #[cfg(feature = "tracing")]
        if is_new {
            tracing::warn!("as many connections as there may be: further ones wait");
        }
        let connections = &self.connections;
        let waiting = self.waiting.get_or_insert_with(|| {
            let connections = Arc::clone(connections);
            Box::pin(async move { connections.acquire_owned().await.ok() })
        });
        let found = ready!(waiting.as_mut().poll(cx));
        self.waiting = None;
        Poll::Ready(found.map_or_else(|| self.ticket(), Ticket::Room))
    }

    /// For a connection that waits for room by itself.
    pub(super) fn ticket(&mut self) -> Ticket {
        // The loop itself is not to wait before it.
        self.waiting = None;
        Ticket::Waiting(Arc::clone(&self.connections))
    }
}

/// A connection's room, or its wait for it.
pub(super) enum Ticket {
    Room(OwnedSemaphorePermit),
    Waiting(Arc<Semaphore>),
}

impl Ticket {
    /// Waits for room, if there was none.
    pub(super) async fn redeem(self) -> Option<OwnedSemaphorePermit> {
        match self {
            Self::Room(permit) => Some(permit),
            // `None` would mean that the semaphore is closed, which nobody does.
            Self::Waiting(connections) => connections.acquire_owned().await.ok(),
        }
    }
}

/// How many connections each client has.
#[derive(Debug)]
struct Clients {
    limit: usize,
    counts: Mutex<HashMap<IpAddr, usize>>,
}

impl Clients {
    fn new(limit: usize) -> Self {
        Self { limit, counts: Mutex::default() }
    }

    fn take(self: &Arc<Self>, client: IpAddr) -> Option<ClientPlace> {
        let client = one_client(client);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_default();
        if *count >= self.limit {
            if *count == 0 {
                counts.remove(&client);
            }
            return None;
        }
        *count += 1;
        Some(ClientPlace { clients: Arc::clone(self), client })
    }
}

/// A connection of a client, until it is dropped.
#[derive(Debug)]
pub(super) struct ClientPlace {
    clients: Arc<Clients>,
    client: IpAddr,
}

impl Drop for ClientPlace {
    fn drop(&mut self) {
        let mut counts = self.clients.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}

/// A client may have all the addresses of an IPv6 /64; an IPv4 address may be written as one of IPv6.
fn one_client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// How many files the process may have open, where the system tells.
fn open_files() -> Option<usize> {
    #[cfg(unix)]
    return rustix::process::getrlimit(rustix::process::Resource::Nofile)
        .current
        .and_then(|files| usize::try_from(files).ok());
    #[cfg(not(unix))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_files_lower_all_limits() {
        let limits = Limits::default();
        let sizes = |files| Sizes::of(&limits, files);
        let all = |connections, handshakes, per_client| Sizes { connections, handshakes, per_client };
        assert_eq!(sizes(None), all(10_000, 1_000, Some(5_000)));
        assert_eq!(sizes(Some(1 << 20)), all(10_000, 1_000, Some(5_000)));
        assert_eq!(sizes(Some(1_024)), all(924, 924, Some(462)));
        assert_eq!(sizes(Some(50)), all(1, 1, Some(1)));
        let greedy = Limits { connections: usize::MAX, handshakes: usize::MAX, ..limits.clone() };
        assert_eq!(Sizes::of(&greedy, None).handshakes, Semaphore::MAX_PERMITS);
        let trusting = Limits { connections_per_client: None, ..limits.clone() };
        assert_eq!(Sizes::of(&trusting, Some(1_024)).per_client, None);
        for (limit, expected) in [(5, 5), (9_999, 462), (10_000, 924), (100_000, 924)] {
            let limits = Limits { connections_per_client: Some(limit), ..limits.clone() };
            assert_eq!(Sizes::of(&limits, Some(1_024)).per_client, Some(expected), "{limit}");
        }
    }

    #[test]
    fn a_client_has_its_share_and_gives_it_back() {
        let clients = Arc::new(Clients::new(2));
        let first = clients.take([10, 0, 0, 1].into()).unwrap();
        let _second = clients.take("::ffff:10.0.0.1".parse().unwrap()).unwrap();
        assert!(clients.take([10, 0, 0, 1].into()).is_none());
        assert!(clients.take([10, 0, 0, 2].into()).is_some());
        drop(first);
        assert!(clients.take([10, 0, 0, 1].into()).is_some());
        assert_eq!(clients.counts.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let clients = Arc::new(Clients::new(1));
        let _one = clients.take("2001:db8::1".parse().unwrap()).unwrap();
        assert!(clients.take("2001:db8::2".parse().unwrap()).is_none());
        assert!(clients.take("2001:db8:0:1::1".parse().unwrap()).is_some());
    }
}
