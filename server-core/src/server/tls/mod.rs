//! TLS: certificates, handshakes, and what came of them.
//!
//! It takes any stream and makes a stream; it knows neither sockets nor HTTP. rustls is named in this folder and nowhere
//! else, and in no public signature save one, whose name has its version.

// The features are shown where the types are exported; `_tls` is nobody's business.
#![cfg_attr(docsrs, doc(auto_cfg = false))]

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::respond::TlsVersion;

mod acceptor;
mod certificate;
mod client_auth;
mod error;
mod names;
mod pem;
mod provider;
mod reloader;
mod settings;
#[cfg(test)]
mod tests;
mod validity;

pub use certificate::TlsCertificate;
pub use client_auth::ClientAuth;
pub use error::TlsError;
pub use reloader::TlsReloader;

pub(super) use acceptor::{Acceptor, TlsStream};

use names::{Entry, Name};
use reloader::Shared;
use settings::{Protocols, Settings};

/// How a server speaks TLS: TLS 1.2 and 1.3, with its certificates.
///
/// ```no_run
/// use waypost::{Tls, TlsCertificate};
///
/// # fn main() -> Result<(), waypost::TlsError> {
/// // One certificate for all; its key in PKCS #8, PKCS #1 or SEC 1.
/// let tls = Tls::from_pem_files("fullchain.pem", "privkey.pem")?;
///
/// // Others for other names, which clients ask for (SNI).
/// let shop = TlsCertificate::from_pem_files("shop.pem", "shop.key")?;
/// let tls = tls.certificate(shop)?;
///
/// // Renewed while the server runs.
/// let reloader = tls.reloader();
/// # Ok(()) }
/// ```
///
/// # What it does
///
/// - The client is told which protocols the server speaks (ALPN), `h2` before `http/1.1`.
/// - Sessions are resumed by tickets, whose keys are random, change every 6 hours and are gone after 12; clients of TLS 1.2
///   without tickets find one of the last 256 sessions.
/// - Early data (0-RTT), which can be replayed, is not accepted. Secrets are never logged (`SSLKEYLOGFILE`).
/// - The cryptography is aws-lc-rs (feature `tls`) or ring (feature `tls-ring`). No process-wide default of rustls is set
///   or needed.
pub struct Tls {
    shared: Arc<Shared>,
}

impl Tls {
    /// With a certificate for all names.
    ///
    /// ```no_run
    /// use waypost::{Tls, TlsCertificate};
    ///
    /// # fn main() -> Result<(), waypost::TlsError> {
    /// let tls = Tls::new(TlsCertificate::from_pem_files("cert.pem", "key.pem")?)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the system gives no randomness.
    pub fn new(certificate: TlsCertificate) -> Result<Self, TlsError> {
        Ok(Self { shared: Shared::new(Settings::new(certificate)?) })
    }

    /// With a certificate (its chain included) and its key from files in PEM, as
    /// [`TlsCertificate::from_pem_files`] reads them.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), waypost::TlsError> {
    /// let tls = waypost::Tls::from_pem_files("fullchain.pem", "privkey.pem")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As there: it names the file and what is wrong with it.
    pub fn from_pem_files(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, TlsError> {
        Self::new(TlsCertificate::from_pem_files(certificate, key)?)
    }

    /// With a certificate and its key as text in PEM, as [`TlsCertificate::from_pem`] takes them.
    ///
    /// ```
    /// assert!(waypost::Tls::from_pem("no certificate", "no key").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// As there.
    pub fn from_pem(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        Self::new(TlsCertificate::from_pem(certificate, key)?)
    }

    /// With a configuration of rustls 0.23, for what there is no setting for here.
    ///
    /// It is taken as it is, save that its ALPN protocols are filled in if it names none. It is complete: whoever calls
    /// [`certificate`](Self::certificate) or another setting on it has an error when the server begins.
    ///
    /// rustls is no part of this crate's promises otherwise: this method goes when 0.23 is no longer supported, and
    /// stands beside one for the next version until then.
    ///
    /// ```no_run
    /// # fn example(config: rustls::ServerConfig) {
    /// let tls = waypost::Tls::from_rustls_0_23(std::sync::Arc::new(config));
    /// # }
    /// ```
    #[must_use]
    pub fn from_rustls_0_23(config: Arc<rustls::ServerConfig>) -> Self {
        Self { shared: Shared::new(Settings::Rustls { config, is_altered: false }) }
    }

    /// Presents another certificate to clients that ask for one of its names.
    ///
    /// Of several with the same name, such as an RSA one beside an ECDSA one, the first that the client understands is
    /// presented. The very first certificate is also presented to clients that ask for no or for an unknown name.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), waypost::TlsError> {
    /// # use waypost::{Tls, TlsCertificate};
    /// let tls = Tls::from_pem_files("ecdsa.pem", "ecdsa.key")?
    ///     .certificate(TlsCertificate::from_pem_files("rsa.pem", "rsa.key")?)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the certificate has no DNS name.
    pub fn certificate(self, certificate: TlsCertificate) -> Result<Self, TlsError> {
        if certificate.names().next().is_none() {
            return Err(TlsError::new("a certificate without a DNS name needs one: use `certificate_for`"));
        }
        self.add(Entry { certificate, name: None });
        Ok(self)
    }

    /// Presents another certificate to clients that ask for this name, whatever names it has itself.
    ///
    /// `*.example.org` is any one label before `example.org`; a whole name goes before it.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), waypost::TlsError> {
    /// # use waypost::{Tls, TlsCertificate};
    /// let tenants = TlsCertificate::from_pem_files("tenants.pem", "tenants.key")?;
    /// let tls = Tls::from_pem_files("cert.pem", "key.pem")?.certificate_for("*.example.org", tenants)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When it is not a name (in ASCII, without a port and without a dot at its end).
    pub fn certificate_for(self, name: &str, certificate: TlsCertificate) -> Result<Self, TlsError> {
        self.add(Entry { certificate, name: Some(Name::parse(name)?) });
        Ok(self)
    }

    /// Ends the handshake with clients that ask for no name, or for one that no certificate was given for, so that
    /// whoever scans addresses learns no names. Without it they get the first certificate.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), waypost::TlsError> {
    /// let tls = waypost::Tls::from_pem_files("cert.pem", "key.pem")?.refuse_unknown_names();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn refuse_unknown_names(self) -> Self {
        self.shared.lock().settings.alter(|own| own.refuses_unknown_names = true);
        self
    }

    /// Asks clients for certificates (mutual TLS).
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use waypost::{ClientAuth, Tls};
    /// let auth = ClientAuth::required(std::fs::read("clients-ca.pem")?)?;
    /// let tls = Tls::from_pem_files("cert.pem", "key.pem")?.client_auth(auth);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn client_auth(self, auth: ClientAuth) -> Self {
        self.shared.lock().settings.alter(|own| own.client_auth = Some(auth));
        self
    }

    /// Speaks no older version; it is TLS 1.2 without this.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), waypost::TlsError> {
    /// # use waypost::{Tls, TlsVersion};
    /// let tls = Tls::from_pem_files("cert.pem", "key.pem")?.min_version(TlsVersion::Tls13);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn min_version(self, version: TlsVersion) -> Self {
        self.shared.lock().settings.alter(|own| own.min_version = version);
        self
    }

    /// What renews the certificates while a server runs. It may be asked for at any time before the server takes this.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), waypost::TlsError> {
    /// let tls = waypost::Tls::from_pem_files("cert.pem", "key.pem")?;
    /// let reloader = tls.reloader();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn reloader(&self) -> TlsReloader {
        TlsReloader::new(Arc::clone(&self.shared))
    }

    /// What makes handshakes for a server that speaks these protocols.
    pub(crate) fn acceptor(&self, http1: bool, http2: bool) -> Result<Acceptor, TlsError> {
        self.shared.acceptor(Protocols { http1, http2 })
    }

    fn add(&self, entry: Entry) {
        self.shared.lock().settings.alter(|own| own.entries.push(entry));
    }

    fn into_settings(self) -> Settings {
        self.shared.lock().settings.clone()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.shared.lock().settings).finish()
    }
}
