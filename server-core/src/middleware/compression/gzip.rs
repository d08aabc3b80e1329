//! gzip (RFC 1952).

use std::cell::Cell;

use flate2::{Compress, FlushCompress, Status};

use super::encoder::Then;
use crate::error::BoxError;

/// An encoder, borrowed from its thread while it is in use: making one allocates some 400 KB.
pub(super) struct Gzip {
    level: u32,
    /// Taken only when it is dropped.
    state: Option<Compress>,
}

thread_local! {
    /// The encoder that was last in use on this thread, with its level.
    static SPARE: Cell<Option<(u32, Compress)>> = const { Cell::new(None) };
}

/// Bits of the window: the most there are, 32 KiB.
const WINDOW: u8 = 15;

/// How much room is made for output at a time.
const ROOM: usize = 4096;

impl Gzip {
    pub(super) fn new(level: u32) -> Self {
        let state = match SPARE.take() {
            Some((of, mut spare)) if of == level => {
                spare.reset();
                spare
            }
            _ => Compress::new_gzip(flate2::Compression::new(level), WINDOW),
        };
        Self { level, state: Some(state) }
    }

    pub(super) fn encode(&mut self, mut input: &[u8], then: Then, out: &mut Vec<u8>) -> Result<(), BoxError> {
        let Some(state) = &mut self.state else { return Ok(()) };
        let flush = match then {
            Then::GoOn => FlushCompress::None,
            Then::Flush => FlushCompress::Sync,
            Then::Finish => FlushCompress::Finish,
        };
        loop {
            out.reserve(ROOM);
            let before = state.total_in();
            let status = state.compress_vec(input, out, flush)?;
            let taken = usize::try_from(state.total_in() - before).unwrap_or(input.len());
            input = &input[taken..];
            let done = match then {
                Then::Finish => status == Status::StreamEnd,
                // Room that is left says that nothing more comes of it.
                Then::GoOn | Then::Flush => input.is_empty() && out.len() < out.capacity(),
            };
            if done {
                return Ok(());
            }
        }
    }
}

impl Drop for Gzip {
    fn drop(&mut self) {
        if let Some(state) = self.state.take() {
            // At the end of a thread there may be nowhere to put it.
            let _ = SPARE.try_with(|spare| spare.set(Some((self.level, state))));
        }
    }
}
