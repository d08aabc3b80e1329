//! What all threads of a server share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::config::Config;
use super::gate::Gate;
use super::listener::Address;
use super::registry::Registry;
use crate::connection::Limits;
use crate::lifecycle::Lifecycle;
use crate::trust::ProxyProtocol;

/// A server, without its sockets and its application.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    /// The same, as a connection wants it.
    pub(super) limits: Arc<Limits>,
    pub(super) addresses: Vec<Address>,
    pub(super) lifecycle: Lifecycle,
    pub(super) registry: Arc<Registry>,
    pub(super) gate: Gate,
    /// Set when it begins to serve, if it is to speak TLS.
    #[cfg(feature = "_tls")]
    pub(super) tls: std::sync::OnceLock<super::tls::Acceptor>,
    /// Parts of it that have not ended.
    running: AtomicUsize,
}

impl Shared {
    /// Whether something comes before HTTP on some connections.
    pub(super) fn has_opening(&self) -> bool {
        let has_tls = {
            #[cfg(feature = "_tls")]
            {
                self.tls.get().is_some()
            }
            #[cfg(not(feature = "_tls"))]
            false
        };
        has_tls || self.config.proxies.protocol != ProxyProtocol::Off
    }
}

/// A part of a server that has not ended: the server itself, later each of its loops. With the last one it has ended,
/// however that came about.
#[derive(Debug)]
pub(super) struct Running(Arc<Shared>);

impl Running {
    /// A server that has not begun to serve.
    pub(super) fn new(config: Config, addresses: Vec<Address>) -> Self {
        let shared = Shared {
            limits: Arc::new(config.connection()),
            gate: Gate::new(&config.limits),
            config,
            addresses,
            lifecycle: Lifecycle::new(),
            registry: Arc::default(),
            #[cfg(feature = "_tls")]
            tls: std::sync::OnceLock::new(),
            running: AtomicUsize::new(1),
        };
        Self(Arc::new(shared))
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }
}

impl Clone for Running {
    fn clone(&self) -> Self {
        self.0.running.fetch_add(1, SeqCst);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, SeqCst) == 1 {
            self.0.lifecycle.end();
        }
    }
}
