//! Every setting by itself, given in text and seen from the other end of a socket, or of a stream in memory where time is
//! paused: one that were mistaken for another would show.

mod deadlines;
mod sizes;
mod tcp;

use super::*;
use crate::raw::PREFACE;

const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

/// Settings as a file has them; what is left out keeps its default.
fn settings(text: &str) -> Builder {
    let config = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    Server::builder().config(config)
}

fn spawn_set(text: &str) -> Handle {
    spawn_with(settings(text), &Site::default())
}

/// A frame of HTTP/2 (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// The head of a request; `method` is its index in HPACK's static table: 2 is GET, 3 is POST.
fn head(stream: u8, method: u8, path: &str, flags: u8) -> Vec<u8> {
    let length = u8::try_from(path.len()).unwrap();
    let block = [&[0x80 | method, 0x86], &b"\x01\x01a\x04"[..], &[length], path.as_bytes()].concat();
    frame(1, flags, stream, &block)
}

/// Whole, with nothing behind it.
const WHOLE: u8 = 5;
/// A body follows.
const BEGUN: u8 = 4;
