//! Clients that prove who they are.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};

use super::super::ClientAuth;
use super::*;

/// Who vouches for clients.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn sign(&self, change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["client.example".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Pair { certificate: certificate.pem(), key: key.serialize_pem(), der: certificate.der().clone() }
    }

    fn revoke(&self, serial: &SerialNumber, next_update: i32) -> String {
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(next_update, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: serial.clone(),
                revocation_time: date_time_ymd(2020, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

fn server(auth: ClientAuth) -> Acceptor {
    acceptor(&Pair::of(&["a.example"]).tls().client_auth(auth))
}

/// What the server made of a client: the certificates it saw, or that it refused it.
async fn seen(acceptor: &Acceptor, certificate: Option<&Pair>) -> Option<Vec<Vec<u8>>> {
    let met = Client::with("a.example", certificate).meet(acceptor).await.ok()?;
    Some(met.info.client_certificates().iter().map(|link| link.to_vec()).collect())
}

#[tokio::test]
async fn a_certificate_is_required() {
    let authority = Authority::new();
    let acceptor = server(ClientAuth::required(&authority.pem).unwrap());
    let client = authority.sign(|_| {});
    assert_eq!(seen(&acceptor, Some(&client)).await, Some(vec![client.der.to_vec()]));
    assert_eq!(seen(&acceptor, None).await, None);
}

#[tokio::test]
async fn a_certificate_is_asked_for() {
    let authority = Authority::new();
    let acceptor = server(ClientAuth::optional(&authority.pem).unwrap());
    let client = authority.sign(|_| {});
    assert_eq!(seen(&acceptor, Some(&client)).await, Some(vec![client.der.to_vec()]));
    assert_eq!(seen(&acceptor, None).await, Some(Vec::new()));
    // One that is there must be good.
    assert_eq!(seen(&acceptor, Some(&Authority::new().sign(|_| {}))).await, None);
}

#[tokio::test]
async fn what_no_authority_stands_for_is_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    let acceptor = server(ClientAuth::required(&authority.pem).unwrap());
    let strangers = [
        other.sign(|_| {}),
        Pair::of(&["client.example"]),
        authority.sign(|params| params.not_after = date_time_ymd(2020, 1, 1)),
        authority.sign(|params| params.not_before = date_time_ymd(4000, 1, 1)),
        authority.sign(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
    ];
    for (index, stranger) in strangers.iter().enumerate() {
        assert_eq!(seen(&acceptor, Some(stranger)).await, None, "{index}");
    }
    let both = server(ClientAuth::required(format!("{}\n{}", authority.pem, other.pem)).unwrap());
    assert!(seen(&both, Some(&strangers[0])).await.is_some());
}

#[tokio::test]
async fn a_revoked_certificate_is_refused() {
    let authority = Authority::new();
    let serial = SerialNumber::from(4711);
    let revoked = authority.sign(|params| params.serial_number = Some(serial.clone()));
    let client = authority.sign(|_| {});
    let auth = |list: &str| ClientAuth::required(&authority.pem).unwrap().revocation_lists(list).unwrap();

    let acceptor = server(auth(&authority.revoke(&serial, 4000)));
    assert!(seen(&acceptor, Some(&client)).await.is_some());
    assert_eq!(seen(&acceptor, Some(&revoked)).await, None);

    let outdated = server(auth(&authority.revoke(&serial, 2021)));
    assert_eq!(seen(&outdated, Some(&client)).await, None);
}

/// A resumed session is that of the client that began it.
#[tokio::test]
async fn a_resumed_client_is_known() {
    let authority = Authority::new();
    let acceptor = server(ClientAuth::required(&authority.pem).unwrap());
    let pair = authority.sign(|_| {});
    let client = Client::with("a.example", Some(&pair)).ready();
    assert!(!client.meet(&acceptor).await.unwrap().is_resumed());
    let met = client.meet(&acceptor).await.unwrap();
    assert!(met.is_resumed());
    assert_eq!(met.info.client_certificates()[0], pair.der.as_ref());
}

/// New authorities also count for sessions that began before them.
#[tokio::test]
async fn authorities_are_replaced() {
    let (old, new) = (Authority::new(), Authority::new());
    let own = Pair::of(&["a.example"]);
    let tls = own.tls().client_auth(ClientAuth::required(&old.pem).unwrap());
    let acceptor = acceptor(&tls);
    let pair = old.sign(|_| {});
    let client = Client::with("a.example", Some(&pair)).ready();
    client.meet(&acceptor).await.unwrap();
    tls.reloader().replace(own.tls().client_auth(ClientAuth::required(&new.pem).unwrap())).unwrap();
    assert!(client.meet(&acceptor).await.is_err());
    assert!(seen(&acceptor, Some(&new.sign(|_| {}))).await.is_some());
}
