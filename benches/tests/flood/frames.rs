//! HTTP/2: frames that cost the server more than they cost the peer.

use std::net::SocketAddr;
use std::time::Duration;

use crate::client::Client;
use crate::victim::{Deadlines, attack};
use crate::wire::{self, END_HEADERS, END_STREAM, frame, get, get_with, headers, post, window_update};

/// In tests without optimisation everything takes ten times as long.
const MANY: u32 = if cfg!(debug_assertions) { 20_000 } else { 100_000 };

/// Sends pieces until the server has had enough; says how it ended.
fn until_gone(address: SocketAddr, pieces: impl IntoIterator<Item = Vec<u8>>, codes: &[u32]) -> String {
    let mut client = Client::http2(address);
    client.flood(pieces);
    let seen = client.wait(|seen| seen.closed || seen.gone.is_some());
    // With more on its way, the farewell may be lost.
    assert!(seen.gone.is_none_or(|code| codes.contains(&code)), "{seen:?}");
    match seen.resets.len() {
        0 => seen.end(),
        resets => format!("{} after {resets} resets", seen.end()),
    }
}

fn stream(number: u32) -> u32 {
    number * 2 + 1
}

#[test]
fn rapid_reset() {
    attack("Rapid reset (CVE-2023-44487)", Deadlines::Default, |address| {
        let pairs = (0..MANY / 100).map(|batch| {
            let streams = (batch * 100..batch * 100 + 100).map(stream);
            streams.flat_map(|stream| [get(stream, "/mebibyte"), wire::reset(stream)].concat()).collect()
        });
        until_gone(address, pairs, &[wire::ENHANCE_YOUR_CALM])
    });
}

/// Each pair in a segment of its own, when the server is likely to have begun with the one before.
#[test]
fn steady_reset() {
    attack(&format!("{MANY} requests reset one by one"), Deadlines::Default, |address| {
        let mut client = Client::http2(address);
        let sent = client.flood(
            (0..MANY).map(|number| [get(stream(number), "/mebibyte"), wire::reset(stream(number))].concat()),
        );
        // Those that the server has begun with are dropped; it ends when too many came together after all.
        client.send(&wire::ping());
        let seen = client.wait(|seen| seen.closed || seen.gone.is_some() || seen.pongs > 0);
        assert!(matches!(seen.gone, None | Some(wire::ENHANCE_YOUR_CALM)), "{seen:?}");
        if seen.pongs > 0 { format!("{sent} dropped") } else { format!("{} after {sent}", seen.end()) }
    });
}

/// The peer's faults make the server reset the streams, whose handlers run.
#[test]
fn made_you_reset() {
    let data = |stream, flags, payload: &[u8]| frame(wire::DATA, flags, stream, payload);
    let overflow = |stream| {
        [post(stream), window_update(stream, i32::MAX as u32), window_update(stream, i32::MAX as u32)]
            .concat()
    };
    let closed = |stream| [post(stream), data(stream, END_STREAM, b"x"), data(stream, 0, b"x")].concat();
    let length = |stream| {
        let block = [wire::head(3, "/echo"), wire::field("content-length", "1")].concat();
        [headers(END_HEADERS, stream, &block), data(stream, 0, b"xx")].concat()
    };
    let trailers = |stream| [post(stream), headers(END_HEADERS, stream, &wire::field("a", "b"))].concat();
    let zero = |stream| [post(stream), window_update(stream, 0)].concat();
    let priority = |stream: u32| {
        let payload = [&stream.to_be_bytes()[..], &[0]].concat();
        [post(stream), frame(wire::PRIORITY, 0, stream, &payload)].concat()
    };
    type Provoke<'a> = &'a dyn Fn(u32) -> Vec<u8>;
    let ways: [(&str, Provoke<'_>); 6] = [
        ("window overflow", &overflow),
        ("DATA after the end", &closed),
        ("content-length", &length),
        ("trailers without end", &trailers),
        ("WINDOW_UPDATE of 0", &zero),
        ("dependent on itself", &priority),
    ];
    for (way, provoke) in ways {
        attack(&format!("MadeYouReset (CVE-2025-8671): {way}"), Deadlines::Default, |address| {
            let pieces = (0..5000).map(|number| provoke(stream(number)));
            until_gone(address, pieces, &[wire::ENHANCE_YOUR_CALM, wire::PROTOCOL_ERROR, wire::STREAM_CLOSED])
        });
    }
}

#[test]
fn continuations() {
    for (name, payload) in [
        ("CONTINUATION of 16 KiB without end", vec![b'x'; 16_384]),
        ("CONTINUATION of a byte without end", vec![0x82]),
        ("CONTINUATION of nothing without end", Vec::new()),
    ] {
        attack(name, Deadlines::Default, |address| {
            let first = headers(END_STREAM, 1, &wire::head(2, "/hello"));
            let more = std::iter::repeat_n(frame(wire::CONTINUATION, 0, 1, &payload), MANY as usize);
            let codes = [wire::ENHANCE_YOUR_CALM, wire::COMPRESSION_ERROR, wire::PROTOCOL_ERROR];
            until_gone(address, std::iter::once(first).chain(more), &codes)
        });
    }
}

/// Frames that are answered, to a peer that reads no answers.
#[test]
fn answers_unread() {
    type Piece<'a> = &'a dyn Fn(u32) -> Vec<u8>;
    let pieces: [(&str, u32, Piece<'_>); 4] = [
        ("PING", 10_000, &|_| wire::ping().repeat(1000)),
        ("SETTINGS", 10_000, &|_| wire::settings(&[]).repeat(1000)),
        ("Requests for 1 MiB", 200, &|number| get(stream(number), "/mebibyte")),
        ("Malformed requests", 100_000, &|number| {
            get_with(stream(number), &wire::field("connection", "close"))
        }),
    ];
    for (name, count, piece) in pieces {
        attack(&format!("{name}, answers not read"), Deadlines::Short, |address| {
            let mut client = Client::deaf(address);
            client.greet(&[(4, i32::MAX as u32)]);
            client.send(&window_update(0, i32::MAX as u32 - 65_535));
            client.flood((0..count).map(piece));
            client.wait_until_cut(&wire::ping());
            "cut".into()
        });
    }
}

/// Frames that open no stream, for as long as the server lets: many at once, then a few now and then.
#[test]
fn idle_chatter() {
    let priority = frame(wire::PRIORITY, 0, 1, &[0, 0, 0, 0, 1]);
    for (name, frame) in [
        ("PING", wire::ping()),
        ("SETTINGS", wire::settings(&[(3, 100)])),
        ("PRIORITY", priority),
        ("WINDOW_UPDATE", window_update(0, 1)),
        ("frames of unknown type", frame(0xfa, 0, 0, b"")),
    ] {
        attack(&format!("{MANY} {name}, and no stream"), Deadlines::Short, |address| {
            let mut client = Client::http2(address);
            client.flood((0..MANY / 100).map(|_| frame.repeat(100)));
            let until = std::time::Instant::now() + crate::client::PATIENCE;
            while !client.has(|seen| seen.closed) && std::time::Instant::now() < until {
                client.send(&frame);
                std::thread::sleep(Duration::from_millis(5));
            }
            let seen = client.wait(|seen| seen.closed);
            assert!(matches!(seen.gone, None | Some(wire::NO_ERROR)), "{seen:?}");
            format!("{} by `keep_alive`", seen.end())
        });
    }
}

/// CVE-2019-9516.
#[test]
fn fields_without_name() {
    attack("Fields without name or value", Deadlines::Default, |address| {
        let block = wire::field("", "").repeat(1000);
        let pieces = (0..5000).map(|number| get_with(stream(number), &block));
        until_gone(address, pieces, &[wire::ENHANCE_YOUR_CALM, wire::PROTOCOL_ERROR, wire::COMPRESSION_ERROR])
    });
}

#[test]
fn empty_data() {
    for (name, payload, flags) in [
        ("DATA of nothing", &b""[..], 0),
        ("DATA of padding alone", &[100; 101], wire::PADDED),
        ("DATA of a byte", b"x", 0),
    ] {
        attack(name, Deadlines::Default, |address| {
            let more = std::iter::repeat_n(frame(wire::DATA, flags, 1, payload), MANY as usize);
            until_gone(
                address,
                std::iter::once(post(1)).chain(more),
                &[wire::ENHANCE_YOUR_CALM, wire::FLOW_CONTROL_ERROR],
            )
        });
    }
}

/// A large field is sent once and named often.
#[test]
fn hpack_bomb() {
    attack("HPACK bomb: 100 heads that name 4 KB 12,000 times", Deadlines::Default, |address| {
        let mut client = Client::http2(address);
        let large = wire::indexed("x", &"x".repeat(4000));
        client.send(&get_with(1, &large));
        let bomb = vec![wire::LAST_INDEXED; 12_000];
        client.flood((1..100).map(|number| get_with(stream(number), &bomb)));
        let seen = client.wait(|seen| seen.closed || seen.statuses.len() + seen.resets.len() >= 100);
        let refused = seen.statuses.iter().filter(|(_, status)| *status == 431).count();
        assert!(seen.closed || refused == 99, "{seen:?}");
        format!("{refused} × 431; {}", if seen.closed { seen.end() } else { "open".into() })
    });
}

/// Fields of next to nothing, whose cost is in their number; windows are shut, so that what they hold is held.
#[test]
fn near_empty_fields() {
    attack(
        "Near-empty fields (CVE-2026-49975): 450 on each of 200 streams, windows shut",
        Deadlines::Short,
        |address| {
            let mut client = Client::http2_with(address, &[(4, 0)]);
            client.send(&get_with(1, &wire::indexed("a", "")));
            let block = vec![wire::LAST_INDEXED; 450];
            client.flood((1..200).map(|number| get_with(stream(number), &block)));
            let seen = client.wait(|seen| seen.statuses.len() >= 200);
            let refused = seen.statuses.iter().filter(|(_, status)| *status == 431).count();
            assert_eq!(refused, 199, "{seen:?}");
            drop(seen);
            let seen = client.wait(|seen| seen.closed || seen.resets.len() >= 199);
            format!("{refused} × 431, then {} resets", seen.resets.len())
        },
    );
    attack("Near-empty fields: 100,000 in one head", Deadlines::Default, |address| {
        let mut client = Client::http2(address);
        client.send(&headers(END_STREAM, 1, &[wire::head(2, "/hello"), wire::indexed("a", "")].concat()));
        let more = frame(wire::CONTINUATION, 0, 1, &[wire::LAST_INDEXED; 10_000]);
        client.flood(std::iter::repeat_n(more, 9));
        client.send(&frame(wire::CONTINUATION, END_HEADERS, 1, &[wire::LAST_INDEXED; 10_000]));
        let seen = client.wait(|seen| seen.closed || seen.gone.is_some() || !seen.statuses.is_empty());
        assert!(seen.statuses.iter().all(|(_, status)| *status == 431), "{seen:?}");
        if seen.statuses.is_empty() { seen.end() } else { "431".into() }
    });
}

#[test]
fn frames_that_announce_much() {
    attack("100 connections that announce a frame of 16 MiB", Deadlines::Default, |address| {
        let clients: Vec<_> = (0..100)
            .map(|_| {
                let mut client = Client::http2(address);
                client.send(&[&[0xff, 0xff, 0xff, wire::DATA, 0, 0, 0, 0, 1][..], &[0; 1000]].concat());
                client
            })
            .collect();
        for client in &clients {
            let seen = client.wait(|seen| seen.closed);
            assert!(matches!(seen.gone, None | Some(wire::FRAME_SIZE_ERROR)), "{seen:?}");
        }
        "GOAWAY FRAME_SIZE_ERROR".into()
    });
}

#[test]
fn prefaces_with_a_fault() {
    attack("24 prefaces with a bit flipped", Deadlines::Short, |address| {
        for at in 0..wire::PREFACE.len() {
            let mut client = Client::http1(address);
            let mut preface = wire::PREFACE.to_vec();
            preface[at] ^= 1;
            client.send(&[&preface, &*wire::settings(&[]), &get(1, "/hello")].concat());
            let seen = client.wait(|seen| seen.closed);
            assert!(!seen.text.contains(" 200 "), "{at}: {}", seen.text);
        }
        "400, or closed".into()
    });
}
