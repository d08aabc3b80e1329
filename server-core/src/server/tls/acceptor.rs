//! From a stream to a stream within TLS.

use std::future::Future;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::{HandshakeKind, ProtocolVersion, ServerConfig, ServerConnection};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
pub(in super::super) use tokio_rustls::server::TlsStream;

use super::TlsError;
use super::settings::{Protocols, Settings};
use crate::respond::{TlsInfo, TlsVersion};

/// Takes the server's side of handshakes, as the settings are at the time.
#[derive(Clone, Debug)]
pub(crate) struct Acceptor {
    current: Arc<Current>,
}

/// What new handshakes are made with.
#[derive(Debug)]
pub(super) struct Current {
    protocols: Protocols,
    config: RwLock<Arc<ServerConfig>>,
}

impl Current {
    pub(super) fn new(settings: &Settings, protocols: Protocols) -> Result<Arc<Self>, TlsError> {
        let config = RwLock::new(settings.config(protocols)?);
        Ok(Arc::new(Self { protocols, config }))
    }

    /// What these settings would make.
    pub(super) fn prepare(&self, settings: &Settings) -> Result<Arc<ServerConfig>, TlsError> {
        settings.config(self.protocols)
    }

    pub(super) fn set(&self, config: Arc<ServerConfig>) {
        // Whoever holds the lock only reads or writes a pointer, so a poisoned one is as good as any.
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Acceptor {
    pub(super) fn new(current: Arc<Current>) -> Self {
        Self { current }
    }

    /// Makes the handshake, however long the client takes: the deadline is the caller's, who drops the future.
    ///
    /// After a failure the client has been told why (an alert), as far as it takes it without being waited for.
    pub(crate) fn accept<S>(
        &self,
        stream: S,
    ) -> impl Future<Output = io::Result<(TlsStream<S>, TlsInfo)>> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let handshake = TlsAcceptor::from(self.current.config()).accept(stream);
        async move {
            let stream = handshake.await?;
            let info = info(stream.get_ref().1);
            Ok((stream, info))
        }
    }
}

fn info(connection: &ServerConnection) -> TlsInfo {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => TlsVersion::Tls12,
        _ => TlsVersion::Tls13,
    };
    let mut info =
        TlsInfo::new(version).with_resumed(connection.handshake_kind() == Some(HandshakeKind::Resumed));
    if let Some(name) = connection.server_name() {
        info = info.with_server_name(name);
    }
    if let Some(protocol) = connection.alpn_protocol() {
        info = info.with_alpn(protocol);
    }
    if let Some(name) = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()) {
        info = info.with_cipher(registered(name));
    }
    let chain = connection.peer_certificates().unwrap_or_default();
    info.with_client_certificates(chain.iter().map(|link| link.to_vec()))
}

/// IANA's name of a cipher suite. rustls has its own for those of TLS 1.3.
fn registered(name: &'static str) -> &'static str {
    match name {
        "TLS13_AES_128_GCM_SHA256" => "TLS_AES_128_GCM_SHA256",
        "TLS13_AES_256_GCM_SHA384" => "TLS_AES_256_GCM_SHA384",
        "TLS13_CHACHA20_POLY1305_SHA256" => "TLS_CHACHA20_POLY1305_SHA256",
        "TLS13_AES_128_CCM_SHA256" => "TLS_AES_128_CCM_SHA256",
        "TLS13_AES_128_CCM_8_SHA256" => "TLS_AES_128_CCM_8_SHA256",
        name => name,
    }
}
