//! What tells one state of a file from another.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

use http::HeaderValue;

use crate::encoding::Coding;

/// An entity tag and a date of modification (RFC 9110 section 8.8).
///
/// Both are made of what the file system tells: size and time of modification. Two changes within one tick of the file
/// system's clock (milliseconds, or a second or two on old ones) that leave the size alone are not told apart. So while a
/// file has not lain still for [`STILL`], its tag is weak and it has no date; afterwards the tag is strong.
#[derive(Debug)]
pub(super) struct Validators {
    pub(super) tag: Option<Tag>,
    /// To the nanosecond, whether or not it is told.
    modified: Option<SystemTime>,
    /// Whether any state the file had before it has another date than this one.
    still: bool,
}

#[derive(Debug)]
pub(super) struct Tag {
    /// Between the quotes.
    opaque: String,
    weak: bool,
}

/// How long a file must have lain still: longer than the coarsest clock of a file system in use (FAT's) ticks.
const STILL: Duration = Duration::from_secs(3);

/// Package managers that build reproducibly date all files so; it says nothing.
const NO_DATE: Duration = Duration::from_secs(1);

/// Where HTTP's dates end: 31 December 9999.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);

impl Validators {
    pub(super) fn new(metadata: &Metadata, coding: Option<Coding>, now: SystemTime) -> Self {
        let modified = metadata.modified().ok().filter(|modified| {
            let age = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            age > NO_DATE && age < LAST_DATE
        });
        let since = modified.and_then(|modified| now.duration_since(modified).ok());
        let still = since.is_some_and(|since| since >= STILL);
        let tag = modified.map(|modified| {
            let time = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
            let size = metadata.len();
            let opaque = match coding {
                None => format!("{time:x}-{size:x}"),
                Some(coding) => format!("{time:x}-{size:x}-{}", coding.name()),
            };
            Tag { opaque, weak: !still }
        });
        Self { tag, modified, still }
    }

    /// The value of `Last-Modified`; never later than now (RFC 9110 section 8.8.2.1).
    pub(super) fn last_modified(&self) -> Option<HeaderValue> {
        let date = httpdate::fmt_http_date(self.modified.filter(|_| self.still)?);
        HeaderValue::try_from(date).ok()
    }

    /// Whether it was modified after a date that a client sent: `None` for text that is no date, and where nobody knows.
    pub(super) fn modified_after(&self, field: &[u8]) -> Option<bool> {
        Some(seconds(self.modified?) > seconds(date(field)?))
    }

    /// Whether a date that a client sent is this state's and no other's.
    pub(super) fn is_of(&self, field: &[u8]) -> bool {
        match (self.modified, date(field)) {
            (Some(modified), Some(date)) => self.still && seconds(modified) == seconds(date),
            _ => false,
        }
    }
}

impl Tag {
    pub(super) fn value(&self) -> Option<HeaderValue> {
        let weak = if self.weak { "W/" } else { "" };
        HeaderValue::try_from(format!("{weak}\"{}\"", self.opaque)).ok()
    }

    /// Strong comparison (RFC 9110 section 8.8.3.2) with a tag in its written form.
    pub(super) fn equals(&self, (weak, opaque): (bool, &[u8])) -> bool {
        !weak && !self.weak && self.resembles((weak, opaque))
    }

    /// Weak comparison.
    pub(super) fn resembles(&self, (_, opaque): (bool, &[u8])) -> bool {
        self.opaque.as_bytes() == opaque
    }
}

fn date(field: &[u8]) -> Option<SystemTime> {
    httpdate::parse_http_date(std::str::from_utf8(field).ok()?.trim()).ok()
}

/// HTTP's dates know no parts of a second.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
