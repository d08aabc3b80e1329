//! HTTP/1.

use crate::client::Client;
use crate::victim::{Deadlines, attack};

const CHUNKED: &[u8] = b"POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";

/// In tests without optimisation everything takes ten times as long.
const MANY: usize = if cfg!(debug_assertions) { 20_000 } else { 100_000 };

#[test]
fn pipelined_and_never_read() {
    attack("HTTP/1: 10,000 pipelined requests of 1 MiB, no answer read", Deadlines::Short, |address| {
        let mut client = Client::deaf(address);
        client.flood((0..100).map(|_| b"GET /mebibyte HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100)));
        client.wait_until_cut(b"\r\n");
        "cut by `write_stall`".into()
    });
}

#[test]
fn pipelined_and_read() {
    attack(&format!("HTTP/1: {MANY} pipelined requests"), Deadlines::Default, |address| {
        let mut client = Client::http1(address);
        let request = b"GET /hello HTTP/1.1\r\nhost: a\r\n\r\n";
        let sent = client.flood((0..MANY / 100).map(|_| request.repeat(100)));
        assert_eq!(sent, MANY / 100);
        drop(client.wait(|seen| seen.answers == MANY));
        "all answered".into()
    });
}

/// Sends `start`, then `piece` up to `times` times: before the end the server must have had enough.
fn endless(name: &str, start: &[u8], piece: &[u8], times: usize, status: &str) {
    attack(name, Deadlines::Default, |address| {
        let mut client = Client::http1(address);
        assert!(client.send(start));
        let sent = client.flood((0..times).map(|_| piece.to_vec()));
        let seen = client.wait(|seen| seen.closed);
        assert!(sent < times, "all of it was taken");
        // The answer may be lost with the connection, when more is on its way.
        let answer = seen.text.lines().next().unwrap_or("no answer");
        assert!(answer == "no answer" || answer.contains(status), "{answer}");
        format!("{} and closed", status.trim())
    });
}

#[test]
fn chunk_extensions() {
    let start = [CHUNKED, b"1;"].concat();
    endless("HTTP/1: 16 MiB of chunk extensions", &start, &[b'x'; 4096], 4096, " 400 ");
}

#[test]
fn trailers_without_end() {
    let start = [CHUNKED, b"1\r\nx\r\n0\r\n"].concat();
    endless("HTTP/1: 16 MiB of trailers", &start, &b"a: b\r\n".repeat(512), 5461, " 400 ");
}

#[test]
fn a_line_without_end() {
    let start = b"GET / HTTP/1.1\r\nhost: a\r\nx: ";
    endless("HTTP/1: a header line of 16 MiB", start, &[b'x'; 4096], 4096, " 431 ");
}

#[test]
fn fields_without_end() {
    let start = b"GET / HTTP/1.1\r\nhost: a\r\n";
    endless("HTTP/1: 16 MiB of header fields", start, &b"a: b\r\n".repeat(512), 5461, " 431 ");
}

#[test]
fn a_target_without_end() {
    endless("HTTP/1: a request line of 16 MiB", b"GET /", &[b'x'; 4096], 4096, " 431 ");
}

#[test]
fn a_byte_a_chunk() {
    let chunks = MANY * 2;
    attack(&format!("HTTP/1: a body of {chunks} chunks of a byte"), Deadlines::Default, |address| {
        let mut client = Client::http1(address);
        assert!(client.send(CHUNKED));
        client.flood((0..chunks / 1000).map(|_| b"1\r\nx\r\n".repeat(1000)));
        client.send(b"0\r\n\r\n");
        let seen = client.wait(|seen| seen.bytes > chunks as u64);
        assert!(seen.text.starts_with("HTTP/1.1 200 "), "{seen:?}");
        "read and answered".into()
    });
}
