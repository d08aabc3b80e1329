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
    handshakes: Semaphore,
    clients: Option<Arc<Clients>>,
}

impl Gate {
    pub(super) fn new(limits: &Limits) -> Self {
        let connections = open_files().map_or(limits.connections, |files| {
            limits.connections.min(files.saturating_sub(Self::SPARE_FILES).max(1))
        });
        Self {
            connections: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            handshakes: Semaphore::new(limits.handshakes.min(Semaphore::MAX_PERMITS)),
            clients: limits.connections_per_client.map(|limit| Arc::new(Clients::new(limit))),
        }
    }

    /// Open files that are left to the application.
    const SPARE_FILES: usize = 100;

    /// Waits for its turn to shake hands.
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

/// Room for one more connection, sought before one is accepted.
pub(super) struct Room {
    connections: Arc<Semaphore>,
    found: Option<OwnedSemaphorePermit>,
    waiting: Option<Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send>>>,
}

impl Room {
    pub(super) fn new(gate: &Gate) -> Self {
        Self { connections: Arc::clone(&gate.connections), found: None, waiting: None }
    }

    /// Ready when there is room, which stays until it is [taken](Self::take).
    pub(super) fn poll_found(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.found.is_some() {
            return Poll::Ready(());
        }
        if self.waiting.is_none() {
            if let Ok(permit) = Arc::clone(&self.connections).try_acquire_owned() {
                self.found = Some(permit);
                return Poll::Ready(());
            }
            #[cfg(feature = "tracing")]
            tracing::warn!("as many connections as there may be: further ones wait");
        }
        let connections = &self.connections;
        let waiting = self.waiting.get_or_insert_with(|| {
            let connections = Arc::clone(connections);
            Box::pin(async move { connections.acquire_owned().await.ok() })
        });
        self.found = ready!(waiting.as_mut().poll(cx));
        self.waiting = None;
        Poll::Ready(())
    }

    pub(super) fn take(&mut self) -> Option<OwnedSemaphorePermit> {
        self.found.take()
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
