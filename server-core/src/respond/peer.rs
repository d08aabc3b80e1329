//! Who is at the other end of a connection.

use std::net::SocketAddr;
use std::sync::Arc;

use super::TlsInfo;
use crate::lifecycle::Shutdown;
use crate::trust::{ForwardedHeaders, TrustedProxies};

/// The other end of a connection, as the transport knows it, and whether its word is taken about clients behind it.
///
/// ```
/// use waypost::Peer;
///
/// let peer = Peer::new(Some(([192, 0, 2, 1], 4711).into()));
/// assert_eq!(peer.address.unwrap().port(), 4711);
/// assert_eq!(Peer::default().address, None);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Peer {
    /// Its socket address; `None` where the transport has none, such as a Unix socket.
    ///
    /// Where the connection began with a header of the PROXY protocol, it is the address that the header told: it
    /// stands for the peer's own in everything, trust included.
    pub address: Option<SocketAddr>,
    /// Everything else, shared by the requests of the connection.
    link: Option<Arc<Link>>,
}

#[derive(Clone, Debug, Default)]
struct Link {
    is_unix: bool,
    tls: Option<TlsInfo>,
    /// There only where the peer is trusted, so that nobody else's fields are ever looked at.
    forwarded: Option<Forwarded>,
    shutdown: Shutdown,
    /// By a server of ours, which can hand over a connection.
    #[cfg(feature = "server")]
    is_served: bool,
}

/// A reference to what the requests of a connection share, left by one of them for the next, so that none is counted.
#[derive(Debug, Default)]
pub(crate) struct SpareLink(Option<Arc<Link>>);

impl SpareLink {
    pub(crate) const NONE: Self = Self(None);
}

/// What a trusted peer may tell, and who else may.
#[derive(Clone, Debug)]
pub(crate) struct Forwarded {
    pub(crate) headers: ForwardedHeaders,
    pub(crate) proxies: TrustedProxies,
}

impl Peer {
    /// A peer known by its socket address.
    ///
    /// ```
    /// use waypost::Peer;
    ///
    /// let peer = Peer::new(Some(([192, 0, 2, 1], 4711).into()));
    /// assert_eq!(peer.address.unwrap().to_string(), "192.0.2.1:4711");
    /// ```
    #[must_use]
    pub fn new(address: Option<SocketAddr>) -> Self {
        Self { address, link: None }
    }

    /// A peer that came by a Unix socket, which has no address worth telling.
    ///
    /// ```
    /// use waypost::{Peer, TrustedProxies};
    ///
    /// let proxies = TrustedProxies::new(["unix"]).unwrap();
    /// assert!(Peer::unix().is_trusted_by(&proxies));
    /// assert!(!Peer::new(None).is_trusted_by(&proxies), "it may have come from anywhere");
    /// ```
    #[must_use]
    pub fn unix() -> Self {
        let mut peer = Self::default();
        peer.link_mut().is_unix = true;
        peer
    }

    /// The same, on a connection with TLS: what it asks for are `https` URIs.
    ///
    /// ```
    /// use waypost::{Peer, TlsInfo, TlsVersion};
    ///
    /// let peer = Peer::default().with_tls(TlsInfo::new(TlsVersion::Tls13));
    /// assert_eq!(peer.tls().unwrap().version(), TlsVersion::Tls13);
    /// ```
    #[must_use]
    pub fn with_tls(mut self, info: TlsInfo) -> Self {
        self.link_mut().tls = Some(info);
        self
    }

    /// Believes what these header fields say about the client, where the peer is one of the proxies. Of any other peer
    /// they stay what they are: text that a client chose.
    ///
    /// A transport says it once a connection. [`ClientAddr`](crate::ClientAddr) and
    /// [`TargetOrigin`](crate::TargetOrigin) tell how the fields are read.
    ///
    /// ```
    /// use waypost::{App, ClientAddr, ForwardedHeaders, Peer, TrustedProxies, get, routes, test::Client};
    ///
    /// #[get("/ip")]
    /// async fn ip(client: ClientAddr) -> String {
    ///     client.ip().to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
    /// for (peer, client) in [([10, 0, 0, 1], "192.0.2.7"), ([198, 51, 100, 1], "198.51.100.1")] {
    ///     let peer = Peer::new(Some((peer, 443).into())).with_forwarded(ForwardedHeaders::XForwarded, &proxies);
    ///     let app = Client::new(App::new(routes![ip])).with_peer(peer);
    ///     let reply = app.get("/ip").header("x-forwarded-for", "203.0.113.9, 192.0.2.7").send().await;
    ///     assert_eq!(reply.text().await, client);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn with_forwarded(mut self, headers: ForwardedHeaders, proxies: &TrustedProxies) -> Self {
        let is_believed = headers != ForwardedHeaders::None && self.is_trusted_by(proxies);
        self.link_mut().forwarded = is_believed.then(|| Forwarded { headers, proxies: proxies.clone() });
        self
    }

    /// Whether it is one of the proxies: by its address, or where they contain Unix sockets and it came by one.
    ///
    /// ```
    /// use waypost::{Peer, TrustedProxies};
    ///
    /// let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
    /// assert!(Peer::new(Some(([10, 0, 0, 1], 443).into())).is_trusted_by(&proxies));
    /// assert!(!Peer::default().is_trusted_by(&proxies));
    /// ```
    #[must_use]
    pub fn is_trusted_by(&self, proxies: &TrustedProxies) -> bool {
        match self.address {
            Some(address) => proxies.contains(address.ip()),
            None => self.is_unix() && proxies.contains_unix(),
        }
    }

    /// Whether it came by a Unix socket.
    ///
    /// ```
    /// assert!(waypost::Peer::unix().is_unix());
    /// assert!(!waypost::Peer::default().is_unix());
    /// ```
    #[must_use]
    pub fn is_unix(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.is_unix)
    }

    /// What TLS found out about it; `None` on a connection without.
    ///
    /// ```
    /// assert!(waypost::Peer::default().tls().is_none());
    /// ```
    #[must_use]
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.link.as_ref()?.tls.as_ref()
    }

    /// What it may tell of clients: nothing, if its address is no longer the one that was trusted.
    pub(crate) fn forwarded(&self) -> Option<&Forwarded> {
        self.link.as_ref()?.forwarded.as_ref().filter(|forwarded| self.is_trusted_by(&forwarded.proxies))
    }

    /// The same, on a connection of a server.
    #[cfg(feature = "server")]
    pub(crate) fn on(mut self, shutdown: Shutdown) -> Self {
        let link = self.link_mut();
        link.shutdown = shutdown;
        link.is_served = true;
        self
    }

    /// Whether a server of ours has the connection.
    #[cfg(feature = "server")]
    pub(crate) fn is_served(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.is_served)
    }

    /// How the server says that it is about to end.
    pub(crate) fn shutdown(&self) -> Shutdown {
        self.link.as_ref().map(|link| link.shutdown.clone()).unwrap_or_default()
    }

    /// A copy for a request, with the reference that an earlier one of the same peer may have left.
    #[inline]
    pub(crate) fn lend(&self, spare: &mut SpareLink) -> Self {
        let link = self.link.as_ref().map(|link| match spare.0.take() {
            Some(spare) if Arc::ptr_eq(&spare, link) => spare,
            _ => Arc::clone(link),
        });
        Self { address: self.address, link }
    }

    /// Leaves the reference for a later request.
    #[inline]
    pub(crate) fn give_back(&mut self, spare: &mut SpareLink) {
        spare.0 = self.link.take();
    }

    fn link_mut(&mut self) -> &mut Link {
        Arc::make_mut(self.link.get_or_insert_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_left_is_used_again_by_the_same_peer_alone() {
        let (peer, other) = (Peer::unix(), Peer::unix());
        let count = |peer: &Peer| Arc::strong_count(peer.link.as_ref().unwrap());
        let mut spare = SpareLink::NONE;
        let mut lent = peer.lend(&mut spare);
        assert!(lent.is_unix() && count(&peer) == 2);
        lent.give_back(&mut spare);
        assert_eq!(count(&peer), 2);
        let mut again = peer.lend(&mut spare);
        assert!(again.is_unix() && count(&peer) == 2);
        again.give_back(&mut spare);
        assert!(Arc::ptr_eq(other.lend(&mut spare).link.as_ref().unwrap(), other.link.as_ref().unwrap()));
        assert_eq!(count(&peer), 1);
        peer.lend(&mut SpareLink::default()).give_back(&mut spare);
        assert!(spare.0.is_some() && !Peer::default().lend(&mut spare).is_unix());
    }
}
