//! What the environment says.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use waypost::{Error, Result, http::StatusCode};

/// The settings of the process, each from a variable of the environment.
pub(crate) struct Settings {
    /// `HOST`, by default every address.
    host: IpAddr,
    /// `PORT`, by default 8080: HTTP/1.1 and HTTP/2 without TLS.
    plain: u16,
    /// `TLS_PORT`, by default 8081: HTTP/1.1 over TLS.
    tls: u16,
    /// `H2C_PORT`, by default 8082: HTTP/2 without TLS, and nothing else.
    h2c: u16,
    /// `H2_PORT`, by default 8443: HTTP/2 over TLS.
    h2: u16,
    /// `DATA_DIR`, by default that of this package: `dataset.json` and `static/`.
    data: PathBuf,
    /// `CERT_DIR`: `server.crt` and `server.key`. Where they are not, a certificate is made.
    pub(crate) certificates: Option<PathBuf>,
    /// `DATABASE_URL`: where PostgreSQL is. Without it, what needs it answers 503.
    pub(crate) database: Option<String>,
    /// `DATABASE_MAX_CONN`, by default 256: how many connections it takes.
    pub(crate) database_connections: usize,
}

impl Settings {
    pub(crate) fn from_environment() -> Result<Self> {
        Ok(Self {
            host: variable("HOST")?.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            plain: variable("PORT")?.unwrap_or(8080),
            tls: variable("TLS_PORT")?.unwrap_or(8081),
            h2c: variable("H2C_PORT")?.unwrap_or(8082),
            h2: variable("H2_PORT")?.unwrap_or(8443),
            data: variable("DATA_DIR")?.unwrap_or(Path::new(env!("CARGO_MANIFEST_DIR")).join("data")),
            certificates: variable("CERT_DIR")?,
            database: variable("DATABASE_URL")?,
            database_connections: variable("DATABASE_MAX_CONN")?.unwrap_or(256),
        })
    }

    pub(crate) fn plain(&self) -> SocketAddr {
        (self.host, self.plain).into()
    }

    pub(crate) fn tls(&self) -> SocketAddr {
        (self.host, self.tls).into()
    }

    pub(crate) fn h2c(&self) -> SocketAddr {
        (self.host, self.h2c).into()
    }

    pub(crate) fn h2(&self) -> SocketAddr {
        (self.host, self.h2).into()
    }

    pub(crate) fn dataset(&self) -> PathBuf {
        self.data.join("dataset.json")
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.data.join("static")
    }
}

/// A variable that is not set, or empty, is none.
fn variable<T: FromStr>(name: &str) -> Result<Option<T>> {
    let Some(text) = std::env::var_os(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    match text.to_str().and_then(|text| text.parse().ok()) {
        Some(value) => Ok(Some(value)),
        None => Err(Error::new(StatusCode::INTERNAL_SERVER_ERROR).detail(format!("{name} cannot be read"))),
    }
}
