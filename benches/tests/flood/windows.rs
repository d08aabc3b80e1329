//! HTTP/2: streams that are opened and kept open.

use std::time::Duration;

use crate::client::{Client, Seen};
use crate::victim::{Deadlines, attack};
use crate::wire::{self, get, headers, post, window_update};

/// SETTINGS_INITIAL_WINDOW_SIZE.
const INITIAL_WINDOW: u16 = 4;

fn streams(count: u32) -> impl Iterator<Item = u32> + Clone {
    (0..count).map(|number| number * 2 + 1)
}

/// Whether every one of the streams, or the connection, is over.
fn all_over(seen: &Seen, count: u32) -> bool {
    seen.closed || seen.resets.len() >= count as usize
}

fn stalled(name: &str, window: u32, count: u32, drip: impl Fn(&mut Client)) {
    attack(name, Deadlines::Short, |address| {
        let mut client = Client::http2_with(address, &[(INITIAL_WINDOW, window)]);
        client.flood(streams(count).map(|stream| get(stream, "/mebibyte")));
        let until = std::time::Instant::now() + crate::client::PATIENCE;
        while !client.has(|seen| all_over(seen, count)) && std::time::Instant::now() < until {
            // A peer that is alive, as far as PINGs can tell.
            client.send(&wire::ping());
            drip(&mut client);
            std::thread::sleep(Duration::from_millis(20));
        }
        let seen = client.wait(|seen| all_over(seen, count));
        assert!(seen.bytes < 8 << 20);
        format!(
            "{} streams reset; {}",
            seen.resets.len(),
            if seen.closed { seen.end() } else { "open".into() }
        )
    });
}

#[test]
fn windows_shut() {
    stalled("200 × 1 MiB asked for, stream windows of 0, PINGs answered", 0, 200, |_| {});
}

#[test]
fn windows_drip() {
    stalled("50 × 1 MiB, windows opened by a byte 50 times a second", 1, 50, |client| {
        client.flood(streams(50).map(|stream| window_update(stream, 1)));
    });
}

#[test]
fn connection_window_shut() {
    stalled("50 × 1 MiB, the connection's window left at 64 KiB", (1 << 31) - 1, 50, |_| {});
}

/// What is allowed is given and taken back: each change is a walk over all streams.
#[test]
fn windows_swing() {
    stalled("200 × 1 MiB, windows set to 0 and 1 again and again", 0, 200, |client| {
        client.flood((0..100).map(|number| wire::settings(&[(INITIAL_WINDOW, number % 2)])));
    });
}

#[test]
fn too_many_streams() {
    attack("1,000 streams opened at once", Deadlines::Short, |address| {
        let mut client = Client::http2(address);
        client.flood(streams(1000).map(post));
        let seen = client.wait(|seen| seen.closed || seen.resets.len() >= 800);
        let refused = seen.resets.iter().filter(|(_, code)| *code == wire::REFUSED_STREAM).count();
        assert!(refused >= 800 || seen.closed, "{seen:?}");
        format!("{refused} refused; {}", if seen.closed { seen.end() } else { "open".into() })
    });
}

#[test]
fn bodies_never_finished() {
    attack("200 bodies begun and never finished", Deadlines::Short, |address| {
        let mut client = Client::http2(address);
        client.flood(
            streams(200)
                .map(|stream| [post(stream), wire::frame(wire::DATA, 0, stream, &[b'x'; 100])].concat()),
        );
        let seen = client.wait(|seen| seen.closed || seen.statuses.len() >= 200);
        let late = seen.statuses.iter().filter(|(_, status)| *status == 408).count();
        assert_eq!(late, 200, "{seen:?}");
        format!("{late} × 408")
    });
}

#[test]
fn bodies_as_large_as_windows() {
    attack("200 bodies, each as much as the windows let", Deadlines::Short, |address| {
        let mut client = Client::http2(address);
        // The connection's window was opened with it.
        drop(client.wait(|seen| seen.acks > 0));
        client.flood(streams(200).map(post));
        // 1 MiB in all, the connection's window: 64 frames of 16 KiB.
        client.flood(
            streams(200).cycle().take(64).map(|stream| wire::frame(wire::DATA, 0, stream, &[b'x'; 16_384])),
        );
        let seen = client.wait(|seen| seen.closed || seen.statuses.len() >= 200);
        let late = seen.statuses.iter().filter(|(_, status)| *status == 408).count();
        assert_eq!(late, 200, "{seen:?}");
        format!("{late} × 408")
    });
}

#[test]
fn trailers() {
    attack("450 trailers on each of 1,000 streams, then 10,000 trailers", Deadlines::Default, |address| {
        let mut client = Client::http2(address);
        let block = [wire::indexed("a", ""), vec![wire::LAST_INDEXED; 449]].concat();
        let ends = wire::END_STREAM | wire::END_HEADERS;
        for (answered, stream) in streams(1000).enumerate() {
            assert!(client.send(&[post(stream), headers(ends, stream, &block)].concat()));
            // No more than 200 at once.
            drop(client.wait(|seen| seen.statuses.len() + seen.resets.len() + 100 > answered));
        }
        let seen = client.wait(|seen| seen.statuses.len() + seen.resets.len() >= 1000);
        let answered = seen.statuses.iter().filter(|(_, status)| *status == 200).count();
        drop(seen);
        let block = vec![wire::LAST_INDEXED; 10_000];
        client.send(&[post(2001), headers(ends, 2001, &block)].concat());
        let seen = client.wait(|seen| seen.closed || seen.resets.iter().any(|(stream, _)| *stream == 2001));
        format!("{answered} answered; {}", if seen.closed { seen.end() } else { "reset".into() })
    });
}
