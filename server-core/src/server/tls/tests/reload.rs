//! Certificates that change while the server runs.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("waypost-tls-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        folder
    }

    fn put(&self, name: &str, pair: &Pair) {
        fs::write(self.0.join(format!("{name}.pem")), &pair.certificate).unwrap();
        fs::write(self.0.join(format!("{name}.key")), &pair.key).unwrap();
    }

    fn load(&self, name: &str) -> TlsCertificate {
        let path = |extension| self.0.join(format!("{name}.{extension}"));
        TlsCertificate::from_pem_files(path("pem"), path("key")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn presented(acceptor: &Acceptor, name: &'static str) -> CertificateDer<'static> {
    Client::new(name).meet(acceptor).await.unwrap().certificate().clone()
}

#[tokio::test]
async fn files_are_read_again_and_connections_live_on() {
    let folder = Folder::new();
    let [old, new, memory] = [(); 3].map(|()| Pair::of(&["a.example"]));
    folder.put("a", &old);
    let tls = Tls::new(folder.load("a")).unwrap().certificate_for("m.example", memory.load()).unwrap();
    let (acceptor, reloader) = (acceptor(&tls), tls.reloader());
    drop(tls);
    let mut met = Client::new("a.example").meet(&acceptor).await.unwrap();

    folder.put("a", &new);
    assert_eq!(presented(&acceptor, "a.example").await, old.der, "files are read when it is said");
    reloader.reload().unwrap();
    assert_eq!(presented(&acceptor, "a.example").await, new.der);
    assert_eq!(presented(&acceptor, "m.example").await, memory.der);
    met.talk().await.unwrap();
    assert_eq!(*met.certificate(), old.der);
}

#[tokio::test]
async fn a_bad_pair_changes_nothing() {
    let folder = Folder::new();
    let [a, b, other] = [&["a.example"], &["b.example"], &["a.example"]].map(|names| Pair::of(names));
    folder.put("a", &a);
    folder.put("b", &b);
    let tls = Tls::new(folder.load("a")).unwrap().certificate(folder.load("b")).unwrap();
    let (acceptor, reloader) = (acceptor(&tls), tls.reloader());

    // The first would do, and waits for the second.
    folder.put("a", &other);
    fs::write(folder.0.join("b.key"), &other.key).unwrap();
    let error = reloader.reload().unwrap_err();
    assert!(error.to_string().contains("does not belong to"), "{error}");
    fs::remove_file(folder.0.join("b.key")).unwrap();
    assert_eq!(reloader.reload().unwrap_err().io_error().unwrap().kind(), io::ErrorKind::NotFound);
    assert_eq!(presented(&acceptor, "a.example").await, a.der);
    assert_eq!(presented(&acceptor, "b.example").await, b.der);

    folder.put("b", &b);
    reloader.reload().unwrap();
    assert_eq!(presented(&acceptor, "a.example").await, other.der);
}

#[tokio::test]
async fn sessions_outlive_a_reload() {
    let acceptor_and_reloader = |tls: Tls| (acceptor(&tls), tls.reloader());
    let pair = Pair::of(&["a.example"]);
    let (acceptor, reloader) = acceptor_and_reloader(pair.tls());
    let client = Client::new("a.example").ready();
    client.meet(&acceptor).await.unwrap();
    reloader.reload().unwrap();
    assert!(client.meet(&acceptor).await.unwrap().is_resumed());
    reloader.replace(pair.tls()).unwrap();
    assert!(!client.meet(&acceptor).await.unwrap().is_resumed(), "other settings, other sessions");
}

#[tokio::test]
async fn all_is_replaced_in_every_server() {
    let [old, new] = [&["a.example"], &["b.example"]].map(|names| Pair::of(names));
    let tls = old.tls();
    let (first, second) = (tls.acceptor(true, false).unwrap(), tls.acceptor(true, true).unwrap());
    let reloader = tls.reloader();
    reloader.replace(new.tls()).unwrap();
    assert_eq!(reloader.certificates()[0].names().collect::<Vec<_>>(), ["b.example"]);
    for (acceptor, protocol) in [(&first, "http/1.1"), (&second, "h2")] {
        let met = Client::new("a.example").alpn(&["h2", "http/1.1"]).meet(acceptor).await.unwrap();
        assert_eq!(*met.certificate(), new.der);
        assert_eq!(met.info.alpn(), Some(protocol.as_bytes()));
    }

    let complete = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![old.der.clone()], old.key_der())
        .unwrap();
    let altered = Tls::from_rustls_0_23(Arc::new(complete)).refuse_unknown_names();
    assert!(reloader.replace(altered).is_err());
    assert_eq!(presented(&first, "a.example").await, new.der);
}
