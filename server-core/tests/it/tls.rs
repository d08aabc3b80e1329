//! TLS: what can be loaded, and what a server makes of it. Handshakes in detail are tested beside the acceptor.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use waypost::test::Client;
use waypost::{
    App, ClientAuth, ClientCertificate, Peer, Server, Tls, TlsCertificate, TlsError, TlsInfo, TlsReloader,
    TlsVersion, get, routes,
};

use crate::raw::{Channel, PREFACE, Wire};
use crate::support::{says, seen, soon};

/// A certificate with its key in PEM.
struct Pair {
    certificate: String,
    key: String,
}

impl Pair {
    fn new() -> Self {
        Self::of(&rcgen::KeyPair::generate().unwrap(), |_| {})
    }

    fn of(key: &rcgen::KeyPair, change: impl FnOnce(&mut rcgen::CertificateParams)) -> Self {
        let mut params = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        change(&mut params);
        Self { certificate: params.self_signed(key).unwrap().pem(), key: key.serialize_pem() }
    }

    fn rsa() -> Self {
        Self::of(&rcgen::KeyPair::from_pem(include_str!("../tls/rsa.key")).unwrap(), |_| {})
    }

    /// The key as it was before PKCS #8, which has it as the last of three elements: version, algorithm, key.
    fn bare_key(&self, label: &str) -> String {
        let PrivateKeyDer::Pkcs8(key) = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap() else {
            panic!("not PKCS #8");
        };
        let (_, all) = element(key.secret_pkcs8_der());
        let (_, rest) = split(all);
        let (_, rest) = split(rest);
        armoured(label, element(rest).1)
    }

    fn load(&self) -> Result<Tls, TlsError> {
        Tls::from_pem(&self.certificate, &self.key)
    }
}

/// What a client knows that trusts this certificate, and nothing else.
fn config(trusted: &Pair, protocol: &str, own: Option<&Pair>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match own {
        Some(pair) => {
            let chain = vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
            config.with_client_auth_cert(chain, key).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    config
}

/// A server's side and a client's, who speak HTTP/1.1.
pub(crate) fn pair() -> (Tls, TlsConnector) {
    let pair = Pair::new();
    (pair.load().unwrap(), TlsConnector::from(Arc::new(config(&pair, "http/1.1", None))))
}

/// A DER element's tag and content.
fn element(der: &[u8]) -> (u8, &[u8]) {
    let (header, length) = match der[1] {
        0x81 => (3, usize::from(der[2])),
        0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        length => (2, usize::from(length)),
    };
    (der[0], &der[header..header + length])
}

/// A DER element, and what follows.
fn split(der: &[u8]) -> (&[u8], &[u8]) {
    let content = element(der).1;
    let end = content.as_ptr() as usize - der.as_ptr() as usize + content.len();
    der.split_at(end)
}

fn armoured(label: &str, der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in der.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("waypost-it-tls-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        folder
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

mod loading {
    use super::*;

    #[test]
    fn keys_come_in_three_shapes() {
        let (ec, rsa) = (Pair::new(), Pair::rsa());
        assert!(ec.key.starts_with("-----BEGIN PRIVATE KEY-----"));
        ec.load().unwrap();
        rsa.load().unwrap();
        Tls::from_pem(&ec.certificate, ec.bare_key("EC PRIVATE KEY")).unwrap();
        Tls::from_pem(&rsa.certificate, rsa.bare_key("RSA PRIVATE KEY")).unwrap();
    }

    #[test]
    fn files_may_hold_more() {
        let (pair, other) = (Pair::new(), Pair::new());
        let folder = Folder::new();
        let both = format!("a comment\r\n{}\n{}{}", pair.key, pair.certificate, other.certificate);
        let path = folder.put("both.pem", &both.replace('\n', "\r\n"));
        let certificate = TlsCertificate::from_pem_files(&path, &path).unwrap();
        assert_eq!(certificate.names().collect::<Vec<_>>(), ["a.example"]);
    }

    #[test]
    fn dates_are_told_and_an_expired_certificate_is_taken() {
        let pair = Pair::of(&rcgen::KeyPair::generate().unwrap(), |params| {
            params.not_before = rcgen::date_time_ymd(2001, 2, 3);
            params.not_after = rcgen::date_time_ymd(2004, 2, 29);
        });
        let certificate = TlsCertificate::from_pem(&pair.certificate, &pair.key).unwrap();
        let day = |days: u64| UNIX_EPOCH + Duration::from_secs(days * 24 * 3600);
        assert_eq!((certificate.not_before(), certificate.not_after()), (day(11_356), day(12_477)));
        assert!(certificate.not_after() < SystemTime::now());
        Tls::new(certificate).unwrap();
    }

    #[test]
    fn wildcards_are_names() {
        let key = rcgen::KeyPair::generate().unwrap();
        let pair = Pair::of(&key, |params| {
            let names =
                ["*.B.example", "b.example"].map(|name| rcgen::SanType::DnsName(name.try_into().unwrap()));
            params.subject_alt_names = names.into_iter().collect();
        });
        let certificate = TlsCertificate::from_pem(&pair.certificate, &pair.key).unwrap();
        assert_eq!(certificate.names().collect::<Vec<_>>(), ["*.b.example", "b.example"]);
    }

    /// The message, and that of the same fault in files, which names the file.
    fn faults(certificate: &str, key: &str) -> (String, String, PathBuf) {
        let given = Tls::from_pem(certificate, key).unwrap_err();
        assert_eq!(given.path(), None);
        let folder = Folder::new();
        let (certificate, key) = (folder.put("c.pem", certificate), folder.put("k.pem", key));
        let error = Tls::from_pem_files(certificate, key).unwrap_err();
        assert!(error.io_error().is_none());
        let path = error.path().unwrap();
        assert!(path.starts_with(&folder.0));
        let message =
            error.to_string().replace(&format!("{}{}", folder.0.display(), std::path::MAIN_SEPARATOR), "");
        (given.to_string(), message, path.file_name().unwrap().into())
    }

    #[test]
    fn faults_name_the_file_and_what_is_wrong() {
        let (pair, other) = (Pair::new(), Pair::new());
        let (certificate, key) = (pair.certificate.as_str(), pair.key.as_str());
        let cut = |text: &str| text.split_once("-----END").unwrap().0.to_owned();
        let bent = |text: &str| text.replacen("MI", "!!", 1);
        let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let old_encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        let empty_certificate = armoured("CERTIFICATE", b"\x30\x00");
        let empty_key = armoured("PRIVATE KEY", b"\x30\x00");
        for (certificate, key, message, file) in [
            ("", key, "`c.pem` holds no certificate in PEM", "c.pem"),
            (key, key, "`c.pem` holds no certificate in PEM", "c.pem"),
            (certificate, "", "`k.pem` holds no private key in PEM", "k.pem"),
            (certificate, certificate, "`k.pem` holds no private key in PEM", "k.pem"),
            (&cut(certificate), key, "the certificate in `c.pem` is not well-formed PEM", "c.pem"),
            (&bent(certificate), key, "the certificate in `c.pem` is not well-formed PEM", "c.pem"),
            (certificate, &cut(key), "the private key in `k.pem` is not well-formed PEM", "k.pem"),
            (certificate, encrypted, "the private key in `k.pem` is encrypted: decrypt it first", "k.pem"),
            (
                certificate,
                old_encrypted,
                "the private key in `k.pem` is encrypted: decrypt it first",
                "k.pem",
            ),
            (&empty_certificate, key, "the certificate in `c.pem` cannot be used: it is damaged", "c.pem"),
            (certificate, &empty_key, "the private key in `k.pem` is damaged or of an unknown kind", "k.pem"),
            (
                certificate,
                &other.key,
                "the certificate in `c.pem` does not belong to the private key in `k.pem` (a chain begins with the server's own)",
                "c.pem",
            ),
        ] {
            let (given, found, path) = faults(certificate, key);
            assert_eq!((found.as_str(), path.as_path()), (message, Path::new(file)));
            assert!(!given.contains('`') && !given.is_empty(), "{given}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let pair = Pair::new();
        let folder = Folder::new();
        let certificate = folder.put("c.pem", &pair.certificate);
        let missing = folder.0.join("missing.pem");
        let error = Tls::from_pem_files(&certificate, &missing).unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("cannot read the private key `{}`: ", missing.display()))
        );
        assert_eq!(error.io_error().unwrap().kind(), std::io::ErrorKind::NotFound);
        assert_eq!(error.path(), Some(missing.as_path()));
        // A folder is nothing to read.
        let error = Tls::from_pem_files(&folder.0, &certificate).unwrap_err();
        assert!(error.to_string().starts_with("cannot read the certificate"), "{error}");
        assert!(error.io_error().is_some());
    }

    /// Neither where it is malformed, nor where everything is well.
    #[test]
    fn a_key_is_never_shown() {
        let pair = Pair::new();
        let secret = pair.key.lines().nth(1).unwrap();
        let no_line_end = pair.key.replacen("KEY-----\n", "KEY-----", 1);
        let no_end = pair.key.split_once("-----END").unwrap().0;
        let noise = pair.key.replacen(secret, &format!("{secret}*"), 1);
        for key in [&no_line_end, no_end, &noise] {
            let error = Tls::from_pem(&pair.certificate, key).unwrap_err();
            let error = format!("{error} {error:?} {error:#?}");
            assert!(!error.contains(&secret[..8]) && !error.contains("77, 73"), "{error}");
        }
        let tls = pair.load().unwrap();
        let shown = format!("{tls:?} {:?}", tls.reloader());
        assert!(shown.contains("a.example") && !shown.contains(&secret[..8]), "{shown}");
    }

    #[test]
    fn authorities_are_certificates() {
        assert!(ClientAuth::required(Pair::new().certificate).is_ok());
        for text in ["", "x", &Pair::new().key, &armoured("CERTIFICATE", b"\x30\x00")] {
            let error = ClientAuth::optional(text).unwrap_err();
            assert!(error.to_string().contains("client certificate authority"), "{error}");
        }
        let auth = ClientAuth::required(Pair::new().certificate).unwrap();
        assert!(auth.revocation_lists("").is_err());
    }
}

mod serving {
    use tokio::io::{AsyncRead, AsyncWrite};
    use waypost::config::Config;

    use super::*;

    #[get("/")]
    async fn how(tls: Option<&TlsInfo>, certificate: Option<ClientCertificate<'_>>) -> String {
        let Some(tls) = tls else { return "in the clear".to_owned() };
        let alpn = String::from_utf8_lossy(tls.alpn().unwrap_or(b"-")).into_owned();
        let known = if certificate.is_some() { "known" } else { "unknown" };
        format!("{} {alpn} {} {known}", tls.version().as_str(), tls.server_name().unwrap_or("-"))
    }

    /// The address it serves at, for as long as the test's runtime runs.
    async fn serve(tls: Tls) -> SocketAddr {
        let server = Server::bind("127.0.0.1:0").await.unwrap().tls(tls).unwrap();
        let address = server.addr().tcp().unwrap();
        tokio::spawn(server.serve(App::new(routes![how])));
        address
    }

    /// A client that trusts this certificate, and nothing else.
    async fn connect(
        address: SocketAddr,
        trusted: &Pair,
        protocol: &str,
        own: Option<&Pair>,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let config = config(trusted, protocol, own);
        let stream = TcpStream::connect(address).await?;
        TlsConnector::from(Arc::new(config)).connect("a.example".try_into().unwrap(), stream).await
    }

    async fn get_http1(stream: TlsStream<impl AsyncRead + AsyncWrite + Unpin>) -> String {
        let mut wire = Wire::new(stream);
        wire.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n").await;
        let reply = wire.reply().await;
        assert_eq!(reply.status, 200);
        reply.text().to_owned()
    }

    async fn get_http2(stream: TlsStream<TcpStream>) -> String {
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = hyper::Request::get("https://a.example/").body(String::new()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let text = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(text.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn both_protocols_are_spoken() {
        let pair = Pair::new();
        let address = serve(pair.load().unwrap()).await;
        let stream = connect(address, &pair, "http/1.1", None).await.unwrap();
        assert_eq!(get_http1(stream).await, "TLSv1.3 http/1.1 a.example unknown");
        let stream = connect(address, &pair, "h2", None).await.unwrap();
        assert_eq!(get_http2(stream).await, "TLSv1.3 h2 a.example unknown");
    }

    /// It is spoken where it was negotiated, and not where nothing was.
    #[tokio::test]
    async fn http2_without_prior_knowledge() {
        let pair = Pair::new();
        let mut silent = config(&pair, "h2", None);
        silent.alpn_protocols.clear();
        let silent = TlsConnector::from(Arc::new(silent));
        for allowed in [true, false] {
            let mut config = Config::default();
            config.protocols.http2_prior_knowledge = allowed;
            let server = Server::builder().config(config).tcp("127.0.0.1:0").bind().unwrap();
            let handle = server.tls(pair.load().unwrap()).unwrap().spawn(App::new(routes![how])).unwrap();
            let address = handle.addr().tcp().unwrap();
            let stream = connect(address, &pair, "h2", None).await.unwrap();
            assert_eq!(get_http2(stream).await, "TLSv1.3 h2 a.example unknown");

            let stream = TcpStream::connect(address).await.unwrap();
            let stream = silent.connect("a.example".try_into().unwrap(), stream).await.unwrap();
            if allowed {
                assert_eq!(get_http2(stream).await, "TLSv1.3 - a.example unknown");
            } else {
                let mut wire = Wire::new(stream);
                wire.send(PREFACE).await;
                assert_eq!(soon(wire.reply()).await.status, 505);
            }
        }
    }

    /// In memory, where paused time goes on only when nothing else can happen.
    #[tokio::test(start_paused = true)]
    async fn no_more_shake_hands_at_once_than_may() {
        let pair = Pair::new();
        let mut settings = Config::default();
        settings.limits.handshakes = 1;
        let (channel, accepting) = Channel::new();
        let server = Server::builder().config(settings).listener(accepting).bind().unwrap();
        let handle = server.tls(pair.load().unwrap()).unwrap().spawn(App::new(routes![how])).unwrap();
        // A handshake record of 512 bytes, a ClientHello of 508, of which the version comes.
        let mut first = channel.connect(1 << 16);
        first.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        let connector = TlsConnector::from(Arc::new(config(&pair, "http/1.1", None)));
        let second = channel.connect(1 << 16).stream;
        let mut second = pin!(connector.connect("a.example".try_into().unwrap(), second));
        let early = tokio::time::timeout(Duration::from_secs(5), &mut second).await;
        assert!(early.is_err(), "both shake hands at once");
        assert_eq!(handle.stats().connections_open, 2);
        drop(first);
        let stream = soon(second).await.unwrap();
        assert_eq!(get_http1(stream).await, "TLSv1.3 http/1.1 a.example unknown");
    }

    #[tokio::test]
    async fn who_says_nothing_takes_nobodys_turn() {
        let pair = Pair::new();
        let mut config = Config::default();
        config.limits.handshakes = 1;
        let server = Server::builder().config(config).tcp("127.0.0.1:0").bind().unwrap();
        let handle = server.tls(pair.load().unwrap()).unwrap().spawn(App::new(routes![how])).unwrap();
        let address = handle.addr().tcp().unwrap();
        let _silent = TcpStream::connect(address).await.unwrap();
        while handle.stats().connections_open == 0 {
            tokio::task::yield_now().await;
        }
        let stream = connect(address, &pair, "http/1.1", None).await.unwrap();
        assert_eq!(get_http1(stream).await, "TLSv1.3 http/1.1 a.example unknown");
        assert!(handle.stats().connections_open >= 1, "the silent one is still there");
    }

    #[tokio::test]
    async fn what_is_no_tls_is_not_served() {
        let pair = Pair::new();
        let address = serve(pair.load().unwrap()).await;
        let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
        wire.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").await;
        let answer = wire.rest().await;
        assert!(!String::from_utf8_lossy(&answer).contains("HTTP"), "{answer:?}");
        // Others are served before and after, and beside one that is silent.
        let _silent = TcpStream::connect(address).await.unwrap();
        let stream = connect(address, &pair, "http/1.1", None).await.unwrap();
        assert!(get_http1(stream).await.starts_with("TLSv1.3"));
    }

    #[tokio::test]
    async fn a_client_proves_who_it_is() {
        let (pair, own) = (Pair::new(), Pair::new());
        let auth = ClientAuth::optional(&own.certificate).unwrap();
        let address = serve(pair.load().unwrap().client_auth(auth)).await;
        let stream = connect(address, &pair, "http/1.1", Some(&own)).await.unwrap();
        assert_eq!(get_http1(stream).await, "TLSv1.3 http/1.1 a.example known");
        let stream = connect(address, &pair, "http/1.1", None).await.unwrap();
        assert_eq!(get_http1(stream).await, "TLSv1.3 http/1.1 a.example unknown");
    }

    #[tokio::test]
    async fn certificates_are_renewed_under_way() {
        let folder = Folder::new();
        let put = |pair: &Pair| (folder.put("c.pem", &pair.certificate), folder.put("k.pem", &pair.key));
        let (old, new) = (Pair::new(), Pair::new());
        let (certificate, key) = put(&old);
        let tls = Tls::from_pem_files(certificate, key).unwrap();
        let reloader: TlsReloader = tls.reloader();
        let address = serve(tls).await;
        let before = connect(address, &old, "http/1.1", None).await.unwrap();

        folder.put("c.pem", &new.certificate);
        reloader.reload().unwrap_err();
        connect(address, &old, "http/1.1", None).await.unwrap();
        put(&new);
        reloader.reload().unwrap();
        assert!(connect(address, &old, "http/1.1", None).await.is_err());
        let after = connect(address, &new, "http/1.1", None).await.unwrap();
        for stream in [before, after] {
            assert!(get_http1(stream).await.starts_with("TLSv1.3"));
        }
    }
}

mod handlers {
    use super::*;

    #[get("/info")]
    async fn info(tls: &TlsInfo) -> &'static str {
        tls.version().as_str()
    }

    #[get("/maybe")]
    async fn maybe(certificate: Option<ClientCertificate<'_>>) -> String {
        format!("{:?}", certificate.map(|certificate| certificate.der().to_vec()))
    }

    #[get("/vault")]
    async fn vault(certificate: ClientCertificate<'_>) -> String {
        format!("{:?} of {}", certificate.der(), certificate.chain().len())
    }

    async fn ask(client: &Client<impl waypost::Respond>, target: &str) -> (u16, String) {
        seen(client.get(target).send().await).await
    }

    #[tokio::test]
    async fn take_what_tls_knows() {
        let client = Client::new(App::new(routes![info, maybe, vault]));
        assert_eq!(ask(&client, "/info").await.0, 500);
        assert_eq!(ask(&client, "/maybe").await, says(200, "None"));
        let (status, text) = ask(&client, "/vault").await;
        assert!(status == 403 && text.contains("a client certificate is required"), "{text}");

        let without = client.with_tls(TlsInfo::new(TlsVersion::Tls13));
        assert_eq!(ask(&without, "/info").await, says(200, "TLSv1.3"));
        assert_eq!(ask(&without, "/vault").await.0, 403);

        let chain = [&b"own"[..], b"between"];
        let with = without.with_tls(TlsInfo::new(TlsVersion::Tls12).with_client_certificates(chain));
        assert_eq!(ask(&with, "/maybe").await, says(200, "Some([111, 119, 110])"));
        assert_eq!(ask(&with, "/vault").await, says(200, "[111, 119, 110] of 2"));
    }

    /// A service inside an app knows it, too.
    #[tokio::test]
    async fn services_are_told() {
        let service = tower::service_fn(|request: waypost::http::Request<waypost::Body>| async move {
            let peer = request.extensions().get::<Peer>().unwrap();
            let version = peer.tls().map_or("-", |tls| tls.version().as_str());
            Ok::<_, std::convert::Infallible>(waypost::Response::new(waypost::Body::from(version)))
        });
        let client = Client::new(App::new(routes![..waypost::mount(service)]));
        let client = client.with_tls(TlsInfo::new(TlsVersion::Tls13));
        assert_eq!(ask(&client, "/any").await, says(200, "TLSv1.3"));
    }
}
