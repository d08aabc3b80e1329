//! From an open file to a response. All of it blocks.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::ops::Range;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    LAST_MODIFIED,
};
use http::{HeaderValue, StatusCode};

use super::conditions::{Asked, Verdict};
use super::content::{self, Piece};
use super::directory::Settings;
use super::find::Opened;
use super::range::Ranges;
use super::validators::Validators;
use crate::body::Body;
use crate::encoding::vary;
use crate::error::Error;
use crate::response::Response;

/// Answers with a file, or with what its conditions and ranges make of it.
///
/// # Errors
///
/// `None` if the file has become shorter meanwhile. 412 and 416 as the request has it, 500 for a fault of the file system.
pub(super) fn answer(opened: Opened, asked: &Asked, settings: &Settings) -> Result<Option<Response>, Error> {
    let Opened { file, metadata, coding, media_type } = opened;
    let length = metadata.len();
    let validators = Validators::new(&metadata, coding, SystemTime::now());
    let verdict = asked.verdict(&validators);
    if verdict == Verdict::Failed {
        return Err(Error::new(StatusCode::PRECONDITION_FAILED));
    }
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    if let Some(tag) = validators.tag.as_ref().and_then(|tag| tag.value()) {
        headers.insert(ETAG, tag);
    }
    if let Some(value) = &settings.cache_control {
        headers.insert(CACHE_CONTROL, value.clone());
    }
    if settings.precompressed {
        vary(headers);
    }
    if verdict == Verdict::NotModified {
        // No other fields (RFC 9110 section 15.4.5): the tag is always there.
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(Some(response));
    }
    if let Some(date) = validators.last_modified() {
        headers.insert(LAST_MODIFIED, date);
    }
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let whole = content_type(media_type);
    let mut pieces = VecDeque::new();
    let mut ranges = asked.range(&validators).map_or(Ranges::Ignored, |range| Ranges::new(range, length));
    if coding.is_some() && matches!(&ranges, Ranges::Parts(parts) if parts.len() > 1) {
        // `Content-Encoding` would seem to be the multipart's.
        ranges = Ranges::Ignored;
    }
    match ranges {
        Ranges::Unsatisfiable => {
            let value = content_range("*", length)?;
            return Err(Error::new(StatusCode::RANGE_NOT_SATISFIABLE).header(CONTENT_RANGE, value));
        }
        Ranges::Ignored => {
            headers.insert(CONTENT_TYPE, whole);
            if length > 0 {
                pieces.push_back(Piece::File(0..length));
            }
        }
        Ranges::Parts(parts) => {
            if let [part] = &*parts {
                headers.insert(CONTENT_TYPE, whole);
                headers.insert(CONTENT_RANGE, content_range(&shown(part), length)?);
                pieces.push_back(Piece::File(part.clone()));
            } else {
                let boundary = boundary();
                let kind = format!("multipart/byteranges; boundary={boundary}");
                headers.insert(CONTENT_TYPE, HeaderValue::try_from(kind)?);
                pieces = multipart(&parts, &boundary, &whole, length);
            }
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
    }
    let total: u64 = pieces.iter().map(Piece::len).sum();
    response.headers_mut().insert(CONTENT_LENGTH, total.into());
    if !asked.head {
        *response.body_mut() = match content::body(file, pieces) {
            Ok(body) => body,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(Error::internal(error)),
        };
    }
    Ok(Some(response))
}

/// Text is taken to be UTF-8.
fn content_type(media_type: &'static str) -> HeaderValue {
    match media_type {
        "text/html" => HeaderValue::from_static("text/html; charset=utf-8"),
        "text/css" => HeaderValue::from_static("text/css; charset=utf-8"),
        "text/javascript" => HeaderValue::from_static("text/javascript; charset=utf-8"),
        text if text.starts_with("text/") => HeaderValue::try_from(format!("{text}; charset=utf-8"))
            .unwrap_or(HeaderValue::from_static("text/plain; charset=utf-8")),
        other => HeaderValue::from_static(other),
    }
}

fn shown(part: &Range<u64>) -> String {
    format!("{}-{}", part.start, part.end - 1)
}

fn content_range(part: &str, length: u64) -> Result<HeaderValue, Error> {
    Ok(HeaderValue::try_from(format!("bytes {part}/{length}"))?)
}

/// RFC 9110 section 14.6.
fn multipart(parts: &[Range<u64>], boundary: &str, kind: &HeaderValue, length: u64) -> VecDeque<Piece> {
    let mut pieces = VecDeque::with_capacity(2 * parts.len() + 1);
    for part in parts {
        let mut head = format!("\r\n--{boundary}\r\nContent-Type: ").into_bytes();
        head.extend_from_slice(kind.as_bytes());
        head.extend_from_slice(
            format!("\r\nContent-Range: bytes {}/{length}\r\n\r\n", shown(part)).as_bytes(),
        );
        pieces.push_back(Piece::Bytes(Bytes::from(head)));
        pieces.push_back(Piece::File(part.clone()));
    }
    pieces.push_back(Piece::Bytes(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    pieces
}

/// What the file does not have in it, for nobody could have known it.
fn boundary() -> String {
    let random = || RandomState::new().hash_one(());
    format!("{:016x}{:016x}", random(), random())
}
