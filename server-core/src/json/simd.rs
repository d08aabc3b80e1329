//! The other engine: simd-json finds the document's structure, and its values are read from there.
//!
//! Both engines must accept and refuse the same documents and read the same values. So this one only ever says what a
//! document is, never that it is wrong: on the slightest doubt it gives up, and `serde_json` decides. simd-json's own
//! serde deserializer is not used, because it differs from `serde_json`'s in what it hands to visitors; [`Cursor`] is
//! `serde_json`'s, over simd-json's tape.

mod cursor;

use std::{cell::Cell, sync::LazyLock};

use serde::Deserialize;
use simd_json::{Buffers, INPUT_PADDING, Tape};

use cursor::Cursor;

/// How deep arrays and objects nest: what `serde_json` allows.
const DEPTH: usize = 127;

/// What a document needs to be read, kept by each thread from one to the next.
struct Bench {
    buffers: Buffers,
    tape: Tape<'static>,
}

/// A bench that a large document has swollen beyond this is not kept.
const KEPT_BYTES: usize = 256 * 1024;
const KEPT_NODES: usize = 16 * 1024;

thread_local! {
    static BENCH: Cell<Option<Bench>> = const { Cell::new(None) };
}

/// `serde_json` with its feature `arbitrary_precision` (any crate of a program can switch it on, for all) keeps numbers
/// as text, which a tape does not.
static NUMBERS_ARE_TEXT: LazyLock<bool> = LazyLock::new(|| {
    serde_json::from_str::<serde_json::Number>("1.10").is_ok_and(|number| number.to_string() == "1.10")
});

/// Reads `body` by way of a copy in `spare`, which is un-escaped in place; or not, and then `serde_json` has the word.
pub(crate) fn from_body<'r, T: Deserialize<'r>>(body: &'r [u8], spare: &'r mut Vec<u8>) -> Option<T> {
    if *NUMBERS_ARE_TEXT {
        return None;
    }
    spare.clear();
    spare.reserve_exact(body.len() + INPUT_PADDING);
    spare.extend_from_slice(body);
    spare.resize(body.len() + INPUT_PADDING, b' ');

    let Bench { mut buffers, tape } = BENCH.take().unwrap_or_else(|| Bench {
        buffers: Buffers::with_max_depth(body.len(), DEPTH),
        tape: Tape(Vec::new()),
    });
    let mut tape = tape.reset();
    let value = match simd_json::fill_tape_padded(spare, body.len(), &mut buffers, &mut tape) {
        Ok(()) => Cursor::new(&tape.0, body).read(),
        Err(_) => None,
    };
    if body.len() <= KEPT_BYTES && tape.0.capacity() <= KEPT_NODES {
        BENCH.set(Some(Bench { buffers, tape: tape.reset() }));
    }
    value
}
