//! Peers of HTTP/2 that are gone without a word.

use std::sync::atomic::Ordering::SeqCst;

use tokio::time::Instant;

use super::{PREFACE, Served, site, wait};
use crate::raw::Site;

const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
const ASKED: &[u8] = b"\0\0\x08\x06\0\0\0\0\0";
const ANSWER: &[u8] = b"\0\0\x08\x06\x01\0\0\0\0";

async fn open() -> (Site, Served) {
    let (site, mut served) = site();
    served.wire.send([PREFACE, SETTINGS].concat()).await;
    let head = b"\x82\x87\x01\x01a\x04\x08/forever";
    served.wire.send([&[0, 0, head.len() as u8, 1, 5, 0, 0, 0, 1], &head[..]].concat()).await;
    served.wire.pending().await;
    assert_eq!(site.running.load(SeqCst), 1);
    (site, served)
}

#[tokio::test(start_paused = true)]
async fn are_asked_and_given_up() {
    let (site, mut served) = open().await;
    let start = Instant::now();
    let frame = served.wire.take(17).await;
    assert!(frame.starts_with(ASKED), "{frame:?}");
    let asked = start.elapsed().as_secs();
    assert!((20..=40).contains(&asked), "after {asked} s");
    let given_up = served.end().await;
    assert!((20..=21).contains(&given_up), "after {given_up} s");
    assert_eq!(site.running.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn are_kept_while_they_answer() {
    let (site, mut served) = open().await;
    for _ in 0..30 {
        let frame = served.wire.take(17).await;
        assert!(frame.starts_with(ASKED), "{frame:?}");
        wait(15).await;
        served.wire.send(ANSWER).await;
        served.wire.send(&frame[9..]).await;
    }
    assert_eq!(site.running.load(SeqCst), 1);
}

/// Whatever they send is a sign of life.
#[tokio::test(start_paused = true)]
async fn are_not_asked_while_they_talk() {
    let (site, mut served) = open().await;
    for _ in 0..50 {
        wait(9).await;
        served.wire.send(b"\0\0\x04\x08\0\0\0\0\0\0\0\0\x01").await;
    }
    assert_eq!(served.wire.pending().await, b"");
    assert_eq!(site.running.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_stream_are_not_asked() {
    let (_, mut served) = site();
    served.wire.send([PREFACE, SETTINGS].concat()).await;
    served.wire.pending().await;
    wait(60).await;
    assert_eq!(served.wire.pending().await, b"");
}
