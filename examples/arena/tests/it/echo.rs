//! echo-ws.

use crate::arena::Arena;

const KEY: [u8; 4] = [0x5a, 0x01, 0xfe, 0x80];

/// A frame as a client sends it: final, and masked.
fn frame(opcode: u8, content: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match content.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    frame.extend(KEY);
    frame.extend(content.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// The request and the answer of the profile's description.
#[test]
fn echo() {
    let arena = Arena::start();
    let mut http = arena.connect();
    let upgrade = http.get_with(
        "/ws",
        "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-version: 13\r\n",
    );
    assert_eq!(upgrade.status, 101);
    assert_eq!(upgrade.field("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    for _ in 0..100 {
        http.send(&frame(1, b"hello"));
        assert_eq!(http.bytes(7), b"\x81\x05hello");
    }
    let binary = [7; 1000];
    http.send(&frame(2, &binary));
    assert_eq!(http.bytes(4), [0x82, 126, 3, 232]);
    assert_eq!(http.bytes(1000), binary);
    // Several at once come back in their order.
    http.send(&[frame(1, b"one"), frame(1, b""), frame(1, b"three")].concat());
    assert_eq!(http.bytes(14), b"\x81\x03one\x81\x00\x81\x05three");
    http.send(&frame(8, &1000_u16.to_be_bytes()));
    assert_eq!(http.rest(), b"\x88\x02\x03\xe8");
}

#[test]
fn no_upgrade() {
    let arena = Arena::start();
    assert_eq!(arena.connect().get("/ws").status / 100, 4);
}
