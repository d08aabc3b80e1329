//! Handshakes over wires in memory.

use std::io;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, HandshakeKind, SignatureScheme};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex};
use tokio_rustls::TlsConnector;

use super::provider::provider;
use super::{Acceptor, Tls, TlsCertificate};
use crate::respond::TlsInfo;

mod clients;
mod handshake;
mod names;
mod reload;
#[cfg(feature = "tracing")]
mod warnings;

/// A certificate with its key, as files have them.
struct Pair {
    certificate: String,
    key: String,
    der: CertificateDer<'static>,
}

impl Pair {
    /// Self-signed, with a key of the usual kind (ECDSA P-256).
    fn of(names: &[&str]) -> Self {
        Self::with(names, &rcgen::PKCS_ECDSA_P256_SHA256)
    }

    fn with(names: &[&str], kind: &'static rcgen::SignatureAlgorithm) -> Self {
        let key = rcgen::KeyPair::generate_for(kind).unwrap();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
        Self { certificate: certificate.pem(), key: key.serialize_pem(), der: certificate.der().clone() }
    }

    fn load(&self) -> TlsCertificate {
        TlsCertificate::from_pem(&self.certificate, &self.key).unwrap()
    }

    fn tls(&self) -> Tls {
        Tls::new(self.load()).unwrap()
    }

    fn key_der(&self) -> PrivateKeyDer<'static> {
        rustls::pki_types::pem::PemObject::from_pem_slice(self.key.as_bytes()).unwrap()
    }
}

fn acceptor(tls: &Tls) -> Acceptor {
    tls.acceptor(true, true).unwrap()
}

/// A client that looks at certificates and minds none.
struct Client {
    config: ClientConfig,
    /// What it asks for; an address is not asked for.
    name: &'static str,
}

impl Client {
    fn new(name: &'static str) -> Self {
        Self::with(name, None)
    }

    fn with(name: &'static str, certificate: Option<&Pair>) -> Self {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Unminding));
        let config = match certificate {
            Some(pair) => config.with_client_auth_cert(vec![pair.der.clone()], pair.key_der()).unwrap(),
            None => config.with_no_client_auth(),
        };
        Self { config, name }
    }

    fn alpn(mut self, protocols: &[&str]) -> Self {
        self.config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        self
    }

    fn only(mut self, version: &'static rustls::SupportedProtocolVersion) -> Self {
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[version])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Unminding))
            .with_no_client_auth();
        self.config = config;
        self
    }

    fn ready(self) -> Ready {
        Ready { config: Arc::new(self.config), name: ServerName::try_from(self.name).unwrap() }
    }

    /// One handshake.
    async fn meet(self, acceptor: &Acceptor) -> io::Result<Met> {
        self.ready().meet(acceptor).await
    }
}

/// A client that comes several times.
struct Ready {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

/// Both ends after a handshake that went well.
struct Met {
    server: tokio_rustls::server::TlsStream<DuplexStream>,
    client: tokio_rustls::client::TlsStream<DuplexStream>,
    info: TlsInfo,
}

impl Ready {
    async fn meet(&self, acceptor: &Acceptor) -> io::Result<Met> {
        // Narrower than any message, so that everything comes in pieces.
        let (near, far) = duplex(50);
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let server = async {
            let (mut server, info) = acceptor.accept(near).await?;
            greet(&mut server).await?;
            io::Result::Ok((server, info))
        };
        let client = async {
            let mut client = connector.connect(self.name.clone(), far).await?;
            answer(&mut client).await?;
            io::Result::Ok(client)
        };
        let (server, client) = tokio::join!(server, client);
        let (server, info) = server?;
        Ok(Met { server, client: client?, info })
    }
}

async fn greet(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
    stream.write_all(b"ping").await?;
    stream.flush().await?;
    let mut word = [0; 4];
    stream.read_exact(&mut word).await?;
    assert_eq!(&word, b"pong");
    Ok(())
}

/// The client learns of tickets while it reads.
async fn answer(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
    let mut word = [0; 4];
    stream.read_exact(&mut word).await?;
    assert_eq!(&word, b"ping");
    stream.write_all(b"pong").await?;
    stream.flush().await
}

impl Met {
    /// A word each way.
    async fn talk(&mut self) -> io::Result<()> {
        let (server, client) = tokio::join!(greet(&mut self.server), answer(&mut self.client));
        server.and(client)
    }

    /// The certificate the client saw.
    fn certificate(&self) -> &CertificateDer<'static> {
        &self.client.get_ref().1.peer_certificates().unwrap()[0]
    }

    /// As both sides see it.
    fn is_resumed(&self) -> bool {
        let seen = self.client.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
        assert_eq!(seen, self.info.is_resumed());
        seen
    }
}

#[derive(Debug)]
struct Unminding;

impl ServerCertVerifier for Unminding {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
