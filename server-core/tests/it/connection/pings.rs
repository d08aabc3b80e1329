//! Peers of HTTP/2 that are gone without a word.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use tokio::time::Instant;
use waypost::__connection::{Limits, Spoken};

use super::{PREFACE, Served, connect_spoken, site, wait};
use crate::raw::Site;

const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
const ASKED: &[u8] = b"\0\0\x08\x06\0\0\0\0\0";
const ANSWER: &[u8] = b"\0\0\x08\x06\x01\0\0\0\0";

/// For as long as anybody may say.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The head of a request on a stream, and all there is of it.
fn request(stream: u8, path: &str) -> Vec<u8> {
    let head = [b"\x82\x87\x01\x01a\x04", &[path.len() as u8][..], path.as_bytes()].concat();
    [&[0, 0, head.len() as u8, 1, 5, 0, 0, 0, stream], &head[..]].concat()
}

async fn open() -> (Site, Served) {
    let (site, mut served) = site();
    served.wire.send([PREFACE, SETTINGS].concat()).await;
    served.wire.send(request(1, "/forever")).await;
    served.wire.pending().await;
    assert_eq!(site.running.load(SeqCst), 1);
    (site, served)
}

/// However long other things may take.
#[tokio::test(start_paused = true)]
async fn are_asked_whatever_the_other_deadlines_are() {
    for spoken in [None, Some(Spoken::Http2)] {
        for (first_byte, keep_alive) in
            [(10, FOR_EVER.as_secs()), (FOR_EVER.as_secs(), 60), (FOR_EVER.as_secs(), FOR_EVER.as_secs())]
        {
            for idle in [0, 3, 20_000] {
                if idle > 60 && keep_alive == 60 {
                    continue;
                }
                let limits = Limits {
                    first_byte: Duration::from_secs(first_byte),
                    keep_alive: Duration::from_secs(keep_alive),
                    ..Limits::default()
                };
                let site = Site::default();
                let mut served = connect_spoken(site.clone(), limits, 1 << 16, spoken);
                served.wire.send([PREFACE, SETTINGS].concat()).await;
                wait(idle).await;
                assert!(!served.task.is_finished());
                served.wire.send(request(1, "/forever")).await;
                served.wire.pending().await;
                assert_eq!(site.running.load(SeqCst), 1);
                let start = Instant::now();
                let asked = tokio::time::timeout(Duration::from_secs(100), served.wire.take(17)).await;
                assert!(asked.expect("it is asked").starts_with(ASKED));
                let asked = start.elapsed().as_secs();
                assert!(asked <= 40, "after {asked} s");
                let given_up = served.end().await;
                assert!((20..=21).contains(&given_up), "after {given_up} s");
                assert_eq!(site.running.load(SeqCst), 0);
            }
        }
    }
}

/// A response that is all in the protocol's hands, and the peer does not open its window for.
#[tokio::test(start_paused = true)]
async fn who_takes_nothing_is_given_up_whatever_the_other_deadlines_are() {
    let limits = Limits { keep_alive: FOR_EVER, ..Limits::default() };
    let mut served = connect_spoken(Site::default(), limits, 1 << 16, None);
    // SETTINGS_INITIAL_WINDOW_SIZE is 1.
    served.wire.send([PREFACE, b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\x01"].concat()).await;
    wait(11).await;
    served.wire.send(request(1, "/")).await;
    let start = Instant::now();
    while !served.task.is_finished() {
        assert!(start.elapsed().as_secs() <= 40);
        served.wire.send(b"\0\0\x04\x08\0\0\0\0\0\0\0\0\x01").await;
        wait(1).await;
    }
    assert!(start.elapsed().as_secs() >= 30);
}

/// Those that were told to go, too.
#[tokio::test(start_paused = true)]
async fn are_given_up_when_they_have_been_told_to_go() {
    let (site, mut served) = open().await;
    served.watch.leave();
    let given_up = served.end().await;
    assert!((20..=30).contains(&given_up), "after {given_up} s");
    assert_eq!(site.running.load(SeqCst), 0);
}

/// A peer that takes no notice of GOAWAY.
#[tokio::test(start_paused = true)]
async fn who_does_not_go_is_given_nothing_more() {
    let limits = Limits { requests: Some(2), ..Limits::default() };
    let site = Site::default();
    let mut served = connect_spoken(site.clone(), limits, 1 << 16, None);
    served.wire.send([PREFACE, SETTINGS].concat()).await;
    served.wire.send(request(1, "/forever")).await;
    served.wire.send(request(3, "/empty")).await;
    served.wire.pending().await;
    // Its request may have been on the way.
    wait(1).await;
    served.wire.send(request(5, "/empty")).await;
    wait(1).await;
    assert_eq!(site.begun.load(SeqCst), 3);
    wait(4).await;
    served.wire.pending().await;
    for stream in (7..127).step_by(2) {
        served.wire.send(request(stream, "/empty")).await;
        // RST_STREAM, REFUSED_STREAM; what was begun goes on.
        let refused = served.wire.take(13).await;
        assert_eq!(refused, [0, 0, 4, 3, 0, 0, 0, 0, stream, 0, 0, 0, 7]);
        assert_eq!((site.begun.load(SeqCst), site.running.load(SeqCst)), (3, 1));
        wait(1).await;
    }
    // It is done: then so is the connection, whatever comes.
    served.wire.send(b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08").await;
    let start = Instant::now();
    for stream in (127..=255).step_by(2) {
        if served.task.is_finished() {
            break;
        }
        served.wire.send(request(stream, "/empty")).await;
        wait(1).await;
    }
    assert!(served.task.is_finished() && start.elapsed().as_secs() <= 7);
    assert_eq!((site.begun.load(SeqCst), site.running.load(SeqCst)), (3, 0));
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
