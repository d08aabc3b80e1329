//! Which port speaks what.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConnection, Error, RootCertStore};

use crate::arena::{self, Arena, connect};

/// What ALPN comes to at `address`, for a client that offers these.
fn agreed(arena: &Arena, address: SocketAddr, offered: &[&str]) -> Result<String, Error> {
    handshake(
        ClientConnection::new(arena.client(offered), ServerName::try_from("localhost").unwrap())?,
        address,
    )
}

fn handshake(mut connection: ClientConnection, address: SocketAddr) -> Result<String, Error> {
    let mut stream = connect(address);
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut stream) {
            return Err(error
                .into_inner()
                .and_then(|error| error.downcast().ok())
                .map_or_else(|| Error::General("the connection ended".to_owned()), |error| *error));
        }
    }
    Ok(String::from_utf8(connection.alpn_protocol().unwrap_or_default().to_vec()).unwrap())
}

#[test]
fn alpn() {
    let arena = Arena::start();
    assert_eq!(agreed(&arena, arena.tls, &["h2", "http/1.1"]).unwrap(), "http/1.1");
    assert_eq!(agreed(&arena, arena.tls, &["http/1.1"]).unwrap(), "http/1.1");
    assert_eq!(agreed(&arena, arena.tls, &[]).unwrap(), "");
    assert!(agreed(&arena, arena.tls, &["h2"]).is_err());
    assert_eq!(agreed(&arena, arena.h2, &["http/1.1", "h2"]).unwrap(), "h2");
    assert_eq!(agreed(&arena, arena.h2, &["h2"]).unwrap(), "h2");
}

#[test]
fn a_certificate_is_made_where_there_is_none() {
    for nowhere in ["", "/nowhere"] {
        own_certificate(&Arena::start_with(&[("CERT_DIR", nowhere)]));
    }
}

/// One that no client knows.
fn own_certificate(arena: &Arena) {
    let client = arena::client(RootCertStore::empty(), &["h2"]);
    let client = ClientConnection::new(client, ServerName::try_from("localhost").unwrap()).unwrap();
    let refused = handshake(client, arena.h2).unwrap_err();
    assert_eq!(refused, Error::InvalidCertificate(CertificateError::UnknownIssuer));
}

/// The port of h2c must not answer a request of HTTP/1.
#[test]
fn h2c_alone() {
    let arena = Arena::start();
    let mut stream = connect(arena.h2c);
    stream.write_all(b"GET /baseline2?a=1&b=1 HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1"), "{}", String::from_utf8_lossy(&answer));
}
