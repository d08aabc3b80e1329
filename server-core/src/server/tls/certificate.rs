//! A certificate with its private key.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

use super::TlsError;
use super::pem::Pem;
use super::provider::provider;
use super::validity::Validity;

/// What a server proves its name with: a certificate, the chain up to its authority, and the private key.
///
/// The server's own certificate stands first, the intermediate ones follow, as in the `fullchain.pem` of ACME clients.
/// Keys are RSA, ECDSA (P-256, P-384; with aws-lc-rs P-521, too) or Ed25519, in PKCS #8, PKCS #1 or SEC 1, and not
/// encrypted.
///
/// One that has expired is taken nevertheless, because the other names of the server, and clients that look away, go
/// on. It is told to `tracing` as a warning (with that feature), as is such a one in the chain, and
/// [`not_after`](Self::not_after) tells it to you.
///
/// ```no_run
/// use waypost::{Tls, TlsCertificate};
///
/// # fn main() -> Result<(), waypost::TlsError> {
/// let api = TlsCertificate::from_pem_files("api/fullchain.pem", "api/privkey.pem")?;
/// println!("{:?} until {:?}", api.names().collect::<Vec<_>>(), api.not_after());
/// let tls = Tls::from_pem_files("fullchain.pem", "privkey.pem")?.certificate(api)?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TlsCertificate {
    inner: Arc<Inner>,
}

struct Inner {
    key: Arc<CertifiedKey>,
    /// In lower case.
    names: Vec<String>,
    validity: Validity,
    /// What to read again.
    files: Option<Files>,
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl TlsCertificate {
    /// Reads two files in PEM; they may be one and the same.
    ///
    /// They are read here and by [`TlsReloader::reload`](crate::TlsReloader::reload), and at no other time.
    ///
    /// ```
    /// use waypost::TlsCertificate;
    ///
    /// let error = TlsCertificate::from_pem_files("missing.pem", "missing.key").unwrap_err();
    /// assert_eq!(error.path().unwrap().to_str(), Some("missing.pem"));
    /// ```
    ///
    /// # Errors
    ///
    /// When one of them cannot be read, does not hold what it should, or the key is not the certificate's.
    pub fn from_pem_files(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, TlsError> {
        let certificate = Pem::read(CERTIFICATE, certificate.as_ref())?;
        Self::load(&certificate, &Pem::read(KEY, key.as_ref())?)
    }

    /// Takes text in PEM, such as from a vault.
    ///
    /// ```
    /// use waypost::TlsCertificate;
    ///
    /// let error = TlsCertificate::from_pem("", "").unwrap_err();
    /// assert_eq!(error.to_string(), "what was given as certificate is none in PEM");
    /// ```
    ///
    /// # Errors
    ///
    /// When they do not hold what they should, or the key is not the certificate's.
    pub fn from_pem(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        Self::load(&Pem::given(CERTIFICATE, certificate.as_ref()), &Pem::given(KEY, key.as_ref()))
    }

    /// The DNS names it is for, from its `subjectAltName` extension, in lower case; `*.` stands for any one label.
    ///
    /// ```no_run
    /// # fn example(certificate: &waypost::TlsCertificate) {
    /// assert!(certificate.names().any(|name| name == "*.example.org"));
    /// # }
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.inner.names.iter().map(String::as_str)
    }

    /// The first moment at which it is valid.
    ///
    /// ```no_run
    /// # fn example(certificate: &waypost::TlsCertificate) {
    /// assert!(certificate.not_before() < certificate.not_after());
    /// # }
    /// ```
    #[must_use]
    pub fn not_before(&self) -> SystemTime {
        self.inner.validity.not_before
    }

    /// The last moment at which it is valid, such as for a metric that warns in time.
    ///
    /// ```no_run
    /// use std::time::{Duration, SystemTime};
    ///
    /// # fn example(certificate: &waypost::TlsCertificate) {
    /// let left = certificate.not_after().duration_since(SystemTime::now()).unwrap_or_default();
    /// assert!(left > Duration::from_secs(14 * 24 * 3600));
    /// # }
    /// ```
    #[must_use]
    pub fn not_after(&self) -> SystemTime {
        self.inner.validity.not_after
    }

    /// The same from its files as they are now; itself when it came from none.
    pub(super) fn reread(&self) -> Result<Self, TlsError> {
        match &self.inner.files {
            Some(files) => Self::from_pem_files(&files.certificate, &files.key),
            None => Ok(self.clone()),
        }
    }

    pub(super) fn key(&self) -> &Arc<CertifiedKey> {
        &self.inner.key
    }

    fn load(certificate: &Pem<'_>, key: &Pem<'_>) -> Result<Self, TlsError> {
        let chain = certificate.certificates()?;
        let unfit = |reason: &dyn fmt::Display| {
            certificate.error(format!("{} cannot be used: {reason}", certificate.name()))
        };
        let validity: Option<Vec<_>> = chain.iter().map(|link| Validity::of(link)).collect();
        let validity = validity.ok_or_else(|| unfit(&"it is damaged"))?;
        // There is a first, or `certificates` had failed. Those after it may be such as webpki does not know.
        let (Some(own), Some(own_validity)) = (chain.first(), validity.first().copied()) else {
            return Err(unfit(&"it is empty"));
        };
        let names = names(own).map_err(|error| unfit(&error))?;
        let key_pair = join(chain, key.private_key()?).map_err(|error| match error {
            Error::InconsistentKeys(_) => certificate.error(format!(
                "{} does not belong to {} (a chain begins with the server's own)",
                certificate.name(),
                key.name()
            )),
            _ => key.error(format!("{} is damaged or of an unknown kind", key.name())),
        })?;
        let files = certificate.path().zip(key.path());
        let files = files.map(|(certificate, key)| Files { certificate, key });
        #[cfg(feature = "tracing")]
        for (place, fault) in validity.iter().map(|one| one.fault(SystemTime::now())).enumerate() {
            if let Some(fault) = fault {
                let link = if place == 0 { "" } else { "a link in the chain of " };
                tracing::warn!(?names, "{link}{} {fault}", certificate.name());
            }
        }
        let key = Arc::new(key_pair);
        Ok(Self { inner: Arc::new(Inner { key, names, validity: own_validity, files }) })
    }
}

const CERTIFICATE: &str = "certificate";
const KEY: &str = "private key";

/// Which names to present it for; whether it is valid for them is the client's to judge.
fn names(certificate: &CertificateDer<'_>) -> Result<Vec<String>, webpki::Error> {
    let certificate = webpki::EndEntityCert::try_from(certificate)?;
    Ok(certificate.valid_dns_names().map(str::to_ascii_lowercase).collect())
}

fn join(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<CertifiedKey, Error> {
    let joined = CertifiedKey::new(chain, provider().key_provider.load_private_key(key)?);
    match joined.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(joined),
        Err(error) => Err(error),
    }
}

/// Never the key.
impl fmt::Debug for TlsCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("TlsCertificate");
        out.field("names", &self.inner.names).field("not_after", &self.inner.validity.not_after);
        if let Some(files) = &self.inner.files {
            out.field("file", &files.certificate);
        }
        out.finish_non_exhaustive()
    }
}
