//! What encodes, one for each body.

use std::cell::RefCell;

use bytes::Bytes;
use http::HeaderValue;

use super::br::Brotli;
use super::gzip::Gzip;
use crate::encoding::Coding;
use crate::error::BoxError;

/// What happens after a piece of input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// More will come; what is encoded may be kept back.
    GoOn,
    /// Everything so far can be decoded from what was put out.
    Flush,
    Finish,
}

/// A coding at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Brotli { quality: u32 },
    Gzip { level: u32 },
}

pub(super) enum Encoder {
    Brotli(Brotli),
    Gzip(Gzip),
}

impl Encoder {
    /// `size` is that of the whole input, where it is known.
    pub(super) fn new(codec: Codec, size: Option<u64>) -> Self {
        match codec {
            Codec::Brotli { quality } => Self::Brotli(Brotli::new(quality, size)),
            Codec::Gzip { level } => Self::Gzip(Gzip::new(level)),
        }
    }

    /// Appends to `out` what comes of `input`.
    pub(super) fn encode(&mut self, input: &[u8], then: Then, out: &mut Vec<u8>) -> Result<(), BoxError> {
        match self {
            Self::Brotli(brotli) => brotli.encode(input, then, out),
            Self::Gzip(gzip) => gzip.encode(input, then, out),
        }
    }
}

impl Codec {
    /// Its name, for `Content-Encoding`.
    pub(super) fn name(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Brotli { .. } => Coding::Brotli.name(),
            Self::Gzip { .. } => Coding::Gzip.name(),
        })
    }

    /// Encodes what is all there.
    pub(super) fn encode(self, input: &[u8]) -> Result<Bytes, BoxError> {
        thread_local! {
            /// Where bytes are put out that are copied when their number is known. It grows to what the largest body
            /// encoded at once comes to, little more than [`WHOLE`](super::WHOLE).
            static OUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        OUT.with_borrow_mut(|out| {
            out.clear();
            Encoder::new(self, Some(input.len() as u64)).encode(input, Then::Finish, out)?;
            Ok(Bytes::copy_from_slice(out))
        })
    }
}
