//! The certificate of the two servers with TLS.

use std::path::Path;

use waypost::{Result, Tls};

/// That of the directory, or where there is none a new one of the process's own, which no client trusts.
pub(crate) fn tls(directory: Option<&Path>) -> Result<Tls> {
    if let Some(directory) = directory {
        let (chain, key) = (directory.join("server.crt"), directory.join("server.key"));
        // With the one, the other is only missing.
        if chain.exists() || key.exists() {
            return Ok(Tls::from_pem_files(chain, key)?);
        }
    }
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    Ok(Tls::from_pem(own.cert.pem(), own.signing_key.serialize_pem())?)
}
