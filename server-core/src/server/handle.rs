//! The hand on a server that runs.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::listener::Address;
use super::shared::Shared;
use super::stats::Stats;

/// A server that runs: to ask it, and to end it. Clones are the same; dropping them all does not end it.
///
/// ```
/// use std::time::Duration;
/// use waypost::{App, Server, get, routes};
///
/// #[get("/")]
/// async fn index() -> &'static str {
///     "hello"
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
/// let handle = Server::bind("127.0.0.1:0").await?.spawn(App::new(routes![index]))?;
/// println!("serving http://{}/", handle.addr());
///
/// let drained = handle.shutdown(Duration::from_secs(10)).await;
/// assert_eq!(drained.connections, 0); // nothing had to be cut
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

impl Handle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The first address it listens on; a TCP address with the real port.
    ///
    /// ```
    /// # fn example(handle: &waypost::Handle) {
    /// println!("serving http://{}/", handle.addr());
    /// # }
    /// ```
    #[must_use]
    pub fn addr(&self) -> &Address {
        // A server is not made without an address.
        &self.shared.addresses[0]
    }

    /// All addresses it listens on.
    ///
    /// ```
    /// # fn example(handle: &waypost::Handle) {
    /// for address in handle.addrs() {
    ///     println!("listening on {address}");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn addrs(&self) -> &[Address] {
        &self.shared.addresses
    }

    /// What it has done so far.
    ///
    /// ```
    /// # fn example(handle: &waypost::Handle) {
    /// let stats = handle.stats();
    /// println!("{} requests on {} connections", stats.requests(), stats.connections_accepted);
    /// # }
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.registry.stats()
    }

    /// Ends it: from now on it accepts nothing, ends idle connections at once (new ones, whose first request may be on
    /// its way, after a quarter of a second), tells the others that this is their last request (`Connection: close`,
    /// GOAWAY), and cuts what is left after `deadline`. The settings'
    /// [delay](crate::config::Drain::delay) is not kept.
    ///
    /// It begins with the call; the future waits for the end and tells what was cut. Called again, the earlier
    /// deadline holds.
    ///
    /// ```
    /// # async fn example(handle: waypost::Handle) {
    /// use std::time::Duration;
    ///
    /// let cut = handle.shutdown(Duration::from_secs(30)).await;
    /// println!("{} connections with {} requests were cut", cut.connections, cut.requests);
    /// # }
    /// ```
    pub fn shutdown(&self, deadline: Duration) -> impl Future<Output = Drained> + Send + use<> {
        self.shared.lifecycle.leave(Duration::ZERO, deadline);
        self.clone().into_ended()
    }

    /// Waits until it has ended, whoever ended it.
    ///
    /// ```
    /// # async fn example(handle: waypost::Handle) {
    /// let cut = handle.ended().await;
    /// println!("{} connections were cut", cut.connections);
    /// # }
    /// ```
    pub fn ended(&self) -> impl Future<Output = Drained> + Send + use<> {
        self.clone().into_ended()
    }

    async fn into_ended(self) -> Drained {
        self.shared.lifecycle.ended().await;
        self.shared.registry.cut()
    }

    /// Says whether new requests are welcome, as [`Shutdown::is_ready`](crate::Shutdown::is_ready) then tells: `false`
    /// while the application warms up or is without what it needs. At first they are.
    ///
    /// ```
    /// # fn example(handle: &waypost::Handle) {
    /// handle.set_ready(false);
    /// // fill the caches
    /// handle.set_ready(true);
    /// # }
    /// ```
    pub fn set_ready(&self, ready: bool) {
        self.shared.lifecycle.set_ready(ready);
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("addrs", &self.addrs()).finish_non_exhaustive()
    }
}

/// How a server ended: what it had to cut, because it was not done by the deadline (or was dropped).
///
/// ```
/// assert_eq!(waypost::Drained::default().requests, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// Connections that were cut.
    pub connections: u64,
    /// Requests that were in progress on them.
    pub requests: u64,
}
