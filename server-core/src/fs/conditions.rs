//! What a client makes its request depend on (RFC 9110 section 13).

use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE};
use http::{HeaderMap, HeaderName, Method};

use super::validators::Validators;
use crate::encoding::Accepted;
use crate::request::Head;

/// What of a request's head decides about the answer, apart from the name; owned, to be taken to another thread.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Whether the answer has no content.
    pub(super) head: bool,
    pub(super) accepted: Accepted,
    if_match: Field,
    if_none_match: Field,
    if_modified_since: Field,
    if_unmodified_since: Field,
    range: Field,
    if_range: Field,
}

/// A field's value; its lines joined, where there are several.
type Field = Option<Box<[u8]>>;

/// What comes of the conditions.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As if there were none.
    Met,
    /// 304
    NotModified,
    /// 412
    Failed,
}

impl Asked {
    /// Conditions are read for GET and HEAD, ranges for GET alone, for which RFC 9110 has a meaning for them.
    pub(super) fn new(head: &Head, precompressed: bool) -> Self {
        let headers = head.headers();
        let mut asked = Self::default();
        if precompressed {
            asked.accepted = Accepted::of(headers);
        }
        let is_get = head.method() == Method::GET;
        asked.head = head.method() == Method::HEAD;
        if is_get || asked.head {
            asked.if_match = field(headers, IF_MATCH);
            asked.if_none_match = field(headers, IF_NONE_MATCH);
            asked.if_modified_since = field(headers, IF_MODIFIED_SINCE);
            asked.if_unmodified_since = field(headers, IF_UNMODIFIED_SINCE);
        }
        if is_get {
            asked.range = field(headers, RANGE);
            asked.if_range = field(headers, IF_RANGE);
        }
        asked
    }

    /// In the order of RFC 9110 section 13.2.2. A date that is none is passed over.
    pub(super) fn verdict(&self, validators: &Validators) -> Verdict {
        let tag = validators.tag.as_ref();
        let unchanged = match (&self.if_match, &self.if_unmodified_since) {
            (Some(list), _) => is_any(list) || tags(list).any(|seen| tag.is_some_and(|tag| tag.equals(seen))),
            (None, Some(date)) => validators.modified_after(date) != Some(true),
            (None, None) => true,
        };
        if !unchanged {
            return Verdict::Failed;
        }
        let seen_before = match (&self.if_none_match, &self.if_modified_since) {
            (Some(list), _) => {
                is_any(list) || tags(list).any(|seen| tag.is_some_and(|tag| tag.resembles(seen)))
            }
            (None, Some(date)) => validators.modified_after(date) == Some(false),
            (None, None) => false,
        };
        if seen_before { Verdict::NotModified } else { Verdict::Met }
    }

    /// The ranges asked for, if those of this state of the file are (RFC 9110 section 13.1.5).
    pub(super) fn range(&self, validators: &Validators) -> Option<&[u8]> {
        let range = self.range.as_deref()?;
        let holds = match self.if_range.as_deref().map(<[u8]>::trim_ascii) {
            None => true,
            Some(tag) if tag.starts_with(b"\"") || tag.starts_with(b"W/") => {
                let current = validators.tag.as_ref();
                let mut sent = tags(tag);
                let one = sent.next();
                sent.next().is_none() && one.is_some_and(|sent| current.is_some_and(|tag| tag.equals(sent)))
            }
            Some(date) => validators.is_of(date),
        };
        holds.then_some(range)
    }
}

fn field(headers: &HeaderMap, name: HeaderName) -> Field {
    let mut lines = headers.get_all(name).iter();
    let mut value = lines.next()?.as_bytes().to_vec();
    for line in lines {
        value.extend_from_slice(b", ");
        value.extend_from_slice(line.as_bytes());
    }
    Some(value.into())
}

fn is_any(list: &[u8]) -> bool {
    list.trim_ascii() == b"*"
}

/// The entity tags of a list, each with whether it is weak; up to the first thing that is none.
fn tags(mut rest: &[u8]) -> impl Iterator<Item = (bool, &[u8])> {
    std::iter::from_fn(move || {
        while let [b',' | b' ' | b'\t', tail @ ..] = rest {
            rest = tail;
        }
        let (weak, quoted) = match rest {
            [b'W', b'/', b'"', tail @ ..] => (true, tail),
            [b'"', tail @ ..] => (false, tail),
            _ => return None,
        };
        let end = quoted.iter().position(|&byte| byte == b'"')?;
        let tail = quoted[end + 1..].trim_ascii_start();
        rest = if tail.is_empty() || tail.starts_with(b",") { tail } else { b"?" };
        Some((weak, &quoted[..end]))
    })
}
