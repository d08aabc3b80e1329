//! async-db, crud and api-4.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::arena::Arena;
use crate::postgres::Postgres;

#[test]
fn without_a_database() {
    let arena = Arena::start();
    let mut http = arena.connect();
    assert_eq!(http.get("/async-db?min=10&max=50&limit=5").status, 503);
    assert_eq!(http.get("/crud/items").status, 503);
    assert_eq!(http.get("/crud/items/1").status, 503);
    assert_eq!(http.send_json("PUT", "/crud/items/1", r#"{"name":"a","price":1,"quantity":1}"#).status, 503);
    http.get("/baseline11?a=1&b=2").says("3");
}

#[test]
fn with_a_database_that_does_not_answer() {
    let arena = Arena::start_with(&[("DATABASE_URL", "postgres://bench@%2Fnowhere/bench")]);
    let mut http = arena.connect();
    assert_eq!(http.get("/async-db?min=10&max=50&limit=5").text(), r#"{"items":[],"count":0}"#);
    let refused = http.get("/crud/items/1");
    assert_eq!(refused.status, 503);
    assert!(!refused.text().contains("nowhere"), "{}", refused.text());
    http.get("/baseline11?a=1&b=2").says("3");
}

/// One database for all, one after the other: it takes longer to start than to be asked.
#[tokio::test]
async fn with_a_database() {
    let Some(postgres) = Postgres::start().await else { return };
    let arena = Arena::start_with(&[("DATABASE_URL", &postgres.url), ("DATABASE_MAX_CONN", "8")]);
    by_price(&arena);
    list(&arena);
    read(&arena);
    change(&arena);
    create(&arena);
    more_clients_than_connections(&arena);
    api_4(&arena);
    // The database goes: what needs it says so, and the rest goes on.
    drop(postgres);
    let mut http = arena.connect();
    assert_eq!(http.get("/async-db").text(), r#"{"items":[],"count":0}"#);
    assert_eq!(http.get("/crud/items").status / 100, 5);
    http.get("/pipeline").says("ok");
}

/// The row that the table has for an id.
fn row(id: i64) -> Value {
    let category = ["toys", "electronics", "office", "tools"][id as usize % 4];
    json!({
        "id": id,
        "name": format!("Widget {id}"),
        "category": category,
        "price": id % 500,
        "quantity": id % 100,
        "active": id % 2 == 0,
        "tags": ["fast", "new"],
        "rating": { "score": id % 50, "count": id },
    })
}

fn by_price(arena: &Arena) {
    let mut http = arena.connect();
    let mut items = |query: &str| {
        let found = http.get(&format!("/async-db{query}")).json();
        let items = found["items"].as_array().unwrap().clone();
        assert_eq!(found["count"], items.len());
        for item in &items {
            assert_eq!(*item, row(item["id"].as_i64().unwrap()));
        }
        items.iter().map(|item| item["price"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let found = items("?min=100&max=102&limit=20");
    assert_eq!(found.len(), 6);
    assert!(found.iter().all(|price| (100..=102).contains(price)));
    let found = items("");
    assert_eq!(found.len(), 50);
    assert!(found.iter().all(|price| (10..=50).contains(price)));
    for (limit, count) in [("5", 5), ("35", 35), ("50", 50), ("51", 50), ("1000000", 50), ("0", 1), ("-1", 1)]
    {
        assert_eq!(items(&format!("?min=10&max=50&limit={limit}")).len(), count, "{limit}");
    }
    assert_eq!(items("?min=50&max=10").len(), 0);
    assert_eq!(http.get("/async-db?min=ten").status, 400);
}

fn list(arena: &Arena) {
    let mut http = arena.connect();
    let mut ids = |query: &str, page: i64, limit: i64| {
        let found = http.get(&format!("/crud/items{query}")).json();
        let items = found["items"].as_array().unwrap();
        assert_eq!(found, json!({ "items": items, "total": items.len(), "page": page, "limit": limit }));
        items.iter().for_each(|item| assert_eq!(*item, row(item["id"].as_i64().unwrap())));
        items.iter().map(|item| item["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids("", 1, 10), [1, 5, 9, 13, 17, 21, 25, 29, 33, 37]);
    assert_eq!(ids("?category=office&page=2&limit=3", 2, 3), [14, 18, 22]);
    assert_eq!(ids("?category=office&page=0&limit=51", 1, 50).len(), 50);
    assert_eq!(ids("?category=toys&page=6&limit=50", 6, 50), Vec::<i64>::new());
    assert_eq!(ids("?category=no%20such%27--", 1, 10), Vec::<i64>::new());
    assert_eq!(ids("?page=9223372036854775807", i64::MAX, 10), Vec::<i64>::new());
}

fn read(arena: &Arena) {
    let mut http = arena.connect();
    let first = http.get("/crud/items/42");
    assert_eq!(first.field("x-cache"), Some("MISS"));
    assert_eq!(first.json(), row(42));
    // Sooner or later two come within 200 ms, however busy the machine is.
    let hit = loop {
        let next = http.get("/crud/items/42");
        assert_eq!(next.json(), row(42));
        if next.field("x-cache") == Some("HIT") {
            break next;
        }
        assert_eq!(next.field("x-cache"), Some("MISS"));
    };
    assert_eq!(hit.status, 200);
    // Reading it does not prolong its time.
    let started = Instant::now();
    while http.get("/crud/items/42").field("x-cache") == Some("HIT") {
        assert!(started.elapsed() < Duration::from_secs(60), "it is never read again");
    }
    thread::sleep(Duration::from_millis(220));
    assert_eq!(http.get("/crud/items/42").field("x-cache"), Some("MISS"));
    assert_eq!(http.get("/crud/items/123456").status, 404);
    assert_eq!(http.get("/crud/items/one").status, 400);
}

fn change(arena: &Arena) {
    let mut http = arena.connect();
    for price in 1000..1020 {
        let document = format!(r#"{{"name":"\u0022{price}\u0022","price":{price},"quantity":7}}"#);
        let changed = http.send_json("PUT", "/crud/items/42", &document);
        assert_eq!(changed.status, 200);
        let mut expected = row(42);
        expected["name"] = format!("\"{price}\"").into();
        expected["price"] = price.into();
        expected["quantity"] = 7.into();
        assert_eq!(changed.json(), expected);
        // What was cached before is not seen again.
        let read = http.get("/crud/items/42");
        assert_eq!((read.field("x-cache"), read.json()), (Some("MISS"), expected));
    }
    let missing = http.send_json("PUT", "/crud/items/123456", r#"{"name":"a","price":1,"quantity":1}"#);
    assert_eq!(missing.status, 404);
    assert_eq!(http.send_json("PUT", "/crud/items/42", r#"{"name":"a","price":1}"#).status, 422);
    assert_eq!(http.send_json("PUT", "/crud/items/42", "{").status, 400);
    assert_eq!(http.send_body("PUT", "/crud/items/42", "", b"{}").status, 415);
}

fn create(arena: &Arena) {
    let mut http = arena.connect();
    for (name, price) in [("New Product", 25), ("Newer Product", 26)] {
        let document =
            json!({ "id": 200_001, "name": name, "category": "test", "price": price, "quantity": 10 });
        let created = http.send_json("POST", "/crud/items", &document.to_string());
        assert_eq!(created.status, 201);
        let mut expected = document;
        expected["active"] = true.into();
        expected["tags"] = json!([]);
        expected["rating"] = json!({ "score": 0, "count": 0 });
        assert_eq!(created.json(), expected);
        let read = http.get("/crud/items/200001");
        assert_eq!((read.field("x-cache"), read.json()), (Some("MISS"), expected));
    }
    let listed = http.get("/crud/items?category=test").json();
    assert_eq!(listed["total"], 1);
    assert_eq!(http.send_json("POST", "/crud/items", r#"{"id":1}"#).status, 422);
}

fn more_clients_than_connections(arena: &Arena) {
    thread::scope(|scope| {
        for client in 0..24 {
            scope.spawn(move || {
                let mut http = arena.connect();
                for request in 0..10 {
                    let limit = 1 + (client + request) % 50;
                    let found = http.get(&format!("/async-db?min=10&max=50&limit={limit}")).json();
                    assert_eq!(found["count"], limit);
                }
            });
        }
    });
}

/// Three kinds of requests mixed, and after each five of them another connection.
fn api_4(arena: &Arena) {
    const KINDS: [&str; 8] = [
        "/baseline11?a=1&b=2",
        "/baseline11?a=1&b=2",
        "/baseline11?a=1&b=2",
        "/json/10?m=2",
        "/json/25?m=4",
        "/json/50?m=6",
        "/async-db?min=10&max=50&limit=20",
        "/async-db?min=10&max=50",
    ];

    thread::scope(|scope| {
        for client in 0..16 {
            scope.spawn(move || {
                let mut targets = KINDS.iter().cycle().skip(client).take(5 * KINDS.len());
                for _ in 0..KINDS.len() {
                    let mut http = arena.connect();
                    for (left, target) in (0..5).rev().zip(&mut targets) {
                        let field = if left == 0 { "connection: close\r\n" } else { "" };
                        let reply = http.get_with(target, field);
                        assert_eq!(reply.status, 200, "{target}");
                        match target.split(['/', '?']).nth(1) {
                            Some("baseline11") => reply.says("3"),
                            Some("json") => assert_eq!(reply.json()["count"], count_of(target), "{target}"),
                            _ => {
                                let count = if target.contains("limit") { 20 } else { 50 };
                                assert_eq!(reply.json()["count"], count, "{target}");
                            }
                        }
                    }
                    assert_eq!(http.rest(), b"", "it is closed, and nothing follows");
                }
                assert_eq!(targets.next(), None);
            });
        }
    });
}

/// How many items `/json/{count}` is asked for.
fn count_of(target: &str) -> usize {
    target.split(['/', '?']).nth(2).unwrap().parse().unwrap()
}
