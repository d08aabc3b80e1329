//! What is agreed on, and what comes of those who do not agree.

use std::time::Duration;

use rustls::ClientConnection;
use tokio::time::timeout;

use super::*;
use crate::respond::TlsVersion;

async fn chosen(server: (bool, bool), client: &[&str]) -> io::Result<Option<Vec<u8>>> {
    let acceptor = Pair::of(&["a.example"]).tls().acceptor(server.0, server.1).unwrap();
    let met = Client::new("a.example").alpn(client).meet(&acceptor).await?;
    let (_, connection) = met.client.get_ref();
    assert_eq!(connection.alpn_protocol(), met.info.alpn());
    Ok(met.info.alpn().map(<[u8]>::to_vec))
}

#[tokio::test]
async fn the_protocol_is_one_that_both_speak() {
    let both = (true, true);
    let (h1, h2) = (Some(b"http/1.1".to_vec()), Some(b"h2".to_vec()));
    assert_eq!(chosen(both, &["http/1.1", "h2"]).await.unwrap(), h2, "the server's preference counts");
    assert_eq!(chosen(both, &["http/1.1"]).await.unwrap(), h1);
    assert_eq!(chosen((true, false), &["h2", "http/1.1"]).await.unwrap(), h1);
    assert_eq!(chosen((false, true), &["h2", "http/1.1"]).await.unwrap(), h2);
    assert_eq!(chosen(both, &[]).await.unwrap(), None, "a client need not offer any");
    assert!(chosen((true, false), &["h2"]).await.is_err());
    assert!(chosen(both, &["imap"]).await.is_err());
}

#[tokio::test]
async fn the_outcome_is_told() {
    let acceptor = acceptor(&Pair::of(&["a.example"]).tls());
    let met = Client::new("A.Example").meet(&acceptor).await.unwrap();
    assert_eq!(met.info.version(), TlsVersion::Tls13);
    assert_eq!(met.info.server_name(), Some("a.example"));
    assert!(met.info.cipher().unwrap().starts_with("TLS_AES_"), "{:?}", met.info);
    assert!(met.info.client_certificates().is_empty());
    assert!(!met.is_resumed());

    let met = Client::new("192.0.2.1").only(&rustls::version::TLS12).meet(&acceptor).await.unwrap();
    assert_eq!(met.info.version(), TlsVersion::Tls12);
    assert_eq!(met.info.server_name(), None);
    assert!(met.info.cipher().unwrap().starts_with("TLS_ECDHE_ECDSA_WITH_"), "{:?}", met.info);
}

#[tokio::test]
async fn an_older_version_can_be_ruled_out() {
    let acceptor = acceptor(&Pair::of(&["a.example"]).tls().min_version(TlsVersion::Tls13));
    assert!(Client::new("a.example").only(&rustls::version::TLS12).meet(&acceptor).await.is_err());
    assert!(Client::new("a.example").only(&rustls::version::TLS13).meet(&acceptor).await.is_ok());
}

#[tokio::test]
async fn keys_of_all_kinds_serve() {
    for kind in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519] {
        let pair = Pair::with(&["a.example"], kind);
        let met = Client::new("a.example").meet(&acceptor(&pair.tls())).await.unwrap();
        assert_eq!(*met.certificate(), pair.der);
    }
}

#[tokio::test]
async fn sessions_are_resumed() {
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let acceptor = acceptor(&Pair::of(&["a.example"]).tls());
        let client = Client::new("a.example").only(version).ready();
        assert!(!client.meet(&acceptor).await.unwrap().is_resumed());
        for _ in 0..3 {
            let met = client.meet(&acceptor).await.unwrap();
            assert!(met.is_resumed(), "{version:?}");
            assert_eq!(met.info.server_name(), Some("a.example"));
        }
    }
}

#[tokio::test]
async fn early_data_is_not_offered() {
    let acceptor = acceptor(&Pair::of(&["a.example"]).tls());
    let mut client = Client::new("a.example");
    client.config.enable_early_data = true;
    let client = client.ready();
    client.meet(&acceptor).await.unwrap();
    let mut next = ClientConnection::new(Arc::clone(&client.config), client.name.clone()).unwrap();
    assert!(next.early_data().is_none(), "the ticket allows for some");
}

/// The client is told, and what is no TLS at all ends at once.
#[tokio::test]
async fn garbage_is_refused() {
    let acceptor = acceptor(&Pair::of(&["a.example"]).tls());
    let inputs: [&[u8]; 4] = [
        b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &[0x16, 3, 1, 0, 4, 1, 0, 0, 0, 0, 0, 0],
        &[0xff; 600],
    ];
    for input in inputs {
        let (near, mut far) = duplex(4096);
        far.write_all(input).await.unwrap();
        let error = acceptor.accept(near).await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
        let mut answer = Vec::new();
        far.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer[0], 0x15, "an alert");
    }
}

#[tokio::test]
async fn a_client_that_goes_is_an_error() {
    let acceptor = acceptor(&Pair::of(&["a.example"]).tls());
    let (near, far) = duplex(4096);
    drop(far);
    assert_eq!(acceptor.accept(near).await.err().unwrap().kind(), io::ErrorKind::UnexpectedEof);

    let (near, mut far) = duplex(4096);
    far.write_all(&[0x16, 3, 1, 2]).await.unwrap();
    drop(far);
    assert_eq!(acceptor.accept(near).await.err().unwrap().kind(), io::ErrorKind::UnexpectedEof);
}

/// It sleeps, so that the caller's deadline strikes, and others are served meanwhile.
#[tokio::test(start_paused = true)]
async fn a_silent_client_waits_for_the_callers_deadline() {
    let acceptor = acceptor(&Pair::of(&["a.example"]).tls());
    let (near, mut far) = duplex(4096);
    far.write_all(&[0x16, 3, 1]).await.unwrap();
    let silent = timeout(Duration::from_secs(10), acceptor.accept(near));
    let other = Client::new("a.example").meet(&acceptor);
    let (silent, other) = tokio::join!(silent, other);
    assert!(silent.is_err() && other.is_ok());
    assert_eq!(far.read(&mut [0]).await.unwrap(), 0, "the stream was let go");
}

#[tokio::test]
async fn rustls_can_be_configured_by_hand() {
    let pair = Pair::of(&["a.example"]);
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![pair.der.clone()], pair.key_der())
        .unwrap();
    let acceptor = Tls::from_rustls_0_23(Arc::new(config.clone())).acceptor(true, false).unwrap();
    let client = || Client::new("a.example").alpn(&["acme-tls/1", "h2", "http/1.1"]);
    let met = client().meet(&acceptor).await.unwrap();
    assert_eq!((met.info.version(), met.info.alpn()), (TlsVersion::Tls12, Some(&b"http/1.1"[..])));

    config.alpn_protocols = vec![b"acme-tls/1".to_vec()];
    let tls = Tls::from_rustls_0_23(Arc::new(config));
    let met = client().meet(&tls.acceptor(true, true).unwrap()).await.unwrap();
    assert_eq!(met.info.alpn(), Some(&b"acme-tls/1"[..]));

    let error = tls.refuse_unknown_names().acceptor(true, true).unwrap_err();
    assert!(error.to_string().contains("configuration of rustls"), "{error}");
}
