//! Certificates of clients: mutual TLS.

use std::fmt;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::TlsError;
use super::pem::Pem;
use super::provider::provider;

/// Which certificates of clients are accepted, and whether a client must have one.
///
/// A certificate that is presented is always judged: one that is of no given authority, has expired, was revoked or is
/// not for clients ends the handshake. Handlers get it as [`ClientCertificate`](crate::ClientCertificate).
///
/// It is judged in the handshake, and not again while the connection lasts, nor when the client goes on with its session
/// in another one, for at most 12 hours. [`TlsReloader::replace`](crate::TlsReloader::replace) ends all sessions.
///
/// Accepted means only that an authority vouches for it: trust an authority of your own, not one that signs for
/// everybody, and look at whom it names.
///
/// ```no_run
/// use waypost::{ClientAuth, Tls};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let authority = std::fs::read("clients-ca.pem")?;
/// let tls = Tls::from_pem_files("cert.pem", "key.pem")?.client_auth(ClientAuth::required(authority)?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ClientAuth {
    authorities: Arc<RootCertStore>,
    revocation_lists: Vec<CertificateRevocationListDer<'static>>,
    is_required: bool,
    verifier: Arc<dyn ClientCertVerifier>,
}

impl ClientAuth {
    /// Accepts only clients with a certificate of one of these authorities, in PEM.
    ///
    /// ```
    /// use waypost::ClientAuth;
    ///
    /// assert!(ClientAuth::required("not a certificate").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// When the text holds no certificate, or one that no authority can have.
    pub fn required(authorities: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        Self::new(authorities.as_ref(), true)
    }

    /// Asks clients for a certificate of one of these authorities, in PEM, and accepts clients without any, too.
    ///
    /// ```no_run
    /// use waypost::{ClientAuth, ClientCertificate, get};
    ///
    /// # fn example(authority: &[u8]) -> Result<(), waypost::TlsError> {
    /// let auth = ClientAuth::optional(authority)?;
    /// # Ok(()) }
    ///
    /// #[get("/")]
    /// async fn whoami(certificate: Option<ClientCertificate<'_>>) -> &'static str {
    ///     if certificate.is_some() { "known" } else { "a stranger" }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`required`](Self::required).
    pub fn optional(authorities: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        Self::new(authorities.as_ref(), false)
    }

    /// Refuses what these revocation lists (RFC 5280 section 5), in PEM, name.
    ///
    /// With any, there must be one of every authority in a client's chain. One past its next update refuses everybody,
    /// because it can no longer tell; [`TlsReloader::replace`](crate::TlsReloader::replace) brings in the next.
    ///
    /// ```no_run
    /// use waypost::ClientAuth;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = ClientAuth::required(std::fs::read("ca.pem")?)?.revocation_lists(std::fs::read("crl.pem")?)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the text holds no revocation list, or one that cannot be understood.
    pub fn revocation_lists(self, lists: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        let mut revocation_lists = self.revocation_lists;
        revocation_lists.extend(Pem::given("revocation list", lists.as_ref()).revocation_lists()?);
        Self::build(self.authorities, revocation_lists, self.is_required)
    }

    fn new(authorities: &[u8], is_required: bool) -> Result<Self, TlsError> {
        let pem = Pem::given("client certificate authority", authorities);
        let mut store = RootCertStore::empty();
        for authority in pem.certificates()? {
            store
                .add(authority)
                .map_err(|error| pem.error(format!("{} cannot be used: {error}", pem.name())))?;
        }
        Self::build(Arc::new(store), Vec::new(), is_required)
    }

    fn build(
        authorities: Arc<RootCertStore>,
        revocation_lists: Vec<CertificateRevocationListDer<'static>>,
        is_required: bool,
    ) -> Result<Self, TlsError> {
        let mut verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(&authorities), provider())
            .with_crls(revocation_lists.iter().cloned())
            .enforce_revocation_expiration();
        if !is_required {
            verifier = verifier.allow_unauthenticated();
        }
        let verifier = verifier.build().map_err(TlsError::refused)?;
        Ok(Self { authorities, revocation_lists, is_required, verifier })
    }

    pub(super) fn verifier(&self) -> Arc<dyn ClientCertVerifier> {
        Arc::clone(&self.verifier)
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAuth")
            .field("is_required", &self.is_required)
            .field("authorities", &self.authorities.len())
            .field("revocation_lists", &self.revocation_lists.len())
            .finish()
    }
}
