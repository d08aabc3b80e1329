//! A body that is compressed while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame};

use super::encoder::{Codec, Encoder, Then};
use crate::body::Body;
use crate::error::BoxError;

/// Bytes that are encoded before others on the thread have their turn.
const PIECE: usize = 16 * 1024;

/// Bytes that are sent as they come; fewer wait for the next ones, or for the source to have nothing more.
const FRAME: usize = 4 * 1024;

/// Encodes what `source` yields, when it is asked for it.
///
/// What the source has is sent as soon as it has nothing more at the moment: whoever writes a line and waits is read.
pub(super) struct Compressed {
    source: Body,
    codec: Codec,
    /// Made with the first byte: an answer to HEAD is never read.
    encoder: Option<Encoder>,
    /// What was put out and not yet sent. Its room is kept.
    out: Vec<u8>,
    /// Of the source, and not yet encoded.
    input: Bytes,
    /// Bytes encoded since others had their turn.
    spent: usize,
    /// Whether the encoder may keep something back.
    dirty: bool,
    stage: Stage,
}

enum Stage {
    Open,
    /// The last data is sent; these are not.
    Trailers(HeaderMap),
    Done,
}

impl Compressed {
    pub(super) fn new(source: Body, codec: Codec) -> Self {
        Self {
            source,
            codec,
            encoder: None,
            out: Vec::new(),
            input: Bytes::new(),
            spent: 0,
            dirty: false,
            stage: Stage::Open,
        }
    }

    /// Encodes a piece, and returns what has come of it and of those before, if it is enough to be sent.
    fn encode(&mut self, piece: &[u8], then: Then) -> Option<Result<Frame<Bytes>, BoxError>> {
        let encoder = self.encoder.get_or_insert_with(|| {
            let here = (piece.len() + self.input.len()) as u64;
            Encoder::new(self.codec, self.source.len().map(|rest| rest.saturating_add(here)))
        });
        if let Err(error) = encoder.encode(piece, then, &mut self.out) {
            return Some(Err(self.fail(error)));
        }
        self.dirty = then == Then::GoOn;
        if then == Then::Finish {
            self.encoder = None;
        }
        if self.out.is_empty() || self.dirty && self.out.len() < FRAME {
            return None;
        }
        let data = Bytes::copy_from_slice(&self.out);
        self.out.clear();
        Some(Ok(Frame::data(data)))
    }

    /// Breaks off: what was sent has no end, by which the client sees that something is missing.
    fn fail(&mut self, error: impl Into<BoxError>) -> BoxError {
        self.stage = Stage::Done;
        self.encoder = None;
        self.input = Bytes::new();
        self.source = Body::empty();
        error.into()
    }
}

impl HttpBody for Compressed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            match std::mem::replace(&mut this.stage, Stage::Done) {
                Stage::Open => this.stage = Stage::Open,
                Stage::Trailers(trailers) => return Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
                Stage::Done => return Poll::Ready(None),
            }
            if this.spent >= PIECE {
                this.spent = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if !this.input.is_empty() {
                let piece = this.input.split_to(this.input.len().min(PIECE - this.spent));
                this.spent += piece.len();
                match this.encode(&piece, Then::GoOn) {
                    Some(frame) => return Poll::Ready(Some(frame)),
                    None => continue,
                }
            }
            let end = match Pin::new(&mut this.source).poll_frame(cx) {
                Poll::Pending if this.dirty => match this.encode(&[], Then::Flush) {
                    // The source is asked once more with the next poll.
                    Some(frame) => return Poll::Ready(Some(frame)),
                    None => return Poll::Pending,
                },
                Poll::Pending => {
                    this.spent = 0;
                    return Poll::Pending;
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(this.fail(error)))),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        this.input = data;
                        continue;
                    }
                    Err(frame) => frame.into_trailers().ok(),
                },
                Poll::Ready(None) => None,
            };
            this.stage = end.map_or(Stage::Done, Stage::Trailers);
            if let Some(frame) = this.encode(&[], Then::Finish) {
                return Poll::Ready(Some(frame));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }
}
