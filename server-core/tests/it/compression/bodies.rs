//! What is compressed comes out as it was, whole or as a stream.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

use futures_util::stream;
use http_body::{Body as HttpBody, Frame};
use http_body_util::{BodyExt as _, StreamBody};
use waypost::http::{HeaderMap, HeaderValue};
use waypost::test::Reply;
use waypost::{App, Body, BoxError, Bytes, Compression, Respond, Routes};

use super::{answering, ask, channel, decode, decode_some, noise, prose, text};
use crate::support::soon;

const CODINGS: [&str; 2] = ["gzip", "br"];

/// A document of some 50 KB.
fn document() -> String {
    let items: Vec<_> = (0..600_u32)
        .map(|id| {
            let price = id.wrapping_mul(2_654_435_761) % 1000;
            serde_json::json!({"id": id, "name": format!("Widget {}", id % 17), "price": price, "tags": ["new", "fast"]})
        })
        .collect();
    serde_json::to_string_pretty(&items).unwrap()
}

/// Streams once what is given.
fn streaming(body: Body) -> App<impl Routes<()>> {
    let body = std::sync::Mutex::new(Some(body));
    answering(Compression::new(), move |_| text(body.lock().unwrap().take().unwrap(), &[]))
}

fn chunks(chunks: Vec<Vec<u8>>) -> Body {
    Body::from_stream(stream::iter(chunks.into_iter().map(Ok::<_, BoxError>)))
}

/// Asks, and looks at how the answer comes: its length, if that is known, and its content.
async fn content(app: impl Respond, coding: &str) -> (Option<u64>, Vec<u8>) {
    let reply = ask(app, coding).await;
    assert_eq!(reply.header("content-encoding"), Some(coding));
    let body = reply.into_response().into_body();
    let length = body.len();
    (length, body.bytes().await.unwrap().into())
}

#[tokio::test]
async fn comes_out_as_it_was() {
    let size = 64 * 1024;
    let samples: [Vec<u8>; 8] = [
        b"x".to_vec(),
        prose(1500).into(),
        document().into(),
        noise(3000),
        noise(size),
        noise(size + 1),
        prose(size + 1).into(),
        [noise(100_000), prose(300_000).into(), noise(100_000)].concat(),
    ];
    for sample in samples {
        for coding in CODINGS {
            for level in [1, 5, 9] {
                let compression = Compression::new().minimum_size(1).gzip_level(level).brotli_quality(level);
                let body = Bytes::from(sample.clone());
                let app = answering(compression, move |_| text(body.clone(), &[]));
                let (length, encoded) = content(app, coding).await;
                assert!(decode(coding, &encoded) == sample, "{coding} {level} of {} bytes", sample.len());
                // Its length is known if all of it was compressed at once.
                let known = (sample.len() <= size).then_some(encoded.len() as u64);
                assert_eq!(length, known, "{coding} {level} of {} bytes", sample.len());
            }
        }
    }
}

#[tokio::test]
async fn is_smaller() {
    let document = document();
    assert!(document.len() > 45_000);
    for coding in CODINGS {
        let body = document.clone();
        let (_, encoded) =
            content(answering(Compression::new(), move |_| text(body.clone(), &[])), coding).await;
        assert!(encoded.len() < document.len() / 5, "{coding}: {} bytes", encoded.len());
    }
}

#[tokio::test]
async fn levels_beyond_the_range_are_the_nearest() {
    for (coding, beyond, nearest) in [("gzip", 0, 1), ("gzip", u32::MAX, 9), ("br", u32::MAX, 11)] {
        let ask = |level: u32| {
            let body = document()[..4000].to_owned();
            let compression = Compression::new().gzip_level(level).brotli_quality(level);
            content(answering(compression, move |_| text(body.clone(), &[])), coding)
        };
        assert_eq!(ask(beyond).await, ask(nearest).await);
    }
}

#[tokio::test]
async fn an_encoder_is_used_again_for_another_body() {
    // All on one thread; levels change between, and one body is given up half way.
    for round in 0..3_u32 {
        for level in [1, 6] {
            let body = format!("{round} {level} {}", prose(2000));
            let expected = body.clone();
            let app = answering(Compression::new().gzip_level(level), move |_| text(body.clone(), &[]));
            assert_eq!(decode("gzip", &content(app, "gzip").await.1), expected.into_bytes());
        }
        let mut reply = ask(streaming(chunks(vec![noise(100_000)])), "gzip").await;
        assert!(!reply.chunk().await.unwrap().unwrap().is_empty());
    }
}

#[tokio::test]
async fn streams_come_out_as_they_were() {
    let cases: [Vec<Vec<u8>>; 5] = [
        vec![],
        vec![vec![], b"a".to_vec(), vec![]],
        (0..2000).map(|line| format!("line {line}\n").into_bytes()).collect(),
        vec![noise(200_000), prose(1000).into()],
        vec![prose(1_000_000).into()],
    ];
    for case in cases {
        for coding in CODINGS {
            let (length, encoded) = content(streaming(chunks(case.clone())), coding).await;
            assert_eq!(length, None);
            assert!(decode(coding, &encoded) == case.concat(), "{coding} of {} chunks", case.len());
        }
    }
}

/// Reads until so much can be decoded.
async fn read(reply: &mut Reply, coding: &str, seen: &mut Vec<u8>, expected: &[u8]) {
    while decode_some(coding, seen).0 != expected {
        seen.extend(soon(reply.chunk()).await.unwrap().expect("more of it"));
    }
}

#[tokio::test]
async fn what_there_is_is_sent_before_there_is_more() {
    for coding in CODINGS {
        let (sender, body) = channel();
        let mut reply = ask(streaming(body), coding).await;
        let (mut seen, mut expected) = (Vec::new(), Vec::new());
        for piece in ["one", "two and\n", "three"] {
            // The next is sent only when this one was read.
            sender.send(Ok(piece.into())).unwrap();
            expected.extend(piece.as_bytes());
            read(&mut reply, coding, &mut seen, &expected).await;
        }
        drop(sender);
        while let Some(chunk) = reply.chunk().await.unwrap() {
            seen.extend(chunk);
        }
        assert_eq!(decode(coding, &seen), expected);
    }
}

#[tokio::test]
async fn an_event_stream_may_be_compressed() {
    let (sender, body) = channel();
    let body = std::sync::Mutex::new(Some(body));
    let app = answering(
        Compression::new().content_types(|media_type| media_type == "text/event-stream"),
        move |_| {
            let mut response = text(body.lock().unwrap().take().unwrap(), &[]);
            response.headers_mut().insert("content-type", HeaderValue::from_static("text/event-stream"));
            response
        },
    );
    let mut reply = ask(app, "gzip").await;
    let mut seen = Vec::new();
    sender.send(Ok("data: 1\n\n".into())).unwrap();
    read(&mut reply, "gzip", &mut seen, b"data: 1\n\n").await;
}

#[tokio::test]
async fn an_error_ends_it_without_an_end() {
    for coding in CODINGS {
        let (sender, body) = channel();
        sender.send(Ok(prose(2000).into())).unwrap();
        sender.send(Err("the source broke".into())).unwrap();
        let mut reply = ask(streaming(body), coding).await;
        let mut seen = Vec::new();
        let error = loop {
            match reply.chunk().await {
                Ok(Some(chunk)) => seen.extend(chunk),
                Ok(None) => panic!("a proper end"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.cause().unwrap().to_string(), "the source broke");
        assert!(reply.chunk().await.unwrap().is_none());
        assert!(!decode_some(coding, &seen).1, "what was sent has an end");
    }
}

#[tokio::test]
async fn trailers_follow() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("42"));
    let frames = [Frame::data(Bytes::from(prose(2000))), Frame::trailers(trailers.clone())];
    let body = Body::new(StreamBody::new(stream::iter(frames.map(Ok::<_, BoxError>))));
    let reply = ask(streaming(body), "gzip").await;
    let collected = reply.into_response().into_body().collect().await.unwrap();
    assert_eq!(collected.trailers(), Some(&trailers));
    assert_eq!(decode("gzip", &collected.to_bytes()), prose(2000).into_bytes());
}

/// The next step of a body that has nothing to wait for.
fn step(body: &mut Body) -> Poll<Option<Result<Frame<Bytes>, waypost::Error>>> {
    Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn others_have_their_turn_between_pieces() {
    let size = 1 << 20;
    let whole = || prose(1 << 20).into();
    let in_lines = || chunks(vec![prose(1024).into(); 1024]);
    for source in [whole, in_lines as fn() -> Body] {
        for coding in CODINGS {
            let mut body = ask(streaming(source()), coding).await.into_response().into_body();
            let mut turns = 0;
            let mut encoded = Vec::new();
            loop {
                match step(&mut body) {
                    Poll::Pending => turns += 1,
                    Poll::Ready(None) => break,
                    Poll::Ready(Some(frame)) => encoded.extend(frame.unwrap().into_data().unwrap()),
                }
            }
            // A turn for every 16 KiB.
            assert_eq!(turns, 64, "{coding}");
            assert_eq!(decode(coding, &encoded).len(), size);
        }
    }
}

#[tokio::test]
async fn no_more_is_made_than_is_read() {
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let endless = stream::repeat_with(move || {
        count.fetch_add(1, SeqCst);
        Ok::<_, BoxError>(noise(16 * 1024))
    });
    let mut reply = ask(streaming(Body::from_stream(endless)), "gzip").await;
    assert_eq!(made.load(SeqCst), 0);
    let chunk = reply.chunk().await.unwrap().unwrap();
    assert!(!chunk.is_empty());
    assert!(made.load(SeqCst) <= 2, "{} pieces for one chunk", made.load(SeqCst));
}
