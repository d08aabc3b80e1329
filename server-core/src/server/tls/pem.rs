//! PEM text (RFC 7468), and where it came from.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use super::TlsError;

/// A text of PEM sections, which may lie between others and comments.
pub(super) struct Pem<'a> {
    /// What it is to hold, in words.
    what: &'static str,
    path: Option<&'a Path>,
    text: Cow<'a, [u8]>,
}

impl<'a> Pem<'a> {
    pub(super) fn given(what: &'static str, text: &'a [u8]) -> Self {
        Self { what, path: None, text: text.into() }
    }

    pub(super) fn read(what: &'static str, path: &'a Path) -> Result<Self, TlsError> {
        match fs::read(path) {
            Ok(text) => Ok(Self { what, path: Some(path), text: text.into() }),
            Err(error) => Err(TlsError::unreadable(what, path, error)),
        }
    }

    pub(super) fn path(&self) -> Option<PathBuf> {
        self.path.map(Path::to_owned)
    }

    /// How a message calls it: ``the certificate in `cert.pem` ``.
    pub(super) fn name(&self) -> String {
        match self.path {
            Some(path) => format!("the {} in `{}`", self.what, path.display()),
            None => format!("the given {}", self.what),
        }
    }

    /// An error that concerns it. PEM errors of rustls quote the text, and are therefore not shown.
    pub(super) fn error(&self, message: impl Into<String>) -> TlsError {
        TlsError::new(message).in_file(self.path)
    }

    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        self.all()
    }

    pub(super) fn revocation_lists(&self) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
        self.all()
    }

    /// The first private key: PKCS #8, PKCS #1 (RSA) or SEC 1 (EC).
    pub(super) fn private_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        match PrivateKeyDer::pem_slice_iter(&self.text).next() {
            Some(Ok(key)) => Ok(key),
            // PKCS #8 has a section of that name, and older files a line before what is no base64 then.
            _ if self.holds(b"ENCRYPTED") => {
                Err(self.error(format!("{} is encrypted: decrypt it first", self.name())))
            }
            Some(Err(_)) => Err(self.malformed()),
            None => Err(self.empty()),
        }
    }

    /// Every section of one kind; at least one.
    fn all<T: PemObject + 'static>(&self) -> Result<Vec<T>, TlsError> {
        let found: Result<Vec<T>, _> = T::pem_slice_iter(&self.text).collect();
        match found {
            Ok(found) if found.is_empty() => Err(self.empty()),
            Ok(found) => Ok(found),
            Err(_) => Err(self.malformed()),
        }
    }

    fn malformed(&self) -> TlsError {
        self.error(format!("{} is not well-formed PEM", self.name()))
    }

    fn empty(&self) -> TlsError {
        self.error(match self.path {
            Some(path) => format!("`{}` holds no {} in PEM", path.display(), self.what),
            None => format!("what was given as {} is none in PEM", self.what),
        })
    }

    fn holds(&self, line: &[u8]) -> bool {
        self.text.windows(line.len()).any(|window| window == line)
    }
}
