//! Why TLS cannot be set up.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Certificates, keys or settings that TLS cannot be spoken with.
///
/// It says which file and what is wrong with it, and never shows what a private key consists of. By `?` it becomes an
/// [`Error`](crate::Error).
///
/// ```
/// use waypost::Tls;
///
/// let error = Tls::from_pem_files("no/such/cert.pem", "no/such/key.pem").unwrap_err();
/// assert!(error.to_string().starts_with("cannot read the certificate `no/such/cert.pem`: "));
/// assert_eq!(error.path().unwrap().to_str(), Some("no/such/cert.pem"));
/// assert_eq!(error.io_error().unwrap().kind(), std::io::ErrorKind::NotFound);
/// ```
pub struct TlsError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    message: String,
    path: Option<PathBuf>,
    io: Option<io::Error>,
}

impl TlsError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Inner { message: message.into(), path: None, io: None }))
    }

    /// The file is the one to look at.
    pub(super) fn in_file(mut self, path: Option<&Path>) -> Self {
        self.0.path = path.map(Path::to_owned);
        self
    }

    pub(super) fn unreadable(what: &str, path: &Path, io: io::Error) -> Self {
        let mut error = Self::new(format!("cannot read the {what} `{}`: {io}", path.display()));
        error.0.io = Some(io);
        error.in_file(Some(path))
    }

    /// What rustls will not be configured with: no file's fault.
    pub(super) fn refused(reason: impl fmt::Display) -> Self {
        Self::new(format!("cannot set up TLS: {reason}"))
    }

    /// The file at fault, as its path was given; `None` for what came from memory and for settings.
    ///
    /// ```
    /// use waypost::Tls;
    ///
    /// assert_eq!(Tls::from_pem("", "").unwrap_err().path(), None);
    /// ```
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Why the file could not be read, where that was the trouble.
    ///
    /// ```
    /// use waypost::Tls;
    ///
    /// let error = Tls::from_pem("not a certificate", "not a key").unwrap_err();
    /// assert!(error.io_error().is_none());
    /// ```
    #[must_use]
    pub fn io_error(&self) -> Option<&io::Error> {
        self.0.io.as_ref()
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TlsError").field(&self.0.message).finish()
    }
}

/// The message says all of it, so there is no source to repeat.
impl std::error::Error for TlsError {}
