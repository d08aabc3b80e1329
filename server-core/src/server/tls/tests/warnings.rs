//! What an operator is told of certificates that are served nevertheless.

use std::fmt::{self, Write as _};
use std::sync::Mutex;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::*;

/// Takes warnings down.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Line<'a>(&'a mut String);
        impl Visit for Line<'_> {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                write!(self.0, "{field}={value:?};").unwrap();
            }
        }
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn valid(from: i32, until: i32) -> Pair {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    Pair { certificate: certificate.pem(), key: key.serialize_pem(), der: certificate.der().clone() }
}

fn told(pair: &Pair) -> String {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || pair.load());
    let told = log.0.lock().unwrap();
    told.clone()
}

#[tokio::test]
async fn an_expired_certificate_is_told_and_served() {
    let pair = valid(2000, 2001);
    let line = told(&pair);
    assert!(line.contains("the given certificate has expired") && line.contains("a.example"), "{line}");
    let met = Client::new("a.example").meet(&acceptor(&pair.tls())).await.unwrap();
    assert_eq!(*met.certificate(), pair.der);
}

#[test]
fn only_what_is_wrong_is_told() {
    assert_eq!(told(&valid(2000, 4000)), "");
    assert!(told(&valid(4000, 4001)).contains("is not valid yet"));
    let mut chained = valid(2000, 4000);
    chained.certificate += &valid(2000, 2001).certificate;
    let line = told(&chained);
    assert!(line.contains("a link in the chain of the given certificate has expired"), "{line}");
}
