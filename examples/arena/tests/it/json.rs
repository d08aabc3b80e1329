//! json, json-comp, json-tls, json-h2c.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::arena::Arena;
use crate::http2::Http2;

/// What the arena asks for.
const ASKED: [(usize, i64); 7] = [(1, 3), (5, 7), (10, 2), (15, 5), (25, 4), (40, 8), (50, 6)];

/// What the answer is, by the dataset as it is.
fn expected(count: usize, multiplier: i64) -> Value {
    let dataset = include_str!("../../data/dataset.json");
    let mut items: Vec<Value> = serde_json::from_str(dataset).unwrap();
    items.truncate(count);
    for item in &mut items {
        let total = item["price"].as_i64().unwrap() * item["quantity"].as_i64().unwrap() * multiplier;
        item["total"] = total.into();
    }
    json!({ "count": items.len(), "items": items })
}

#[test]
fn json() {
    let arena = Arena::start();
    let mut http = arena.connect();
    for (count, m) in ASKED {
        assert_eq!(http.get(&format!("/json/{count}?m={m}")).json(), expected(count, m));
    }
    assert_eq!(http.get("/json/5?m=-2").json(), expected(5, -2));
    assert_eq!(http.get("/json/51?m=1").json(), expected(50, 1));
    assert_eq!(http.get("/json/0?m=1").json(), expected(0, 1));
    for faulty in ["/json/5", "/json/5?m=x", "/json/-5?m=1", "/json/five?m=1"] {
        assert_eq!(http.get(faulty).status, 400, "{faulty}");
    }
}

#[test]
fn json_tls() {
    let arena = Arena::start();
    let mut http = arena.connect_tls();
    for (count, m) in ASKED {
        let reply = http.get(&format!("/json/{count}?m={m}"));
        assert_eq!(reply.field("content-encoding"), None);
        assert_eq!(reply.json(), expected(count, m));
    }
}

#[tokio::test]
async fn json_h2c() {
    let arena = Arena::start();
    let mut http = Http2::plain(arena.h2c).await;
    for (count, m) in ASKED {
        let reply = http.get(&format!("/json/{count}?m={m}")).await;
        assert_eq!(reply.fields["content-type"], "application/json");
        assert_eq!(serde_json::from_slice::<Value>(&reply.body).unwrap(), expected(count, m));
    }
}

/// Each answer is compressed for whoever asks for it, and for nobody else.
#[test]
fn json_compressed() {
    let arena = Arena::start();
    let mut http = arena.connect();
    for (count, m) in [(25, 4), (40, 8), (50, 6)] {
        let target = format!("/json/{count}?m={m}");
        let plain = http.get(&target);
        assert_eq!(plain.field("content-encoding"), None);
        assert_eq!(plain.json(), expected(count, m));
        let refused = http.get_with(&target, "accept-encoding: gzip;q=0, br;q=0\r\n");
        assert_eq!((refused.field("content-encoding"), &refused.body), (None, &plain.body));

        let reply = http.get_with(&target, "accept-encoding: gzip\r\n");
        assert_eq!((reply.status, reply.field("content-encoding")), (200, Some("gzip")));
        assert_eq!(reply.field("content-type"), Some("application/json"));
        assert_eq!(reply.field("vary"), Some("accept-encoding"));
        assert!(reply.body.len() < plain.body.len() / 3, "{} bytes", reply.body.len());
        let mut document = Vec::new();
        GzDecoder::new(&reply.body[..]).read_to_end(&mut document).unwrap();
        assert_eq!(document, plain.body);
        let brotli = http.get_with(&target, "accept-encoding: br\r\n");
        assert_eq!(brotli.field("content-encoding"), Some("br"));
    }
}
