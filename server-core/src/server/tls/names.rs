//! Which certificate is presented to whom: by the name the client asks for (SNI, RFC 6066 section 3).

use std::collections::HashMap;
use std::sync::Arc;

use rustls::pki_types::DnsName;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::{TlsCertificate, TlsError};

/// A host name, or a wildcard in place of its first label; in lower case.
#[derive(Clone, Debug)]
pub(super) struct Name(String);

impl Name {
    pub(super) fn parse(name: &str) -> Result<Self, TlsError> {
        let host = name.strip_prefix("*.").unwrap_or(name);
        // A name on the wire has no dot at its end (RFC 6066), and would never match.
        match DnsName::try_from(host) {
            Ok(_) if !host.ends_with('.') => Ok(Self(name.to_ascii_lowercase())),
            _ => Err(TlsError::new(format!("`{}` is no host name", name.escape_debug()))),
        }
    }
}

/// A certificate, and for which names it is presented: one that was given, or those it has itself.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) certificate: TlsCertificate,
    pub(super) name: Option<Name>,
}

/// The certificates by name. A name itself goes before a wildcard, and what was given for a name before what has it.
#[derive(Debug)]
pub(super) struct Names {
    /// By name, wildcards with their `*`. Several are of different kinds, such as ECDSA and RSA.
    by_name: HashMap<String, Vec<Arc<CertifiedKey>>>,
    /// For clients that name none, or one that is unknown.
    default: Option<Arc<CertifiedKey>>,
}

impl Names {
    pub(super) fn new(entries: &[Entry], default: Option<&TlsCertificate>) -> Self {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        let mut add = |name: &str, certificate: &TlsCertificate| {
            by_name.entry(name.to_owned()).or_default().push(Arc::clone(certificate.key()));
        };
        for Entry { certificate, name } in entries {
            if let Some(name) = name {
                add(&name.0, certificate);
            }
        }
        for Entry { certificate, .. } in entries.iter().filter(|entry| entry.name.is_none()) {
            certificate.names().for_each(|name| add(name, certificate));
        }
        Self { by_name, default: default.map(|certificate| Arc::clone(certificate.key())) }
    }

    fn named(&self, name: &str) -> Option<&[Arc<CertifiedKey>]> {
        if let Some(keys) = self.by_name.get(name) {
            return Some(keys);
        }
        let (_, parent) = name.split_once('.')?;
        self.by_name.get(&format!("*.{parent}")).map(Vec::as_slice)
    }
}

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // rustls hands the name over in lower case.
        let Some(keys) = hello.server_name().and_then(|name| self.named(name)) else {
            return self.default.clone();
        };
        let fits = |key: &&Arc<CertifiedKey>| key.key.choose_scheme(hello.signature_schemes()).is_some();
        keys.iter().find(fits).or(keys.first()).cloned()
    }
}
