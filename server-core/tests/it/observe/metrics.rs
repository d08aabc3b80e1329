//! The measurements of a request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use waypost::http::{Method, Request, Version};
use waypost::{App, Body, Metrics, Peer, Respond, TlsInfo, TlsVersion};

use super::{all, leave, with_extension};

/// Keeps what is recorded on this thread.
#[derive(Clone, Default)]
struct Meter(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    gauges: BTreeMap<String, f64>,
    /// The highest that each gauge was.
    most: BTreeMap<String, f64>,
    histograms: BTreeMap<String, Vec<f64>>,
    units: BTreeMap<String, Option<Unit>>,
}

impl Meter {
    /// The durations' labels, as text, with how many there are of each.
    fn durations(&self) -> Vec<(String, usize)> {
        let kept = self.0.lock().unwrap();
        kept.histograms
            .iter()
            .map(|(key, values)| {
                assert!(values.iter().all(|seconds| (0.0..60.0).contains(seconds)), "{values:?}");
                (key.strip_prefix("http.server.request.duration ").unwrap().to_owned(), values.len())
            })
            .collect()
    }

    #[track_caller]
    fn duration(&self) -> String {
        let durations = self.durations();
        assert_eq!(durations.len(), 1, "{durations:?}");
        assert_eq!(durations[0].1, 1);
        durations[0].0.clone()
    }

    fn gauges(&self) -> BTreeMap<String, f64> {
        self.0.lock().unwrap().gauges.clone()
    }
}

/// `name label=value label=value`, the labels in alphabetical order.
fn text(key: &Key) -> String {
    let mut labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
    labels.sort();
    format!("{} {}", key.name(), labels.join(" "))
}

struct Handle {
    meter: Meter,
    key: String,
}

impl GaugeFn for Handle {
    fn increment(&self, value: f64) {
        let mut kept = self.meter.0.lock().unwrap();
        let now = kept.gauges.entry(self.key.clone()).or_default();
        *now += value;
        let now = *now;
        let most = kept.most.entry(self.key.clone()).or_default();
        *most = most.max(now);
    }

    fn decrement(&self, value: f64) {
        self.increment(-value);
    }

    fn set(&self, _: f64) {
        unreachable!("several apps may share the gauge");
    }
}

impl HistogramFn for Handle {
    fn record(&self, value: f64) {
        self.meter.0.lock().unwrap().histograms.entry(self.key.clone()).or_default().push(value);
    }
}

impl Recorder for Meter {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        unreachable!("there are no counters");
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().units.insert(key.as_str().to_owned(), unit);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().units.insert(key.as_str().to_owned(), unit);
    }

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        unreachable!("there are no counters");
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::new(Handle { meter: self.clone(), key: text(key) }))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Handle { meter: self.clone(), key: text(key) }))
    }
}

fn app() -> App<impl waypost::Routes<()>> {
    App::new(all()).metrics(Metrics::new())
}

fn get(target: &str) -> Request<Body> {
    Request::get(target).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn what_is_measured() {
    let meter = Meter::default();
    let _guard = metrics::set_default_local_recorder(&meter);
    let app = app();
    assert_eq!(
        meter.0.lock().unwrap().units,
        BTreeMap::from([
            ("http.server.active_requests".to_owned(), Some(Unit::Count)),
            ("http.server.request.duration".to_owned(), Some(Unit::Seconds)),
        ])
    );
    for id in 0..3 {
        app.respond(get(&format!("/api/users/{id}")), &Peer::default()).await;
    }
    let mut request = get("/api/users/7");
    *request.version_mut() = Version::HTTP_2;
    app.respond(request, &Peer::default().with_tls(TlsInfo::new(TlsVersion::Tls13))).await;
    let labels = |version, scheme| {
        format!(
            "http.request.method=GET http.response.status_code=200 http.route=/api/users/{{id}} \
             network.protocol.version={version} url.scheme={scheme}"
        )
    };
    assert_eq!(meter.durations(), [(labels("1.1", "http"), 3), (labels("2", "https"), 1)]);
}

#[tokio::test]
async fn clients_make_up_no_labels() {
    let meter = Meter::default();
    let _guard = metrics::set_default_local_recorder(&meter);
    let app = app();
    for number in 0..50 {
        for target in ["/nowhere/", "/static/", "/api/users/"] {
            let method = Method::from_bytes(format!("BREW{number}").as_bytes()).unwrap();
            let request = Request::builder().method(method).uri(format!("{target}{number}"));
            app.respond(request.body(Body::empty()).unwrap(), &Peer::default()).await;
        }
    }
    let rest = "network.protocol.version=1.1 url.scheme=http";
    assert_eq!(
        meter.durations(),
        [
            (format!("http.request.method=_OTHER http.response.status_code=404 {rest}"), 100),
            (
                format!(
                    "http.request.method=_OTHER http.response.status_code=405 http.route=/api/users/{{id}} {rest}"
                ),
                50
            ),
        ]
    );
    assert_eq!(meter.gauges().len(), 1);
}

#[tokio::test]
async fn methods_of_a_route_are_known() {
    let meter = Meter::default();
    let _guard = metrics::set_default_local_recorder(&meter);
    let app = App::try_new(with_extension()).unwrap().metrics(Metrics::new());
    let request = Request::builder().method("PROPFIND").uri("/api/dav").body(Body::empty()).unwrap();
    app.respond(request, &Peer::default()).await;
    assert!(meter.duration().starts_with("http.request.method=PROPFIND "));
}

#[tokio::test]
async fn failures_have_a_type() {
    for (target, status) in [("/api/fails", 500), ("/api/panics", 500)] {
        let meter = Meter::default();
        let _guard = metrics::set_default_local_recorder(&meter);
        app().respond(get(target), &Peer::default()).await;
        let labels = meter.duration();
        assert!(labels.contains(&format!("error.type={status} ")), "{labels}");
        assert!(labels.contains(&format!("http.response.status_code={status} ")), "{labels}");
    }
}

#[tokio::test]
async fn requests_under_way_are_counted() {
    let meter = Meter::default();
    let _guard = metrics::set_default_local_recorder(&meter);
    let (app, peer) = (app(), Peer::default());
    let one = app.respond(get("/api/waits/one"), &peer);
    let two = app.respond(get("/api/waits/two"), &peer);
    futures_util::future::join(one, two).await;
    let gauge = "http.server.active_requests http.request.method=GET url.scheme=http".to_owned();
    assert_eq!(meter.0.lock().unwrap().most, BTreeMap::from([(gauge.clone(), 2.0)]));
    assert_eq!(meter.gauges(), BTreeMap::from([(gauge.clone(), 0.0)]));

    // One that nobody waits for is over, too.
    leave(app.respond(get("/api/never"), &peer)).await;
    assert_eq!(meter.gauges(), BTreeMap::from([(gauge, 0.0)]));
    let cancelled = "error.type=cancelled http.request.method=GET http.route=/api/never \
                     network.protocol.version=1.1 url.scheme=http";
    assert!(meter.durations().contains(&(cancelled.to_owned(), 1)), "{:?}", meter.durations());
}

#[tokio::test]
async fn a_stream_is_measured_to_its_end() {
    let meter = Meter::default();
    let _guard = metrics::set_default_local_recorder(&meter);
    let mut body = app().respond(get("/api/stream"), &Peer::default()).await.into_body();
    body.chunk().await.unwrap();
    body.chunk().await.unwrap();
    assert!(meter.durations().is_empty());
    assert_eq!(meter.gauges().into_values().collect::<Vec<_>>(), [1.0]);
    assert!(body.chunk().await.unwrap().is_none());
    assert!(!meter.duration().contains("error.type"));
    assert_eq!(meter.gauges().into_values().collect::<Vec<_>>(), [0.0]);
}

#[tokio::test]
async fn a_stream_that_is_not_wanted_is_over_at_once() {
    let meter = Meter::default();
    let _guard = metrics::set_default_local_recorder(&meter);
    let request = Request::head("/api/stream").body(Body::empty()).unwrap();
    let response = app().respond(request, &Peer::default()).await;
    assert!(meter.duration().starts_with("http.request.method=HEAD http.response.status_code=200"));
    drop(response);
}

#[tokio::test]
async fn nobody_who_asks_nothing_measured() {
    let meter = Meter::default();
    let _guard = metrics::set_default_local_recorder(&meter);
    App::new(all()).respond(get("/api/users/7"), &Peer::default()).await;
    assert!(meter.durations().is_empty() && meter.gauges().is_empty());
}
