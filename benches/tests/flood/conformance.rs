//! What a server must say to frames that are wrong (RFC 9113, RFC 7541): the sections of h2spec, one line a case.

use crate::client::{Client, Seen};
use crate::victim::{Deadlines, Victim};
use crate::wire::*;

/// What the server must do.
#[derive(Clone, Copy, Debug)]
enum Due {
    /// End the connection, with one of these codes.
    Gone(&'static [u32]),
    /// Reset stream 1, or end the connection, with one of these codes.
    Reset(&'static [u32]),
    /// Answer stream 1.
    Status(u16),
    /// Nothing but answer the PING that follows.
    Nothing,
}

use Due::{Gone, Nothing, Reset, Status};

impl Due {
    fn is_done(self, seen: &Seen) -> bool {
        let gone = |codes: &[u32]| seen.gone.is_some_and(|code| codes.contains(&code));
        match self {
            Gone(codes) => gone(codes),
            Reset(codes) => {
                seen.resets.iter().any(|(id, code)| *id == 1 && codes.contains(code)) || gone(codes)
            }
            Status(status) => seen.statuses.contains(&(1, status)),
            Nothing => seen.pongs == 1,
        }
    }
}

const PROTOCOL: Due = Gone(&[PROTOCOL_ERROR]);
const MALFORMED: Due = Reset(&[PROTOCOL_ERROR]);
/// Where a frame or a block cannot be read, h2 ends the connection as it must, but says PROTOCOL_ERROR for most reasons.
const SIZE: Due = Gone(&[FRAME_SIZE_ERROR, PROTOCOL_ERROR]);
const COMPRESSION: Due = Gone(&[COMPRESSION_ERROR, PROTOCOL_ERROR]);
const FLOW: Due = Gone(&[FLOW_CONTROL_ERROR, PROTOCOL_ERROR]);
const CLOSED: Due = Reset(&[STREAM_CLOSED, PROTOCOL_ERROR]);

fn cases() -> Vec<(&'static str, Vec<u8>, Due)> {
    const ENDS: u8 = END_STREAM | END_HEADERS;
    let hello = || head(2, "/hello");
    let with = |block: &[u8]| get_with(1, block);
    let only = |block: &[u8]| headers(ENDS, 1, block);
    let setting = |number, value| settings(&[(number, value)]);
    let of_length =
        |length: &str| headers(END_HEADERS, 1, &[head(3, "/echo"), field("content-length", length)].concat());
    let max = i32::MAX as u32;
    vec![
        ("4.1 a frame of unknown type", [frame(0xfa, 0, 0, b"?"), get(1, "/hello")].concat(), Status(200)),
        ("4.1 unknown flags", frame(PING, 0xf6, 0, b"at work!"), Nothing),
        ("4.1 the reserved bit", frame(PING, 0, 1 << 31, b"at work!"), Nothing),
        (
            "4.2 DATA over the maximum",
            [post(1), frame(DATA, 0, 1, &[0; 16_385])].concat(),
            Gone(&[FRAME_SIZE_ERROR]),
        ),
        ("4.2 HEADERS over the maximum", headers(ENDS, 1, &[0; 16_385]), SIZE),
        ("4.3 a block that cannot be decoded", with(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), COMPRESSION),
        ("4.3 another frame within a block", [headers(END_STREAM, 1, &hello()), ping()].concat(), PROTOCOL),
        (
            "4.3 another stream within a block",
            [headers(END_STREAM, 1, &hello()), get(3, "/hello")].concat(),
            PROTOCOL,
        ),
        ("5.1 DATA on an idle stream", frame(DATA, 0, 1, b"x"), PROTOCOL),
        ("5.1 RST_STREAM on an idle stream", reset(1), PROTOCOL),
        ("5.1 WINDOW_UPDATE on an idle stream", window_update(1, 1), PROTOCOL),
        ("5.1 CONTINUATION on an idle stream", frame(CONTINUATION, END_HEADERS, 1, &hello()), PROTOCOL),
        (
            "5.1 DATA after END_STREAM",
            [post(1), frame(DATA, 1, 1, b"x"), frame(DATA, 0, 1, b"x")].concat(),
            CLOSED,
        ),
        (
            "5.1 HEADERS after END_STREAM",
            [post(1), frame(DATA, 1, 1, b"x"), get(1, "/hello")].concat(),
            CLOSED,
        ),
        ("5.1 DATA after RST_STREAM", [post(1), reset(1), frame(DATA, 0, 1, b"x")].concat(), CLOSED),
        ("5.1 PRIORITY on an idle stream", frame(PRIORITY, 0, 7, &[0, 0, 0, 0, 9]), Nothing),
        ("5.1.1 an even stream", get(2, "/hello"), PROTOCOL),
        (
            "5.1.1 a smaller stream",
            [get(5, "/hello"), get(3, "/hello")].concat(),
            Gone(&[PROTOCOL_ERROR, STREAM_CLOSED]),
        ),
        (
            "5.3.1 HEADERS dependent on itself",
            headers(ENDS | WITH_PRIORITY, 1, &[&[0, 0, 0, 1, 9], &*hello()].concat()),
            MALFORMED,
        ),
        ("5.5 unknown setting", [setting(0xff, 1), get(1, "/hello")].concat(), Status(200)),
        ("6.1 DATA on stream 0", frame(DATA, 0, 0, b"x"), PROTOCOL),
        (
            "6.1 DATA padded beyond its length",
            [post(1), frame(DATA, PADDED, 1, b"\x09xxxx")].concat(),
            PROTOCOL,
        ),
        ("6.2 HEADERS on stream 0", headers(ENDS, 0, &hello()), PROTOCOL),
        (
            "6.2 HEADERS padded beyond its length",
            headers(ENDS | PADDED, 1, &[&[200], &*hello()].concat()),
            PROTOCOL,
        ),
        (
            "6.2 HEADERS padded and with priority",
            headers(ENDS | PADDED | WITH_PRIORITY, 1, &[&[2, 0, 0, 0, 0, 9], &*hello(), &[0, 0]].concat()),
            Status(200),
        ),
        ("6.3 PRIORITY on stream 0", frame(PRIORITY, 0, 0, &[0, 0, 0, 1, 9]), PROTOCOL),
        (
            "6.3 PRIORITY of 4 octets",
            [post(1), frame(PRIORITY, 0, 1, &[0, 0, 0, 3])].concat(),
            Reset(&[FRAME_SIZE_ERROR, PROTOCOL_ERROR]),
        ),
        ("6.4 RST_STREAM on stream 0", reset(0), PROTOCOL),
        ("6.4 RST_STREAM of 3 octets", [post(1), frame(RST_STREAM, 0, 1, &[0, 0, 8])].concat(), SIZE),
        ("6.5 SETTINGS with ACK and content", frame(SETTINGS, ACK, 0, &[0; 6]), SIZE),
        ("6.5 SETTINGS on stream 1", frame(SETTINGS, 0, 1, &[]), PROTOCOL),
        ("6.5 SETTINGS of 5 octets", frame(SETTINGS, 0, 0, &[0; 5]), SIZE),
        ("6.5.2 ENABLE_PUSH of 2", setting(2, 2), PROTOCOL),
        ("6.5.2 INITIAL_WINDOW_SIZE over 2^31-1", setting(4, 1 << 31), FLOW),
        ("6.5.2 MAX_FRAME_SIZE under 2^14", setting(5, 16_383), PROTOCOL),
        ("6.5.2 MAX_FRAME_SIZE over 2^24-1", setting(5, 1 << 24), PROTOCOL),
        (
            "6.6 PUSH_PROMISE of a client",
            [post(1), frame(PUSH_PROMISE, END_HEADERS, 1, &[&[0, 0, 0, 2], &*hello()].concat())].concat(),
            PROTOCOL,
        ),
        ("6.7 PING", ping(), Nothing),
        ("6.7 PING of 7 octets", frame(PING, 0, 0, &[0; 7]), SIZE),
        ("6.7 PING on stream 1", frame(PING, 0, 1, &[0; 8]), PROTOCOL),
        ("6.7 PING that answers nothing", frame(PING, ACK, 0, &[0; 8]), Nothing),
        ("6.8 GOAWAY on stream 1", frame(GOAWAY, 0, 1, &[0; 8]), PROTOCOL),
        ("6.9 WINDOW_UPDATE of 0", window_update(0, 0), PROTOCOL),
        ("6.9 WINDOW_UPDATE of 0 on a stream", [post(1), window_update(1, 0)].concat(), MALFORMED),
        ("6.9 WINDOW_UPDATE of 3 octets", frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1]), SIZE),
        ("6.9.1 a window over 2^31-1", [window_update(0, max), window_update(0, max)].concat(), FLOW),
        (
            "6.9.1 a stream's window over 2^31-1",
            [post(1), window_update(1, max), window_update(1, max)].concat(),
            Reset(&[FLOW_CONTROL_ERROR]),
        ),
        (
            "6.9.2 a window over 2^31-1 by SETTINGS",
            [post(1), window_update(1, max - 65_535), setting(4, 65_536)].concat(),
            FLOW,
        ),
        (
            "6.10 CONTINUATION after END_HEADERS",
            [get(1, "/hello"), frame(CONTINUATION, END_HEADERS, 1, &field("a", "b"))].concat(),
            PROTOCOL,
        ),
        (
            "6.10 CONTINUATION on stream 0",
            [headers(END_STREAM, 1, &hello()), frame(CONTINUATION, END_HEADERS, 0, &[])].concat(),
            PROTOCOL,
        ),
        (
            "6.10 CONTINUATION",
            [headers(END_STREAM, 1, &hello()), frame(CONTINUATION, END_HEADERS, 1, &field("a", "b"))]
                .concat(),
            Status(200),
        ),
        (
            "8.1 trailers without END_STREAM",
            [post(1), headers(END_HEADERS, 1, &field("a", "b"))].concat(),
            MALFORMED,
        ),
        ("8.1 trailers", [post(1), headers(ENDS, 1, &field("a", "b"))].concat(), Status(200)),
        (
            "8.1.1 a body longer than its length",
            [of_length("1"), frame(DATA, 1, 1, b"xx")].concat(),
            MALFORMED,
        ),
        (
            "8.1.1 a body shorter than its length",
            [of_length("3"), frame(DATA, 1, 1, b"xx")].concat(),
            MALFORMED,
        ),
        ("8.2.1 an upper-case name", with(&field("A", "b")), MALFORMED),
        ("8.2.2 a connection field", with(&field("connection", "close")), MALFORMED),
        ("8.3 a pseudo-field after a field", only(&[&field("a", "b"), &*hello()].concat()), MALFORMED),
        ("8.3.1 no :method", only(&hello()[1..]), MALFORMED),
        ("8.3.1 no :path", only(&[0x82, 0x86, 0x01, 1, b'a']), MALFORMED),
        ("8.3.1 :method twice", only(&[&[0x82], &*hello()].concat()), MALFORMED),
        ("HPACK 2.3.3 index 0", with(&[0x80]), COMPRESSION),
        ("HPACK 2.3.3 an index that is not there", with(&[LAST_INDEXED]), COMPRESSION),
        ("HPACK 4.2 a table size change at the end", with(&[0x21]), COMPRESSION),
        ("HPACK 5.2 padding of zeros", with(&[0x00, 0x81, 0x18, 1, b'x']), COMPRESSION),
        ("HPACK 6.3 a table over the maximum", only(&[&[0x3f, 0xe2, 0x1f], &*hello()].concat()), COMPRESSION),
        ("100 fields", with(&field("a", "b").repeat(99)), Status(200)),
        ("over 100 fields", with(&field("a", "b").repeat(101)), Status(431)),
        ("over 100 cookies", with(&field("cookie", "a=b").repeat(101)), Status(431)),
        ("a list over 16 KiB", with(&field("a", &"x".repeat(2000)).repeat(8)), Status(431)),
    ]
}

#[test]
fn frames_that_are_wrong() {
    let victim = Victim::start(Deadlines::Default);
    let mut faults = Vec::new();
    for (name, bytes, due) in cases() {
        let mut client = Client::http2(victim.address);
        client.send(&bytes);
        if !matches!((due, &*bytes), (Nothing, [.., b'!']) if bytes[3] == PING && bytes[4] & ACK == 0) {
            client.send(&ping());
        }
        // The server has said all it will when it has answered the PING or gone; a response may come later.
        let over =
            |seen: &Seen| due.is_done(seen) || seen.closed || seen.pongs > 0 && !matches!(due, Status(_));
        let seen = client.wait(over);
        if !due.is_done(&seen) {
            faults.push(format!("{name}: {due:?} is due, and not {seen:?}"));
        }
        // The client goes on to hear of what is wrong only where it must.
        if matches!(due, Status(_) | Nothing) && seen.gone.is_some() {
            faults.push(format!("{name}: GOAWAY {:?}", seen.gone));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
