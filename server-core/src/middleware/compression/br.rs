//! brotli (RFC 7932).

use brotli::enc::StandardAlloc;
use brotli::enc::encode::{BrotliEncoderOperation as Operation, BrotliEncoderStateStruct as State};

use super::encoder::Then;
use crate::error::BoxError;

/// An encoder, made anew for each body. The crate cannot reset one, and to keep its memory would take an allocator for
/// each of eighteen types, which has to clear what it gives out again. That was measured to gain nothing up to 16 KiB, and a
/// quarter of the time at 100 KiB.
pub(super) struct Brotli {
    state: Box<State<StandardAlloc>>,
}

/// Bits of the largest window: 256 KiB. The encoder's memory grows with it, to 9 MB at the format's usual 22.
const WIDEST: u32 = 18;

/// Bits of the smallest window from quality 5 on: with one less, the encoder takes 34 MB for tables of another kind.
const NARROWEST: u32 = 17;

impl Brotli {
    /// `size` is that of what will be encoded, where it is known.
    pub(super) fn new(quality: u32, size: Option<u64>) -> Self {
        let mut state = Box::new(State::new(StandardAlloc::default()));
        let size = size.and_then(|size| usize::try_from(size).ok());
        // Sixteen bytes of the window are not for data.
        let fitting = size.map_or(WIDEST, |size| usize::BITS - size.saturating_add(16).leading_zeros());
        let narrowest = if quality < 5 { 10 } else { NARROWEST };
        state.params.quality = i32::try_from(quality).unwrap_or(i32::MAX);
        state.params.lgwin = i32::try_from(fitting.clamp(narrowest, WIDEST)).unwrap_or(i32::MAX);
        state.params.size_hint = size.unwrap_or(0);
        Self { state }
    }

    pub(super) fn encode(&mut self, input: &[u8], then: Then, out: &mut Vec<u8>) -> Result<(), BoxError> {
        let operation = match then {
            Then::GoOn => Operation::BROTLI_OPERATION_PROCESS,
            Then::Flush => Operation::BROTLI_OPERATION_FLUSH,
            Then::Finish => Operation::BROTLI_OPERATION_FINISH,
        };
        let (mut left, mut at) = (input.len(), 0);
        loop {
            // Without room for output, it stays with the encoder until it is taken.
            let went_well = self.state.compress_stream(
                operation,
                &mut left,
                input,
                &mut at,
                &mut 0,
                &mut [],
                &mut 0,
                &mut None,
                &mut |_, _, _, _| (),
            );
            if !went_well {
                return Err("the brotli encoder failed".into());
            }
            let before = out.len();
            while self.state.has_more_output() {
                let mut size = 0; // as many as there are
                let taken = self.state.take_output(&mut size);
                out.extend_from_slice(&taken[..size]);
            }
            let done = match then {
                Then::Finish => self.state.is_finished(),
                // Output that was in the way may have kept the last of the input from being flushed.
                Then::GoOn | Then::Flush => left == 0 && out.len() == before,
            };
            if done {
                return Ok(());
            }
        }
    }
}
