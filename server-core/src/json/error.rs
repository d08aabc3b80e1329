//! Why a document was refused, and where.

use std::{error, fmt, str::Utf8Error};

use crate::words;

/// A document that is not JSON, or not what was asked for. What it says is meant for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonError {
    kind: Kind,
    /// The JSON Pointer (RFC 6901) of the value at fault: `/items/3/name`. `None` when there is no such value, as the
    /// document is no JSON.
    pub(crate) pointer: Option<String>,
    /// What is wrong, in plain words; with line and column where it is the grammar.
    pub(crate) detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    NotUtf8,
    Syntax,
    Eof,
    Data,
}

impl JsonError {
    /// The document is not JSON: its grammar, its end that came too soon, or its encoding.
    #[cfg(test)]
    pub(crate) fn is_syntax(&self) -> bool {
        !self.is_data()
    }

    /// The document ended before it was complete, or is empty.
    #[cfg(test)]
    pub(crate) fn is_eof(&self) -> bool {
        self.kind == Kind::Eof
    }

    /// The document is not UTF-8.
    #[cfg(test)]
    pub(crate) fn is_not_utf8(&self) -> bool {
        self.kind == Kind::NotUtf8
    }

    /// The document is JSON, but its values are not those asked for.
    pub(crate) fn is_data(&self) -> bool {
        self.kind == Kind::Data
    }

    pub(super) fn not_utf8(error: Utf8Error) -> Self {
        let detail = format!("not UTF-8 at byte {}", error.valid_up_to());
        Self { kind: Kind::NotUtf8, pointer: None, detail }
    }

    /// The document is not JSON.
    pub(super) fn grammar(error: serde_json::Error, text: &str) -> Self {
        let (kind, detail) = if !error.is_eof() {
            (Kind::Syntax, error.to_string())
        } else if text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            (Kind::Eof, "the document is empty".to_owned())
        } else {
            (Kind::Eof, format!("the document ends before it is complete{}", place(&error)))
        };
        Self { kind, pointer: None, detail: words::shorten(detail) }
    }

    /// The value at `pointer` is not what was asked for.
    pub(super) fn value(error: serde_json::Error, pointer: String) -> Self {
        /// What `serde_json` says, and how a client would put it.
        const PLAIN: [(&str, &str); 6] = [
            ("invalid type: sequence,", "invalid type: array,"),
            ("invalid type: map,", "invalid type: object,"),
            // What follows is said of the grammar, but the document as a whole is JSON. So the first two are about an
            // integer of 128 bits that goes on with a fraction, the third also about a tuple that goes on, the last
            // about an enum.
            ("expected `,` or `]`", "expected an integer"),
            ("expected `,` or `}`", "expected an integer"),
            ("trailing characters", "more follows than was expected"),
            ("expected value", "invalid type, expected the name of a variant or an object of one"),
        ];
        let mut detail = error.to_string();
        if let Some(words) = detail.strip_suffix(&place(&error)) {
            detail.truncate(words.len());
        }
        for (serde, plain) in PLAIN {
            if detail.starts_with(serde) {
                detail.replace_range(..serde.len(), plain);
            }
        }
        Self { kind: Kind::Data, pointer: Some(pointer), detail: words::shorten(detail) }
    }
}

/// What `serde_json` ends its messages with.
fn place(error: &serde_json::Error) -> String {
    format!(" at line {} column {}", error.line(), error.column())
}

impl fmt::Display for JsonError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_deref() {
            Some(pointer) if !pointer.is_empty() => write!(formatter, "{pointer}: {}", self.detail),
            _ => formatter.write_str(&self.detail),
        }
    }
}

impl error::Error for JsonError {}
