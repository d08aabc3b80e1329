//! Which responses are worth compressing, and may be.

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};

/// Fields of a response whose content must be sent as it is: it is encoded already, a part of something, or named by a
/// digest of what is sent (RFC 9530, and the fields before it).
const KEPT: [HeaderName; 6] = [
    header::CONTENT_ENCODING,
    header::CONTENT_RANGE,
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-md5"),
];

/// Whether a response with this status and these fields may be compressed.
pub(super) fn may_change(status: StatusCode, headers: &HeaderMap) -> bool {
    let without_content = status.is_informational()
        || matches!(
            status,
            StatusCode::NO_CONTENT
                | StatusCode::RESET_CONTENT
                | StatusCode::NOT_MODIFIED
                | StatusCode::PARTIAL_CONTENT
        );
    !without_content && !KEPT.iter().any(|name| headers.contains_key(name)) && !no_transform(headers)
}

/// RFC 9111 section 5.2.2.6.
pub(super) fn no_transform(headers: &HeaderMap) -> bool {
    headers.get_all(header::CACHE_CONTROL).iter().any(|line| {
        line.as_bytes()
            .split(|&byte| byte == b',')
            .any(|directive| directive.trim_ascii().eq_ignore_ascii_case(b"no-transform"))
    })
}

/// The media type without its parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or(text).trim_ascii())
}

/// Whether content of this type usually gets smaller.
pub(super) fn is_compressible(media_type: &str) -> bool {
    let Some((kind, subtype)) = media_type.split_once('/') else { return false };
    let is = |names: &[&str]| names.iter().any(|name| subtype.eq_ignore_ascii_case(name));
    let suffix = subtype.rsplit_once('+').map_or("", |(_, suffix)| suffix);
    if kind.eq_ignore_ascii_case("text") {
        return !is(&["event-stream"]);
    }
    let named = match () {
        () if kind.eq_ignore_ascii_case("application") => is(&APPLICATION),
        () if kind.eq_ignore_ascii_case("image") => is(&["bmp", "x-icon", "vnd.microsoft.icon"]),
        () if kind.eq_ignore_ascii_case("font") => is(&["ttf", "otf", "collection"]),
        () => false,
    };
    // gRPC compresses its own messages, and `application/grpc+json` is one of its types.
    let grpc = subtype.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("grpc"));
    named || !grpc && ["json", "xml", "yaml"].iter().any(|known| suffix.eq_ignore_ascii_case(known))
}

const APPLICATION: [&str; 12] = [
    "ecmascript",
    "graphql",
    "javascript",
    "json",
    "json-seq",
    "rtf",
    "wasm",
    "x-javascript",
    "x-ndjson",
    "x-yaml",
    "xml",
    "yaml",
];

/// Makes a strong entity tag weak (RFC 9110 section 8.8.1): the same one is not for two sequences of bytes.
pub(super) fn weaken(headers: &mut HeaderMap) {
    if let Some(tag) = headers.get_mut(header::ETAG)
        && let Some(weak) = weak(tag)
    {
        *tag = weak;
    }
}

/// The weak form of a strong entity tag.
pub(super) fn weak(tag: &HeaderValue) -> Option<HeaderValue> {
    let strong = tag.as_bytes().starts_with(b"\"");
    strong.then(|| HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()).ok()).flatten()
}
