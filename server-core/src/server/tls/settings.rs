//! All that a server says of TLS, and the rustls configuration it makes.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{NoClientAuth, ProducesTickets, StoresServerSessions};

use super::names::{Entry, Names};
use super::provider::{provider, tickets};
use super::{ClientAuth, TlsCertificate, TlsError};
use crate::respond::TlsVersion;

/// What the server speaks on the connection, as it tells the client (ALPN, RFC 7301).
#[derive(Clone, Copy, Debug)]
pub(super) struct Protocols {
    pub(super) http1: bool,
    pub(super) http2: bool,
}

impl Protocols {
    /// By preference.
    fn names(self) -> Vec<Vec<u8>> {
        let offered = [(self.http2, "h2"), (self.http1, "http/1.1")];
        offered.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name.into()).collect()
    }
}

#[derive(Clone, Debug)]
pub(super) enum Settings {
    Own(Own),
    /// Made by the user; whether settings were to be added, which it has no room for.
    Rustls {
        config: Arc<ServerConfig>,
        is_altered: bool,
    },
}

#[derive(Clone)]
pub(super) struct Own {
    /// The first one's certificate is the default.
    pub(super) entries: Vec<Entry>,
    pub(super) refuses_unknown_names: bool,
    pub(super) client_auth: Option<ClientAuth>,
    pub(super) min_version: TlsVersion,
    /// Kept when certificates are changed, so that clients go on with their sessions.
    tickets: Arc<dyn ProducesTickets>,
    /// Sessions of TLS 1.2 clients that know no tickets.
    sessions: Arc<dyn StoresServerSessions>,
}

impl Settings {
    pub(super) fn new(certificate: TlsCertificate) -> Result<Self, TlsError> {
        Ok(Self::Own(Own {
            entries: vec![Entry { certificate, name: None }],
            refuses_unknown_names: false,
            client_auth: None,
            min_version: TlsVersion::Tls12,
            tickets: tickets()?,
            sessions: rustls::server::ServerSessionMemoryCache::new(SESSIONS),
        }))
    }

    /// Changes a setting.
    pub(super) fn alter(&mut self, change: impl FnOnce(&mut Own)) {
        match self {
            Self::Own(own) => change(own),
            Self::Rustls { is_altered, .. } => *is_altered = true,
        }
    }

    /// The same with every file read again.
    pub(super) fn reread(&self) -> Result<Self, TlsError> {
        let mut fresh = self.clone();
        if let Self::Own(own) = &mut fresh {
            for entry in &mut own.entries {
                entry.certificate = entry.certificate.reread()?;
            }
        }
        Ok(fresh)
    }

    pub(super) fn config(&self, protocols: Protocols) -> Result<Arc<ServerConfig>, TlsError> {
        match self {
            Self::Own(own) => own.config(protocols).map(Arc::new),
            Self::Rustls { is_altered: true, .. } => {
                Err(TlsError::refused("a configuration of rustls is complete, set there what you need"))
            }
            Self::Rustls { config, .. } if config.alpn_protocols.is_empty() => {
                let mut config = ServerConfig::clone(config);
                config.alpn_protocols = protocols.names();
                Ok(Arc::new(config))
            }
            Self::Rustls { config, .. } => Ok(Arc::clone(config)),
        }
    }
}

/// How many sessions of TLS 1.2 without tickets are remembered.
const SESSIONS: usize = 256;

impl Own {
    fn config(&self, protocols: Protocols) -> Result<ServerConfig, TlsError> {
        let versions: &[_] = match self.min_version {
            TlsVersion::Tls12 => &[&rustls::version::TLS13, &rustls::version::TLS12],
            TlsVersion::Tls13 => &[&rustls::version::TLS13],
        };
        let verifier = match &self.client_auth {
            Some(auth) => auth.verifier(),
            None => Arc::new(NoClientAuth),
        };
        let default = match self.refuses_unknown_names {
            true => None,
            false => self.entries.first().map(|entry| &entry.certificate),
        };
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .map_err(TlsError::refused)?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::new(Names::new(&self.entries, default)));
        config.alpn_protocols = protocols.names();
        config.ticketer = Arc::clone(&self.tickets);
        config.session_storage = Arc::clone(&self.sessions);
        Ok(config)
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own")
            .field("entries", &self.entries)
            .field("refuses_unknown_names", &self.refuses_unknown_names)
            .field("client_auth", &self.client_auth)
            .field("min_version", &self.min_version)
            .finish_non_exhaustive()
    }
}
