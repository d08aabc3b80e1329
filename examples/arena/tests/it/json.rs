//! json, json-comp, json-tls, json-h2c.

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
