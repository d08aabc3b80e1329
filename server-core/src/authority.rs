//! Host and port, as the target or the `Host` field names them (RFC 3986 section 3.2).

#[cfg(feature = "server")]
use std::net::Ipv6Addr;

/// The authority from its host on: whatever stands before an `@` is nobody's host.
pub(crate) fn without_userinfo(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Whether it is a host that is not empty, with or without a port (RFC 9110 section 7.2).
///
/// A comma, which a registered name may have, is refused: it is what two `Host` fields look like once an intermediary
/// has joined them.
#[cfg(feature = "server")]
pub(crate) fn is_host_and_port(text: &[u8]) -> bool {
    match text.iter().position(|&byte| !IN_NAME[usize::from(byte)]) {
        None => !text.is_empty(),
        Some(end) if text[end] == b':' => end > 0 && is_port(&text[end + 1..]),
        Some(_) => is_unusual(text),
    }
}

/// Whether two of them name the same server: without case, and without the port that `scheme` has anyway.
#[cfg(any(feature = "ws", all(feature = "server", feature = "http2")))]
pub(crate) fn agree(one: &[u8], other: &[u8], scheme: Option<&str>) -> bool {
    if one.eq_ignore_ascii_case(other) {
        return true;
    }
    let default: &[u8] = if scheme == Some("http") { b":80" } else { b":443" };
    let bare = |text| <[u8]>::strip_suffix(text, default).or(text.strip_suffix(b":")).unwrap_or(text);
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// The unreserved characters and the sub-delimiters, save for the comma.
#[cfg(feature = "server")]
static IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut others: &[u8] = b"-._~!$&'()*+;=";
    while let [first, rest @ ..] = others {
        table[*first as usize] = true;
        others = rest;
    }
    table
};

/// The grammar's `*DIGIT`, as far as there are ports.
#[cfg(feature = "server")]
fn is_port(digits: &[u8]) -> bool {
    let mut port = 0;
    for digit in digits {
        port = port * 10 + u32::from(digit.wrapping_sub(b'0'));
        if !digit.is_ascii_digit() || port > u32::from(u16::MAX) {
            return false;
        }
    }
    true
}

/// An IPv6 literal, or a name with percent-escapes.
#[cfg(feature = "server")]
#[cold]
fn is_unusual(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    if let Some(literal) = text.strip_prefix('[') {
        let Some((address, port)) = literal.split_once(']') else { return false };
        let port = port.strip_prefix(':').or(port.is_empty().then_some(""));
        return address.parse::<Ipv6Addr>().is_ok() && port.is_some_and(|port| is_port(port.as_bytes()));
    }
    let (name, port) = text.split_once(':').unwrap_or((text, ""));
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => after,
            (first, after) if IN_NAME[usize::from(*first)] => after,
            _ => return false,
        };
    }
    !name.is_empty() && is_port(port.as_bytes())
}

#[cfg(all(test, feature = "server", feature = "http2"))]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for host in [
            "a",
            "a.example",
            "a.example.",
            "a.example:80",
            "a:",
            "a:0",
            "a:00080",
            "a:65535",
            "192.0.2.1:8080",
            "[::1]",
            "[::1]:",
            "[2001:db8::1]:443",
            "[::ffff:192.0.2.1]",
            "under_score",
            "xn--bcher-kva.example",
            "%c3%bc.example:8",
            "0.0.0.0=5000",
        ] {
            assert!(is_host_and_port(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ":80",
            "a:x",
            "a:-1",
            "a:65536",
            "a:100000",
            "a:80:80",
            "a:8 0",
            "a,b",
            "a, b",
            "a b",
            "a/",
            "/a",
            "a?b",
            "a#b",
            "u@a",
            "a@",
            "http://a",
            "[",
            "]",
            "[]",
            "[::1",
            "::1",
            "[::1]x",
            "[::1]:x",
            "[::1%25eth0]",
            "[v1.x]",
            "[127.0.0.1]",
            "a[::1]",
            "%",
            "%4",
            "%4g.example",
            "a%",
            "\"a\"",
            "<a>",
            "a\\b",
            "a\t",
            "\u{fc}.example",
        ] {
            assert!(!is_host_and_port(host.as_bytes()), "{host}");
        }
        assert!(!is_host_and_port(b"\xff"));
        assert!(!is_host_and_port(b"a\0"));
    }

    #[test]
    fn the_same_host() {
        for (one, other, scheme) in [
            ("a", "A", None),
            ("a:80", "a", Some("http")),
            ("a:443", "A", Some("https")),
            ("a", "a:443", Some("https")),
            ("a:", "a", Some("http")),
            ("a:8080", "a:8080", Some("http")),
        ] {
            assert!(agree(one.as_bytes(), other.as_bytes(), scheme), "{one} {other}");
        }
        for (one, other, scheme) in
            [("a", "b", None), ("a:80", "a", Some("https")), ("a:81", "a", Some("http")), ("a", "a.", None)]
        {
            assert!(!agree(one.as_bytes(), other.as_bytes(), scheme), "{one} {other}");
        }
    }

    #[test]
    fn userinfo() {
        assert_eq!(without_userinfo("a:1"), "a:1");
        assert_eq!(without_userinfo("u:p@a:1"), "a:1");
        assert_eq!(without_userinfo("u@b@a"), "a");
    }
}
