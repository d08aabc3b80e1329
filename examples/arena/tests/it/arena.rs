//! The process under test.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::http1::Http1;

/// A running entry. It is ended when the test is done with it.
pub struct Arena {
    process: Child,
    certificate: CertificateDer<'static>,
    directory: PathBuf,
    pub plain: SocketAddr,
    pub tls: SocketAddr,
    pub h2c: SocketAddr,
    pub h2: SocketAddr,
}

impl Arena {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With more of an environment.
    pub fn start_with(environment: &[(&str, &str)]) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);

        let name = format!("arena-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&directory).unwrap();
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(directory.join("server.crt"), own.cert.pem()).unwrap();
        fs::write(directory.join("server.key"), own.signing_key.serialize_pem()).unwrap();

        let mut command = Command::new(crate::PROGRAM);
        for name in ["DATA_DIR", "DATABASE_URL", "DATABASE_MAX_CONN"] {
            command.env_remove(name);
        }
        for port in ["PORT", "TLS_PORT", "H2C_PORT", "H2_PORT"] {
            command.env(port, "0");
        }
        command.env("HOST", "127.0.0.1").env("CERT_DIR", &directory);
        let mut process = command.envs(environment.iter().copied()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut address = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            let (found, url) = line.split_once(": ").unwrap();
            assert_eq!(found, name);
            url.split_once("://").unwrap().1.parse().unwrap()
        };
        Self {
            certificate: own.cert.der().clone(),
            directory,
            plain: address("plain"),
            tls: address("tls"),
            h2c: address("h2c"),
            h2: address("h2"),
            process,
        }
    }

    /// A connection to the port without TLS.
    pub fn connect(&self) -> Http1<TcpStream> {
        Http1::new(connect(self.plain))
    }

    /// A connection to the port with TLS that has no HTTP/2.
    pub fn connect_tls(&self) -> Http1<StreamOwned<ClientConnection, TcpStream>> {
        let connection =
            ClientConnection::new(self.client(&["http/1.1"]), ServerName::try_from("localhost").unwrap());
        Http1::new(StreamOwned::new(connection.unwrap(), connect(self.tls)))
    }

    /// A client that trusts this process, and offers these protocols.
    pub fn client(&self, protocols: &[&str]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        client(roots, protocols)
    }

    /// Asks the process to end, and whether it did so in good order.
    #[cfg(unix)]
    pub fn terminate(&mut self) -> bool {
        let asked = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        asked.success() && self.process.wait().unwrap().success()
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// A client that trusts these.
pub fn client(roots: RootCertStore, protocols: &[&str]) -> Arc<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Arc::new(config)
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}
