//! Which certificate a client sees.

use super::*;

/// A server for several names, the pairs in the order `default, shop, any`.
fn site() -> (Tls, [Pair; 3]) {
    let pairs = [
        Pair::of(&["example.org", "www.example.org"]),
        Pair::of(&["Shop.example.org", "shop.example.net"]),
        Pair::of(&["*.example.org"]),
    ];
    let tls = pairs[0].tls().certificate(pairs[1].load()).unwrap().certificate(pairs[2].load()).unwrap();
    (tls, pairs)
}

#[tokio::test]
async fn it_is_the_one_for_the_name() {
    let (tls, [default, shop, any]) = site();
    let acceptor = acceptor(&tls);
    for (name, pair) in [
        ("example.org", &default),
        ("www.example.org", &default),
        ("shop.example.org", &shop),
        ("SHOP.example.NET", &shop),
        ("other.example.org", &any),
        // One label, and no more.
        ("a.b.example.org", &default),
        ("example.net", &default),
        ("192.0.2.1", &default),
    ] {
        let met = Client::new(name).meet(&acceptor).await.unwrap();
        assert_eq!(*met.certificate(), pair.der, "{name}");
    }
}

#[tokio::test]
async fn unknown_names_can_be_refused() {
    let (tls, [default, _, any]) = site();
    let acceptor = acceptor(&tls.refuse_unknown_names());
    for name in ["example.net", "a.b.example.org", "localhost", "192.0.2.1"] {
        assert!(Client::new(name).meet(&acceptor).await.is_err(), "{name}");
    }
    for (name, pair) in [("example.org", &default), ("other.example.org", &any)] {
        assert_eq!(*Client::new(name).meet(&acceptor).await.unwrap().certificate(), pair.der, "{name}");
    }
}

#[tokio::test]
async fn a_name_that_was_given_goes_before_those_of_certificates() {
    let [default, api, tenants] = [&["api.example.org"][..], &[], &[]].map(Pair::of);
    let tls = default.tls().certificate_for("API.example.org", api.load()).unwrap();
    let acceptor = acceptor(&tls.certificate_for("*.tenants.example", tenants.load()).unwrap());
    for (name, pair) in
        [("api.example.org", &api), ("one.tenants.example", &tenants), ("tenants.example", &default)]
    {
        let met = Client::new(name).meet(&acceptor).await.unwrap();
        assert_eq!(*met.certificate(), pair.der, "{name}");
    }
}

/// Old clients know RSA, or ECDSA, or not Ed25519.
#[tokio::test]
async fn of_several_kinds_it_is_one_the_client_understands() {
    let new = Pair::with(&["a.example"], &rcgen::PKCS_ED25519);
    let old = Pair::of(&["a.example"]);
    let acceptor = acceptor(&new.tls().certificate(old.load()).unwrap());
    assert_eq!(*Client::new("a.example").meet(&acceptor).await.unwrap().certificate(), new.der);

    #[derive(Debug)]
    struct Old;
    impl ServerCertVerifier for Old {
        fn verify_server_cert(
            &self,
            own: &CertificateDer<'_>,
            chain: &[CertificateDer<'_>],
            name: &ServerName<'_>,
            ocsp: &[u8],
            now: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            Unminding.verify_server_cert(own, chain, name, ocsp, now)
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Unminding.verify_tls12_signature(message, certificate, signature)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Unminding.verify_tls13_signature(message, certificate, signature)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ECDSA_NISTP256_SHA256]
        }
    }
    let mut client = Client::new("a.example");
    client.config.dangerous().set_certificate_verifier(Arc::new(Old));
    assert_eq!(*client.meet(&acceptor).await.unwrap().certificate(), old.der);
}

#[test]
fn what_is_no_name_is_an_error() {
    let pair = Pair::of(&["a.example"]);
    for name in [
        "",
        "*",
        "*.",
        "a b",
        "a.example:443",
        "a.example.",
        "*.a.example.",
        "a.*.example",
        "b\u{fc}cher.example",
        "192.0.2.1",
        "[::1]",
    ] {
        let error = pair.tls().certificate_for(name, pair.load()).unwrap_err();
        assert!(error.to_string().ends_with("is no host name"), "{name}: {error}");
    }
    let nameless = Pair::of(&[]);
    let error = pair.tls().certificate(nameless.load()).unwrap_err();
    assert!(error.to_string().contains("certificate_for"), "{error}");
}
