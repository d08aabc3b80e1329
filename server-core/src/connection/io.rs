//! The stream as the protocols see it: what passes is noted, the first bytes are judged, small writes are combined.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::cork::Cork;
use super::protocol::{PREFACE, Protocol, Spoken};
use super::turn::Turn;
use super::watch::{Notices, Watch};

/// A stream under watch.
///
/// It owns its share of the watch, so that it stays `'static`: hyper hands the stream of an upgraded connection to
/// whoever asked for it. (That one must count as a request in progress, or its writes are held back.)
///
/// hyper reads into memory that is not initialised, which safe code can do for tokio's `ReadBuf` but not for hyper's
/// cursor: so this speaks tokio, and `hyper_util::rt::TokioIo` goes around it.
///
/// What the deadlines need to know passes here, too: bytes in, bytes out, and the end of the stream.
pub(super) struct Watched<T> {
    stream: T,
    watch: Arc<Watch>,
    mode: Mode,
    /// What was read and not passed on: the beginnings of a preface, all that came with a whole one, and what was
    /// read ahead.
    held: Vec<u8>,
    /// What was written and not passed on: HTTP/1's small writes, a PING of HTTP/2.
    cork: Cork,
    /// Something was written since the last flush.
    fresh: bool,
    /// Of HTTP/2; hyper sees to HTTP/1.
    turn: Turn,
}

/// What is read of what comes while a handler is waited for. Who has sent more has not gone.
const AHEAD: usize = 1024;

/// A PING frame (RFC 9113 section 6.7). Its content is nobody else's: h2 takes no notice of the answer.
const PING: &[u8; 17] = b"\0\0\x08\x06\0\0\0\0\0waypost?";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The first bytes are awaited.
    Opening,
    Http1,
    Http2,
    /// No longer HTTP.
    Other,
}

impl<T> Watched<T> {
    /// A stream that has said nothing yet, and of what protocol it is known to be, if it is.
    pub(super) fn new(stream: T, watch: Arc<Watch>, spoken: Option<Spoken>) -> Self {
        let mode = match spoken {
            None => Mode::Opening,
            Some(Spoken::Http1) => Mode::Http1,
            // h2 judges the preface itself.
            Some(Spoken::Http2) => Mode::Http2,
        };
        Self {
            stream,
            watch,
            mode,
            held: Vec::new(),
            cork: Cork::default(),
            fresh: false,
            turn: Turn::default(),
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<T> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.mode != Mode::Http1 {
            return this.poll_other(cx, buf);
        }
        // The protocol has used up what it had: now is the time to let the answers go. If the peer does not take them, the
        // task has been registered for when it does; reading may go on, the cork is small.
        if !this.cork.is_empty()
            && let Poll::Ready(Err(error)) = this.poll_uncork(cx)
        {
            return Poll::Ready(Err(error));
        }
        let before = buf.filled().len();
        if this.held.is_empty() {
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
            this.watch.add_received(buf.filled().len() - before);
        } else {
            this.read_held(cx, buf);
        }
        if buf.filled().len() != before && this.watch.is_head_read() {
            this.watch.notify(Notices::HEAD);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T> Watched<T> {
    /// Has a few bytes leave with the next flush, or the end.
    pub(super) fn hold_back(&mut self, bytes: &[u8]) {
        let _fits = self.cork.take(bytes);
    }

    /// The same stream once HTTP is done with it, having read so much of what comes next.
    pub(super) fn hand_over(mut self, read: &[u8]) -> Self {
        self.held.splice(..0, read.iter().copied());
        self.mode = Mode::Other;
        self
    }

    /// HTTP/1 is done with the stream for now, and has read so much of what comes next: keeps no memory but for that.
    pub(super) fn rest(&mut self, read: &[u8]) {
        self.held.splice(..0, read.iter().copied());
        if self.cork.is_empty() {
            self.cork = Cork::default();
        }
    }

    /// Passes on what was held.
    #[cold]
    fn give_held(&mut self, buf: &mut ReadBuf<'_>) {
        let part = self.held.len().min(buf.remaining());
        buf.put_slice(&self.held[..part]);
        self.held.drain(..part);
        if self.held.is_empty() {
            self.held = Vec::new();
        }
    }
}

impl<T: AsyncRead + Unpin> Watched<T> {
    /// Looks whether the client has gone, while a handler is waited for. hyper's own way to do so costs every request
    /// two allocations. Here it costs no system call, either: the last read of the head has emptied the socket, which
    /// tokio knows.
    #[cold]
    fn read_ahead(&mut self, cx: &mut Context<'_>) {
        while self.held.len() < AHEAD {
            match self.poll_more(cx) {
                Poll::Pending => return,
                Poll::Ready(true) => {}
                Poll::Ready(false) => return self.watch.notify(Notices::GONE),
            }
        }
    }

    /// Passes on what was held, and what else is there: whoever reads a body slowly would get it in the small pieces in
    /// which it is read ahead.
    #[cold]
    #[inline(never)]
    fn read_held(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) {
        self.give_held(buf);
        let known = buf.filled().len();
        if self.held.is_empty() && buf.remaining() > 0 {
            // That the stream has ended, or is broken, the next read finds, too.
            let _ = Pin::new(&mut self.stream).poll_read(cx, buf);
            self.watch.add_received(buf.filled().len() - known);
        }
    }

    /// Holds what comes next: whether there is something, or the stream has ended.
    pub(super) fn poll_hold(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if self.held.is_empty() { self.poll_more(cx) } else { Poll::Ready(true) }
    }

    /// Holds more of what comes.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut room = [MaybeUninit::uninit(); AHEAD];
        let mut buf = ReadBuf::uninit(&mut room[self.held.len().min(AHEAD)..]);
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf));
        self.watch.add_received(buf.filled().len());
        self.held.extend_from_slice(buf.filled());
        Poll::Ready(read.is_ok() && !buf.filled().is_empty())
    }

    /// Reads straight into hyper's buffer for HTTP/1, which therefore costs nothing more; only what may be a preface
    /// is taken out again.
    #[cold]
    fn poll_opening(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        // At most 23 bytes, where hyper offers 8 KiB.
        buf.put_slice(&self.held);
        loop {
            let known = buf.filled().len();
            let read = Pin::new(&mut self.stream).poll_read(cx, buf);
            let ended = buf.filled().len() == known;
            self.watch.add_received(buf.filled().len() - known);
            let received = &buf.filled()[before..];
            match Protocol::of(received) {
                Protocol::Undecided if read.is_ready() && !ended => {}
                Protocol::Undecided if read.is_pending() => {
                    self.held.clear();
                    self.held.extend_from_slice(received);
                    buf.set_filled(before);
                    if !self.held.is_empty() {
                        self.watch.notify(Notices::OPENING);
                    }
                    return Poll::Pending;
                }
                Protocol::Http2 => {
                    self.held.clear();
                    self.held.extend_from_slice(received);
                    buf.set_filled(before);
                    self.mode = Mode::Http2;
                    self.watch.clear(Notices::OPENING);
                    self.watch.notify(Notices::HTTP2);
                    // Nobody needs waking: the connection's future looks at the notice next.
                    return Poll::Pending;
                }
                // HTTP/1, or the end of a stream that never became anything: hyper knows what to say.
                _ => {
                    self.watch.clear(Notices::OPENING);
                    if !received.is_empty() {
                        self.watch.notify(Notices::HEAD);
                    }
                    self.held = Vec::new();
                    self.mode = Mode::Http1;
                    return read;
                }
            }
        }
    }

    /// Reads what is not known to be HTTP/1.
    #[inline(never)]
    fn poll_other(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.mode == Mode::Opening {
            return self.poll_opening(cx, buf);
        }
        if !self.held.is_empty() {
            self.give_held(buf);
            return Poll::Ready(Ok(()));
        }
        if self.turn.is_over(cx) {
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        let bytes = buf.filled().len() - before;
        self.turn.add(bytes);
        self.watch.add_received(bytes);
        // That it is one h2 judges, when it is all there.
        if self.watch.received() >= PREFACE.len() as u64 {
            self.watch.notify(Notices::HTTP2);
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> Watched<T> {
    /// Lets go what is held back.
    pub(super) fn poll_uncork(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch.clear(Notices::CORKED);
        let held = self.cork.len();
        let released = self.cork.poll_release(&mut self.stream, cx);
        self.watch.add_sent(held - self.cork.len());
        self.watch.set_stalled(released.is_pending());
        ready!(released)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Whether something was written that the stream does not have yet.
    pub(super) fn holds_output(&self) -> bool {
        !self.cork.is_empty()
    }

    fn is_corking(&self) -> bool {
        matches!(self.mode, Mode::Opening | Mode::Http1)
    }

    fn note(&self, written: &Poll<io::Result<usize>>) {
        self.watch.set_stalled(written.is_pending());
        if let Poll::Ready(Ok(bytes)) = written {
            self.watch.add_sent(*bytes);
        }
    }
}

/// HTTP/1 writes and flushes after every response. A flush between two requests is put off until hyper reads again
/// (it has then answered all it had), or until it flushes again without having written. hyper's own way to combine
/// writes, `pipeline_flush(true)`, holds responses back for as long as any byte of a next request is there, buffers
/// them without bound, and loses the 400 and 431 of a head it cannot parse.
impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.is_corking() {
            this.fresh = true;
            if this.cork.take(buf) {
                return Poll::Ready(Ok(buf.len()));
            }
            let uncorked = this.poll_uncork(cx);
            if uncorked.is_pending() {
                // Also where only TLS has something left of what was written before.
                this.watch.set_stalled(true);
            }
            ready!(uncorked)?;
        } else if !this.cork.is_empty() {
            ready!(this.poll_uncork(cx))?;
        }
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.note(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let notices = this.watch.notices();
        // h2 flushes between frames, and has then passed on all it had.
        if notices.contains(Notices::PING) {
            this.watch.clear(Notices::PING);
            this.hold_back(PING);
            this.fresh = false;
        }
        if this.cork.is_empty() {
            ready!(Pin::new(&mut this.stream).poll_flush(cx))?;
        } else if this.fresh && !this.watch.is_open() {
            this.fresh = false;
            this.watch.notify(Notices::CORKED);
            return Poll::Ready(Ok(()));
        } else {
            ready!(this.poll_uncork(cx))?;
        }
        if notices.contains(Notices::PENDING) {
            this.read_ahead(cx);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.is_corking() {
            // Though it may take a while.
            this.watch.notify(Notices::LAST);
        }
        if !this.cork.is_empty() {
            ready!(this.poll_uncork(cx))?;
        }
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        !self.is_corking() && self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.is_corking() {
            let first = bufs.iter().find(|buf| !buf.is_empty()).map_or(&[][..], |buf| buf);
            return self.poll_write(cx, first);
        }
        if !this.cork.is_empty() {
            ready!(this.poll_uncork(cx))?;
        }
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.note(&written);
        written
    }
}
