//! The cryptography: aws-lc-rs, or ring where that alone was asked for.
//!
//! It is handed to every configuration by hand, so that no process-wide default is set, needed or heeded.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::server::ProducesTickets;

#[cfg(feature = "tls")]
use rustls::crypto::aws_lc_rs as backend;
#[cfg(not(feature = "tls"))]
use rustls::crypto::ring as backend;

use super::TlsError;

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(backend::default_provider())
}

/// Keys that seal session tickets: random, changed every 6 hours and forgotten after 12.
pub(super) fn tickets() -> Result<Arc<dyn ProducesTickets>, TlsError> {
    backend::Ticketer::new().map_err(TlsError::refused)
}
