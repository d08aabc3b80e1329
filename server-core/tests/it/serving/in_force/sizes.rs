//! Sizes and numbers, and what is spoken.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt as _;
use waypost::{Body, BoxError, Bytes, Peer, Respond, Response};

use super::*;

/// What a server of HTTP/2 says first: its settings by their numbers, and by how much it opens the connection's window.
async fn announced(handle: &Handle) -> (BTreeMap<u16, u32>, u32) {
    let mut wire = connect(handle).await;
    wire.send([PREFACE, SETTINGS].concat()).await;
    let (mut settings, mut opened) = (BTreeMap::new(), None);
    while opened.is_none() || settings.is_empty() {
        let (kind, flags, payload) = soon(next_frame(&mut wire)).await;
        match kind {
            4 if flags == 0 => settings.extend(payload.chunks(6).map(|entry| {
                let value = u32::from_be_bytes(entry[2..].try_into().unwrap());
                (u16::from_be_bytes([entry[0], entry[1]]), value)
            })),
            8 => opened = Some(u32::from_be_bytes(payload.try_into().unwrap())),
            _ => {}
        }
    }
    (settings, opened.unwrap())
}

async fn next_frame(wire: &mut Wire<TcpStream>) -> (u8, u8, Vec<u8>) {
    let head = wire.take(9).await;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
    (head[3], head[4], wire.take(length).await)
}

#[tokio::test]
async fn of_http2_are_announced() {
    let handle = spawn_set(
        r#"{ "http2": {
            "streams": 77, "header_list_bytes": 5001, "stream_window": 70003, "connection_window": 200003
        } }"#,
    );
    let (settings, opened) = announced(&handle).await;
    // RFC 9113 section 6.5.2; what is not set is not among them, or as by default there.
    let of = |id| settings.get(&id).copied();
    assert_eq!((of(3), of(6), of(4)), (Some(77), Some(5001), Some(70_003)));
    assert_eq!(65_535 + opened, 200_003);
    assert!(of(5).is_none_or(|frame| frame == 16_384));
}

/// A window is as large as it is, to the byte: FLOW_CONTROL_ERROR beyond (RFC 9113 section 6.9.1).
#[tokio::test]
async fn of_windows_are_kept_to() {
    for (text, size, beyond) in [
        (r#"{ "http2": { "stream_window": 1000, "connection_window": 1000000 } }"#, 1_000, 3),
        (r#"{ "http2": { "stream_window": 1000000, "connection_window": 200000 } }"#, 200_000, 7),
    ] {
        let handle = spawn_set(text);
        let mut wire = connect(&handle).await;
        // They are in force once they are acknowledged (section 6.5.3).
        wire.send([PREFACE, SETTINGS].concat()).await;
        while soon(next_frame(&mut wire)).await.0 != 4 {}
        wire.send(frame(4, 1, 0, &[])).await;
        // Nobody reads the body.
        wire.send(head(1, 3, "/forever", BEGUN)).await;
        let body = vec![b'x'; size];
        for piece in body.chunks(16_384) {
            wire.send(frame(0, 0, 1, piece)).await;
        }
        wire.send(frame(6, 0, 0, b"is it ok")).await;
        loop {
            let (kind, flags, payload) = soon(next_frame(&mut wire)).await;
            assert!(![3, 7].contains(&kind), "{text}: {kind} {payload:?}");
            if (kind, flags) == (6, 1) {
                break;
            }
        }
        wire.send(frame(0, 0, 1, b"x")).await;
        let (kind, _, payload) = loop {
            let found = soon(next_frame(&mut wire)).await;
            if [3, 7].contains(&found.0) {
                break found;
            }
        };
        assert_eq!(
            (kind, payload[payload.len().min(8) - 4..][..4].to_vec()),
            (beyond, vec![0, 0, 0, 3]),
            "{text}"
        );
    }
}

#[tokio::test]
async fn of_heads() {
    let get = |fields: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let few = (0..3).map(|number| format!("X-{number}: x\r\n")).collect::<String>();
    let long = format!("X: {}\r\n", "x".repeat(1100));
    for (text, taken, refused) in [
        (r#"{ "limits": { "head_bytes": 1024 } }"#, &few, &long),
        (r#"{ "limits": { "head_fields": 3 } }"#, &long, &few),
    ] {
        let handle = spawn_set(text);
        for (fields, status) in [(taken, 200), (refused, 431)] {
            let mut wire = connect(&handle).await;
            wire.send(get(fields)).await;
            assert_eq!(soon(wire.reply()).await.status, status, "{text}");
        }
    }
}

#[tokio::test]
async fn of_requests_on_a_connection() {
    let handle = spawn_set(r#"{ "limits": { "requests_per_connection": 2 } }"#);
    let mut wire = idle(&handle).await;
    wire.send(GET).await;
    assert_eq!(soon(wire.reply()).await.header("connection").as_deref(), Some("close"));
    assert!(soon(wire.rest()).await.is_empty());
}

/// An endless response, of which it counts what was made.
#[derive(Clone, Default)]
struct Endless(Arc<AtomicUsize>);

impl Respond for Endless {
    async fn respond(&self, _: http::Request<Body>, _: &Peer) -> Response {
        let made = Arc::clone(&self.0);
        let pieces = std::iter::repeat_with(move || {
            made.fetch_add(1024, SeqCst);
            Ok::<_, BoxError>(Bytes::from_static(&[b'x'; 1024]))
        });
        Response::new(Body::from_stream(futures_util::stream::iter(pieces)))
    }
}

/// A Unix socket takes what it takes; the rest of what was made is in the buffer.
#[cfg(unix)]
#[tokio::test]
async fn of_buffers() {
    let mut made = Vec::new();
    for size in [8192, 4 << 20] {
        let path = std::env::temp_dir().join(format!("waypost-buffer-{size}-{}", std::process::id()));
        let endless = Endless::default();
        let server = settings(&format!(r#"{{ "limits": {{ "buffer_bytes": {size} }} }}"#));
        let handle = server.unix(&path, None).bind().unwrap().spawn(endless.clone()).unwrap();
        let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
        stream.write_all(GET.as_bytes()).await.unwrap();
        // It is full when there is no more for a while; that it is more than the small one can be seen sooner.
        let mut before = 0;
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let now = endless.0.load(SeqCst);
            if now == before && now != 0 {
                break made.push(now);
            }
            before = now;
        }
        soon(handle.shutdown(Duration::ZERO)).await;
    }
    let [small, large] = made[..] else { unreachable!() };
    assert!(large - small > 3 << 20, "{small} with 8 KiB, {large} with 4 MiB");
}

#[tokio::test]
async fn protocols() {
    let handle = spawn_set(r#"{ "protocols": { "http1_0": false } }"#);
    let mut wire = connect(&handle).await;
    wire.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n").await;
    assert_eq!(soon(wire.reply()).await.status, 505);
    idle(&handle).await;

    // There is no status where HTTP/1 is not spoken: HTTP/2 says what it says first, and closes.
    let handle = spawn_set(r#"{ "protocols": { "http1": false } }"#);
    let mut wire = connect(&handle).await;
    wire.send(GET).await;
    let answer = soon(wire.rest()).await;
    let length = 9 + usize::from(answer[2]);
    assert_eq!((&answer[3..5], answer.len()), (&[4, 0][..], length), "SETTINGS: {}", answer.escape_ascii());
    assert_eq!((handle.stats().requests(), handle.stats().requests_open), (0, 0));
    announced(&handle).await;

    // Over TLS that has negotiated it, the second one lets it pass: `tls::serving::http2_without_prior_knowledge`.
    for text in
        [r#"{ "protocols": { "http2": false } }"#, r#"{ "protocols": { "http2_prior_knowledge": false } }"#]
    {
        let handle = spawn_set(text);
        idle(&handle).await;
        let mut wire = connect(&handle).await;
        wire.send([PREFACE, SETTINGS].concat()).await;
        assert!(soon(wire.rest()).await.starts_with(b"HTTP/1.1 505 "), "{text}");
    }
}

/// Answers when it is told to.
#[derive(Clone, Default)]
struct Told {
    begun: Arc<AtomicUsize>,
    now: Arc<tokio::sync::Notify>,
}

impl Respond for Told {
    async fn respond(&self, _: http::Request<Body>, _: &Peer) -> Response {
        self.begun.fetch_add(1, SeqCst);
        self.now.notified().await;
        Response::new("told".into())
    }
}

#[tokio::test]
async fn clients_that_close_their_side() {
    let mut asked = Vec::new();
    for half_close in [true, false] {
        let told = Told::default();
        let server = settings(&format!(r#"{{ "protocols": {{ "half_close": {half_close} }} }}"#));
        let handle = server.tcp("127.0.0.1:0").bind().unwrap().spawn(told.clone()).unwrap();
        let mut wire = connect(&handle).await;
        wire.send(GET).await;
        wire.stream.shutdown().await.unwrap();
        until(|| told.begun.load(SeqCst) == 1).await;
        asked.push((told, wire, handle));
    }
    let (_, mut gone, _handle) = asked.pop().unwrap();
    assert!(soon(gone.rest()).await.is_empty());
    let (told, mut waiting, _handle) = asked.pop().unwrap();
    told.now.notify_one();
    assert_eq!(soon(waiting.reply()).await.text(), "told");
}

/// Notes which threads it runs on.
#[derive(Clone, Default)]
struct Threads(Arc<Mutex<HashSet<thread::ThreadId>>>);

impl Respond for Threads {
    async fn respond(&self, _: http::Request<Body>, _: &Peer) -> Response {
        self.0.lock().unwrap().insert(thread::current().id());
        Response::new("hello".into())
    }
}

#[test]
fn threads() {
    for (text, expected) in [
        (r#"{ "workers": { "threads": 1 } }"#, 1),
        (r#"{ "workers": { "threads": 3, "per_core": true } }"#, 3),
    ] {
        let server = settings(text).tcp("127.0.0.1:0").bind().unwrap();
        let (handle, threads) = (server.handle(), Threads::default());
        let app = threads.clone();
        let running = thread::spawn(move || server.run(app));
        // The system deals connections out by chance.
        for _ in 0..200 {
            let mut stream = std::net::TcpStream::connect(port(&handle)).unwrap();
            stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
        }
        drop(handle.shutdown(PATIENCE));
        running.join().unwrap().unwrap();
        assert_eq!(threads.0.lock().unwrap().len(), expected, "{text}");
    }
}
