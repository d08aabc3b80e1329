//! A peer of HTTP/2 that never stops talking, and whoever shares its thread.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::*;

/// A stream that always has frames to read, up to a few MiB of them, and takes whatever is written.
struct Chatter {
    /// What is still to be read of the preface or of a frame.
    rest: Vec<u8>,
    frame: &'static [u8],
    given: Arc<AtomicUsize>,
}

const ALL: usize = 4 << 20;

impl AsyncRead for Chatter {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while buf.remaining() > 0 && this.given.load(SeqCst) < ALL {
            if this.rest.is_empty() {
                this.rest.extend(this.frame);
            }
            let part = this.rest.len().min(buf.remaining());
            buf.put_slice(&this.rest[..part]);
            this.rest.drain(..part);
            this.given.fetch_add(part, SeqCst);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Chatter {
    fn poll_write(self: Pin<&mut Self>, _cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Starts to serve it. Returns what it has been asked for, and its connection.
fn chatter(frame: &'static [u8]) -> (Arc<AtomicUsize>, Arc<Watch>, JoinHandle<()>) {
    let given = Arc::new(AtomicUsize::new(0));
    let rest = [PREFACE, b"\0\0\0\x04\0\0\0\0\0"].concat();
    let stream = Chatter { rest, frame, given: Arc::clone(&given) };
    let watch = Arc::new(Watch::new());
    let limits = Arc::new(Limits::default());
    let app = Arc::new(Site::default());
    let task = tokio::spawn(serve(stream, app, Peer::default(), limits, Arc::clone(&watch), None, ()));
    (given, watch, task)
}

const PRIORITY: &[u8] = b"\0\0\x05\x02\0\0\0\0\x01\0\0\0\0\x01";
const SETTINGS: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\x01";

#[tokio::test(start_paused = true)]
async fn others_have_their_turn() {
    for frame in [PRIORITY, SETTINGS] {
        let (given, _, task) = chatter(frame);
        let mut turns = 0;
        while !task.is_finished() {
            let before = given.load(SeqCst);
            tokio::task::yield_now().await;
            let turn = given.load(SeqCst) - before;
            assert!(turn <= 64 * 1024, "{turn} bytes in one turn");
            turns += 1;
        }
        assert!(turns > 64);
    }
}

#[tokio::test(start_paused = true)]
async fn it_hears_that_it_is_to_leave() {
    let (given, watch, task) = chatter(PRIORITY);
    tokio::task::yield_now().await;
    // Asked to end; the answer to the PING that goes with that never comes, but the time for it passes.
    watch.leave();
    // First its last call, for a stream that may be on its way.
    for seconds in [1, 6] {
        tokio::task::yield_now().await;
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }
    task.await.unwrap();
    assert!(given.load(SeqCst) < ALL, "it was heard to its end");
}
