//! baseline, short-lived, pipelined, baseline-h2, baseline-h2c.

use crate::arena::Arena;
use crate::http2::Http2;

#[test]
fn baseline() {
    let arena = Arena::start();
    let mut http = arena.connect();
    http.get("/baseline11?a=13&b=42").says("55");
    http.get("/baseline11?b=-42&a=13").says("-29");
    let plain = "content-type: text/plain\r\n";
    http.send_body("POST", "/baseline11?a=13&b=42", plain, b"20").says("75");
    http.post_chunked("/baseline11?a=13&b=42", &[b"20"]).says("75");
    http.post_chunked("/baseline11?a=13&b=42", &[b"9", b"87", b"6"]).says("9931");
    http.get("/baseline11?a=9007199254740993&b=0").says("9007199254740993");
    for faulty in
        ["?a=13", "?a=13&b=", "?a=13&b=4.2", "?a=1&b=9223372036854775808", "?a=1&b=9223372036854775807"]
    {
        assert_eq!(http.get(&format!("/baseline11{faulty}")).status, 400, "{faulty}");
    }
    assert_eq!(http.send_body("POST", "/baseline11?a=1&b=2", "", b"three").status, 400);
    assert_eq!(http.send_body("POST", "/baseline11?a=1&b=2", "", b"").status, 400);
    let other = http.send_body("PUT", "/baseline11?a=1&b=2", "", b"3");
    assert_eq!(other.status, 405);
    assert!(["GET", "POST"].iter().all(|method| other.field("allow").unwrap().contains(method)));
    assert_eq!(arena.connect().get("/baseline").status, 404);
}

#[test]
fn short_lived() {
    let arena = Arena::start();
    for round in 0..20 {
        let mut http = arena.connect();
        for request in 0..9 {
            http.get(&format!("/baseline11?a={round}&b={request}")).says(&(round + request).to_string());
        }
        http.get_with("/baseline11?a=13&b=42", "connection: close\r\n").says("55");
        assert_eq!(http.rest(), b"");
    }
}

#[test]
fn pipelined() {
    let arena = Arena::start();
    let mut http = arena.connect();
    for _ in 0..20 {
        http.send(&b"GET /pipeline HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(16));
        for _ in 0..16 {
            http.read().says("ok");
        }
    }
}

#[tokio::test]
async fn in_http2() {
    let arena = Arena::start();
    for mut http in [Http2::plain(arena.h2c).await, Http2::tls(&arena).await] {
        let reply = http.get("/baseline2?a=13&b=42").await;
        assert_eq!((reply.status.as_u16(), &reply.body[..]), (200, &b"55"[..]));
        assert_eq!(reply.fields["content-type"], "text/plain; charset=utf-8");
        assert_eq!(http.get("/baseline2?a=13").await.status, 400);
    }
}

#[cfg(unix)]
#[test]
fn all_ports_end_with_the_process() {
    let mut arena = Arena::start();
    arena.connect().get("/pipeline").says("ok");
    assert!(arena.terminate());
}
