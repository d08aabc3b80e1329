//! A file's bytes on their way out.

use std::collections::VecDeque;
use std::fs::File;
use std::future::Future as _;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::body::Body;
use crate::error::BoxError;

/// Up to so many bytes are read where the file is opened; of more, so many at a time, each when it is asked for.
pub(super) const CHUNK: u64 = 64 * 1024;

/// One after another.
#[derive(Debug)]
pub(super) enum Piece {
    Bytes(Bytes),
    /// A part of the file; never empty.
    File(Range<u64>),
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(range) => range.end - range.start,
        }
    }
}

/// A body of these pieces, of which the first [`CHUNK`] is read now. Blocks.
///
/// # Errors
///
/// `UnexpectedEof` if the file is shorter than it was.
pub(super) fn body(file: File, mut pieces: VecDeque<Piece>) -> io::Result<Body> {
    let length: u64 = pieces.iter().map(Piece::len).sum();
    let mut first = Vec::with_capacity(usize::try_from(length.min(CHUNK)).unwrap_or(0));
    while let Some(piece) = pieces.pop_front() {
        match piece {
            Piece::Bytes(bytes) => first.extend_from_slice(&bytes),
            Piece::File(range) => {
                let room = CHUNK.saturating_sub(first.len() as u64);
                let end = range.end.min(range.start.saturating_add(room));
                read(&file, range.start..end, &mut first)?;
                if end < range.end {
                    pieces.push_front(Piece::File(end..range.end));
                    break;
                }
            }
        }
    }
    if pieces.is_empty() {
        return Ok(first.into());
    }
    pieces.push_front(Piece::Bytes(first.into()));
    let source = Source::Idle(file, Handle::current());
    Ok(Body::boxed(Box::pin(Content { source, pieces, left: length })))
}

/// Appends a part of the file.
fn read(mut file: &File, part: Range<u64>, to: &mut Vec<u8>) -> io::Result<()> {
    let length = part.end - part.start;
    if length == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::Start(part.start))?;
    let read = file.take(length).read_to_end(to)?;
    if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// A file that is read as fast as it is taken: one chunk is in memory, and none is read before the last one is gone.
struct Content {
    source: Source,
    pieces: VecDeque<Piece>,
    /// Bytes still to come: as many as were promised. A file that has become shorter ends the message abnormally, one
    /// that has become longer is sent as far as it was.
    left: u64,
}

enum Source {
    /// The runtime is kept: whoever polls may be elsewhere.
    Idle(File, Handle),
    Reading(JoinHandle<io::Result<(File, Vec<u8>)>>, Handle),
    Ended,
}

impl HttpBody for Content {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let bytes = loop {
            if let Source::Reading(task, runtime) = &mut this.source {
                let runtime = runtime.clone();
                let read = ready!(Pin::new(task).poll(cx));
                match read.unwrap_or_else(|error| Err(io::Error::other(error))) {
                    Ok((file, bytes)) => {
                        this.source = Source::Idle(file, runtime);
                        break Bytes::from(bytes);
                    }
                    Err(error) => {
                        this.source = Source::Ended;
                        return Poll::Ready(Some(Err(error.into())));
                    }
                }
            }
            match this.pieces.pop_front() {
                None => return Poll::Ready(None),
                Some(Piece::Bytes(bytes)) => break bytes,
                Some(Piece::File(range)) => {
                    let Source::Idle(file, runtime) = std::mem::replace(&mut this.source, Source::Ended)
                    else {
                        return Poll::Ready(None);
                    };
                    let end = range.end.min(range.start.saturating_add(CHUNK));
                    if end < range.end {
                        this.pieces.push_front(Piece::File(end..range.end));
                    }
                    let task = runtime.spawn_blocking(move || {
                        let mut bytes = Vec::with_capacity(usize::try_from(end - range.start).unwrap_or(0));
                        read(&file, range.start..end, &mut bytes)?;
                        Ok((file, bytes))
                    });
                    this.source = Source::Reading(task, runtime);
                }
            }
        };
        this.left -= bytes.len() as u64;
        if this.left == 0 {
            this.source = Source::Ended;
        }
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
