//! Where a server is between its start and its end, and how everybody hears of it.

use std::fmt;

#[cfg(feature = "server")]
mod served;

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
