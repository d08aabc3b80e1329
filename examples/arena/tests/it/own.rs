//! What the sibling on axum does otherwise: all other checks are `benches/arena`'s, too.

use crate::arena::Arena;

#[test]
fn what_is_allowed_is_all_listed() {
    let arena = Arena::start();
    let other = arena.connect().send_body("PUT", "/baseline11?a=1&b=2", "", b"3");
    assert_eq!((other.status, other.field("allow")), (405, Some("GET, POST, HEAD, OPTIONS")));
}

/// Of codings that are as welcome it is the quicker one. tower-http takes brotli.
#[test]
fn gzip_before_brotli() {
    let arena = Arena::start();
    let mut http = arena.connect();
    let reply = http.get_with("/json/25?m=4", "accept-encoding: gzip, br\r\n");
    assert_eq!((reply.status, reply.field("content-encoding")), (200, Some("gzip")));
    let reply = http.get_with("/json/25?m=4", "accept-encoding: gzip;q=0.5, br\r\n");
    assert_eq!((reply.status, reply.field("content-encoding")), (200, Some("br")));
}

/// More than the route takes is refused before it is sent.
#[test]
fn an_upload_has_a_limit() {
    let arena = Arena::start();
    let mut http = arena.connect();
    http.send(b"POST /upload HTTP/1.1\r\nhost: localhost\r\ncontent-length: 20971521\r\n\r\n");
    assert_eq!(http.read().status, 413);
}
