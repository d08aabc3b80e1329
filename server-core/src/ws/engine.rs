//! One WebSocket: the protocol, what is on its way out, and how long its peer is waited for.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use tungstenite::error::{CapacityError, Error, ProtocolError};
use tungstenite::protocol::{CloseFrame as InnerFrame, WebSocketConfig, WebSocketContext};

use super::alarm::Alarm;
use super::close::{CloseCode, CloseFrame};
use super::error::{Kind, WebSocketError};
use super::message::Message;
use super::outbox::{Opcode, Outbox};
use super::settings::Settings;
use super::text::Utf8Bytes;
use crate::upgrade::Upgraded;

/// What is read at once. tungstenite allocates it with the connection and zeroes it for each read: its default of 128 KiB
/// would be most of what an idle WebSocket costs. Larger frames are read into memory of their own.
const READ_BUFFER: usize = 4096;

/// What may wait to leave before whoever adds more has to wait, too; and before Pings are no longer answered one by one.
const OUTBOX: usize = 64 * 1024;

/// What tungstenite may keep of Pongs that the outbox has no room for. Of more, it answers the latest (RFC 6455 section
/// 5.5.3), so a peer that pings and does not read costs no memory.
const PONGS: usize = 512;

/// How long the peer may take to answer a Close, or to stop sending what nobody wants.
const FAREWELL: Duration = Duration::from_secs(10);

pub(super) struct Engine {
    /// Gone once it broke or was cut.
    stream: Option<Upgraded>,
    context: WebSocketContext,
    outbox: Outbox,
    settings: Settings,
    /// Why nothing more is received.
    over: Option<Kind>,
    /// The reader knows.
    is_told: bool,
    /// When a Close was sent that the peer has not answered.
    closing_since: Option<Instant>,
    /// The peer may still send what is not looked at.
    is_unread: bool,
    /// The server ends.
    is_leaving: bool,
    /// The answer to a Ping is on its way.
    has_pong: bool,
    silence: Silence,
    stall: Stall,
}

/// How long the peer has said nothing while somebody waited.
struct Silence {
    /// Something came since the clock was read.
    broken: bool,
    since: Instant,
    /// A Ping has been sent since.
    is_asked: bool,
    /// When whoever waited went to do something else.
    left: Option<Instant>,
    /// How much of the time nobody waited.
    unwatched: Duration,
    alarm: Alarm,
}

/// How long the peer has taken nothing.
#[derive(Default)]
struct Stall {
    since: Option<Instant>,
    alarm: Alarm,
}

impl Engine {
    pub(super) fn new(stream: Upgraded, settings: Settings) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(PONGS)
            .max_message_size(Some(settings.message_size))
            .max_frame_size(Some(settings.frame_size.unwrap_or(settings.message_size)));
        let now = Instant::now();
        Self {
            stream: Some(stream),
            context: WebSocketContext::new(tungstenite::protocol::Role::Server, Some(config)),
            outbox: Outbox::default(),
            settings,
            over: None,
            is_told: false,
            closing_since: None,
            is_unread: false,
            is_leaving: false,
            has_pong: false,
            silence: Silence {
                broken: false,
                since: now,
                is_asked: false,
                left: Some(now),
                unwatched: Duration::ZERO,
                alarm: Alarm::default(),
            },
            stall: Stall::default(),
        }
    }

    /// The next message; what is left of a WebSocket that is over is its error, once.
    pub(super) fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, WebSocketError>>> {
        loop {
            if let Some(kind) = &self.over {
                let is_told = std::mem::replace(&mut self.is_told, true);
                let is_end = is_told || matches!(kind, Kind::Closed);
                return Poll::Ready((!is_end).then(|| Err(kind.clone().into())));
            }
            let Some(stream) = &mut self.stream else {
                self.over = Some(Kind::Closed);
                continue;
            };
            let mut bridge = Bridge { stream, outbox: &mut self.outbox, room: OUTBOX, heard: false, cx };
            let read = self.context.read(&mut bridge);
            self.silence.broken |= bridge.heard;
            match read {
                Ok(message) => {
                    if let Some(message) = self.receive(message, cx) {
                        // Its time begins when the next one is waited for.
                        self.silence.broken = true;
                        return Poll::Ready(Some(Ok(message)));
                    }
                }
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    // What it has to say leaves before it waits: Pongs, and messages that nobody flushed.
                    let had_room = self.outbox.len() < OUTBOX;
                    if let Poll::Ready(Err(_)) = self.poll_flush(cx) {
                        continue;
                    }
                    if !had_room && self.outbox.len() < OUTBOX {
                        continue;
                    }
                    if self.is_leaving
                        && self.settings.close_on_shutdown
                        && self.close(close_frame(CloseCode::GOING_AWAY, ""), cx)
                    {
                        continue;
                    }
                    ready!(self.poll_silence(cx));
                }
                Err(error) => self.fail(error, cx),
            }
        }
    }

    /// What came, if it is anything for the handler.
    fn receive(&mut self, message: tungstenite::Message, cx: &mut Context<'_>) -> Option<Message> {
        let message = match message {
            tungstenite::Message::Text(text) => Some(Message::Text(Utf8Bytes::from_inner(text))),
            tungstenite::Message::Binary(bytes) => Some(Message::Binary(bytes)),
            tungstenite::Message::Ping(bytes) => {
                self.has_pong = true;
                self.settings.control_frames.then_some(Message::Ping(bytes))
            }
            tungstenite::Message::Pong(bytes) => self.settings.control_frames.then_some(Message::Pong(bytes)),
            tungstenite::Message::Close(frame) => {
                self.say_protocol(usize::MAX, cx);
                self.over = Some(Kind::Closed);
                self.flush_now(cx);
                return Some(Message::Close(frame.and_then(CloseFrame::from_inner)));
            }
            // Only ever sent.
            tungstenite::Message::Frame(_) => None,
        };
        // Not when the handler comes back, nor when the peer pauses.
        if message.is_some() && std::mem::take(&mut self.has_pong) {
            self.say_protocol(OUTBOX, cx);
            self.flush_now(cx);
        }
        message
    }

    /// Moves what the protocol itself has to say, Pongs and the answer to a Close, to the outbox.
    fn say_protocol(&mut self, room: usize, cx: &mut Context<'_>) {
        if let Some(stream) = &mut self.stream {
            let mut bridge = Bridge { stream, outbox: &mut self.outbox, room, heard: false, cx };
            // That it is full, or that it was the last, is told as an error.
            let _ = self.context.flush(&mut bridge);
        }
    }

    /// Whether there is room for another message; makes some if there is not.
    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
        if self.outbox.len() >= OUTBOX {
            let _flushed = self.poll_flush(cx)?;
            if self.outbox.len() >= OUTBOX {
                return Poll::Pending;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Adds a message to what is on its way.
    pub(super) fn push(&mut self, message: Message, cx: &mut Context<'_>) -> Result<(), WebSocketError> {
        if let Some(kind) = &self.over {
            return Err(kind.clone().into());
        }
        if !self.context.can_write() || self.stream.is_none() {
            return Err(Kind::Closed.into());
        }
        let (opcode, content) = match message {
            Message::Text(text) => (Opcode::Text, text.into()),
            Message::Binary(bytes) => (Opcode::Binary, bytes),
            Message::Ping(bytes) => (Opcode::Ping, short(bytes)?),
            Message::Pong(bytes) => (Opcode::Pong, short(bytes)?),
            Message::Close(frame) => {
                let frame = frame.map(CloseFrame::into_inner).transpose()?;
                self.close(frame, cx);
                return Ok(());
            }
        };
        self.outbox.push(opcode, content);
        Ok(())
    }

    /// Has everything leave.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Err(self.over.clone().unwrap_or(Kind::Closed).into()));
        };
        let flushed = loop {
            if self.outbox.is_empty() {
                break Pin::new(&mut *stream).poll_flush(cx);
            }
            match self.outbox.poll_write(Pin::new(&mut *stream), cx) {
                Poll::Ready(Ok(_)) => self.stall.since = None,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        match flushed {
            Poll::Ready(Ok(())) => {
                self.stall.since = None;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.lose(Kind::Io(Arc::new(error))))),
            Poll::Pending => {
                let Some(most) = self.settings.send_timeout else { return Poll::Pending };
                let since = *self.stall.since.get_or_insert_with(Instant::now);
                ready!(self.stall.alarm.poll(since + most, cx));
                Poll::Ready(Err(self.lose(Kind::Timeout)))
            }
        }
    }

    /// Says what there is no time to wait for.
    fn flush_now(&mut self, cx: &mut Context<'_>) {
        let _ = self.poll_flush(cx);
    }

    /// Adds a Close, if none was sent; whether it did.
    pub(super) fn close(&mut self, frame: Option<InnerFrame>, cx: &mut Context<'_>) -> bool {
        if !self.context.can_write() {
            return false;
        }
        // Pongs that had no room, first.
        self.say_protocol(usize::MAX, cx);
        let Some(stream) = &mut self.stream else { return false };
        let mut bridge = Bridge { stream, outbox: &mut self.outbox, room: usize::MAX, heard: false, cx };
        let _ = self.context.close(&mut bridge, frame);
        self.closing_since = Some(Instant::now());
        true
    }

    /// Nothing more can be received.
    fn fail(&mut self, error: Error, cx: &mut Context<'_>) {
        let code = match error {
            Error::ConnectionClosed | Error::AlreadyClosed => {
                self.over = Some(Kind::Closed);
                return;
            }
            // It need not answer a Close.
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                let is_closed = self.closing_since.is_some();
                self.over = Some(if is_closed { Kind::Closed } else { Kind::Lost });
                return self.flush_now(cx);
            }
            Error::Io(error) => {
                self.lose(Kind::Io(Arc::new(error)));
                return;
            }
            Error::Capacity(CapacityError::MessageTooLong { .. }) => CloseCode::MESSAGE_TOO_BIG,
            Error::Utf8(_) => CloseCode::INVALID_PAYLOAD,
            _ => CloseCode::PROTOCOL_ERROR,
        };
        let what: Arc<str> = match error {
            Error::Protocol(error) => error.to_string(),
            Error::Utf8(_) => "text that is not UTF-8".to_owned(),
            error => error.to_string(),
        }
        .into();
        self.close(close_frame(code, if what.len() <= 123 { &what } else { "" }), cx);
        self.is_unread = true;
        self.over = Some(Kind::Violation(code, what));
        self.flush_now(cx);
    }

    /// The connection is of no more use.
    fn lose(&mut self, kind: Kind) -> WebSocketError {
        self.stream = None;
        self.outbox.clear();
        self.over.get_or_insert(kind).clone().into()
    }

    /// Waits for the peer to say something.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let silence = &mut self.silence;
        if let Some(left) = silence.left.take() {
            silence.unwatched += left.elapsed();
        }
        if std::mem::take(&mut silence.broken) {
            silence.restart();
            silence.is_asked = false;
        }
        if let Some(since) = self.closing_since {
            ready!(silence.alarm.poll(since + FAREWELL, cx));
            self.lose(Kind::Timeout);
            return Poll::Ready(());
        }
        let (ping, idle) = (self.settings.ping_interval, self.settings.idle_timeout);
        match ping.filter(|ping| !silence.is_asked && idle.is_none_or(|idle| *ping < idle)) {
            Some(ping) => {
                ready!(silence.alarm.poll(silence.since + ping, cx));
                // The rest of the time is the peer's to answer, also if nobody has waited for a while.
                silence.restart();
                silence.is_asked = idle.is_some();
                self.outbox.push(Opcode::Ping, Bytes::new());
            }
            None => {
                let Some(idle) = idle else { return Poll::Pending };
                let rest =
                    if silence.is_asked { idle.saturating_sub(ping.unwrap_or_default()) } else { idle };
                ready!(silence.alarm.poll(silence.since + silence.unwatched + rest, cx));
                self.close(close_frame(CloseCode::GOING_AWAY, "silent for too long"), cx);
                self.flush_now(cx);
                self.lose(Kind::Timeout);
            }
        }
        Poll::Ready(())
    }

    /// Whoever waited for a message does so no more.
    pub(super) fn look_away(&mut self) {
        self.silence.left.get_or_insert_with(Instant::now);
    }

    /// The server ends; whoever waits for a message is to know.
    pub(super) fn leave(&mut self) {
        self.is_leaving = true;
    }

    /// Ends as it should when nobody has it any more: what was sent leaves, both sides say Close.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let Some(stream) = &mut self.stream else { return Poll::Ready(()) };
            if self.closing_since.is_some_and(|since| since.elapsed() > FAREWELL) {
                return Poll::Ready(());
            }
            if self.over.is_none() && self.closing_since.is_none() {
                let code = if self.is_leaving { CloseCode::GOING_AWAY } else { CloseCode::NORMAL };
                self.close(close_frame(code, ""), cx);
                continue;
            }
            if !self.outbox.is_empty() {
                let _ = ready!(self.poll_flush(cx));
            } else if self.over.is_none() {
                let _unwanted = ready!(self.poll_recv(cx));
            } else if self.is_unread {
                // Closed before all was read, a connection is reset, which can take the Close with it.
                let mut waste = [0; 1024];
                let mut buf = ReadBuf::new(&mut waste);
                let read = Pin::new(stream).poll_read(cx, &mut buf);
                if read.is_pending() {
                    ready!(self.poll_silence(cx));
                }
                self.is_unread = read.is_pending() || !buf.filled().is_empty();
            } else {
                // Not waited for: there is nothing of the peer's to lose.
                let _ = Pin::new(stream).poll_shutdown(cx);
                return Poll::Ready(());
            }
        }
    }

    /// Ends at once. What can be said without waiting is said.
    pub(super) fn cut(&mut self, code: CloseCode) {
        let cx = &mut Context::from_waker(Waker::noop());
        if self.over.is_none() {
            self.close(close_frame(code, ""), cx);
        }
        // There may be no runtime any more to set an alarm in.
        self.settings.send_timeout = None;
        self.flush_now(cx);
        self.lose(Kind::Closed);
    }
}

impl Silence {
    /// The time counts from now.
    fn restart(&mut self) {
        self.since = Instant::now();
        self.unwatched = Duration::ZERO;
    }
}

fn close_frame(code: CloseCode, reason: &str) -> Option<InnerFrame> {
    Some(InnerFrame { code: u16::from(code).into(), reason: reason.into() })
}

/// Ping and Pong are control frames (RFC 6455 section 5.5).
fn short(bytes: Bytes) -> Result<Bytes, WebSocketError> {
    if bytes.len() > 125 { Err(Kind::ControlTooLong.into()) } else { Ok(bytes) }
}

/// The stream as tungstenite would have it, which does not know of tasks. What it writes goes to the outbox.
struct Bridge<'a, 'c> {
    stream: &'a mut Upgraded,
    outbox: &'a mut Outbox,
    /// How full the outbox may be.
    room: usize,
    /// Something came.
    heard: bool,
    cx: &'a mut Context<'c>,
}

impl Read for Bridge<'_, '_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(room);
        match Pin::new(&mut *self.stream).poll_read(self.cx, &mut buf) {
            Poll::Ready(read) => {
                read?;
                self.heard |= !buf.filled().is_empty();
                Ok(buf.filled().len())
            }
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl Write for Bridge<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.outbox.len() >= self.room {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.outbox.push_bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
