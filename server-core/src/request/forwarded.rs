//! What proxies say of the client. Read from the right: each element was written by the proxy to the right of it, the
//! last by the peer itself, so an element counts for as long as everybody on its right is trusted, and nothing that a
//! client wrote is ever reached.

use std::iter::Rev;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName, HeaderValue, ValueIter};

use crate::respond::{Forwarded, Peer};
use crate::trust::{ForwardedHeaders, parse_digits};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// No chain of proxies is longer; what is further away is not looked at.
const MOST: usize = 32;

/// The client's address: that of the first on the way back who is no trusted proxy.
pub(super) fn client(peer: &Peer, headers: &HeaderMap) -> Option<SocketAddr> {
    match peer.forwarded() {
        None => peer.address,
        Some(forwarded) => Trail::of(forwarded, headers).client.or(peer.address),
    }
}

/// `http` or `https`, as the client spoke to the outermost trusted proxy that tells, or else to us.
pub(super) fn scheme(peer: &Peer, headers: &HeaderMap) -> &'static str {
    let told = peer.forwarded().and_then(|forwarded| match forwarded.headers {
        ForwardedHeaders::XForwarded => nearest(headers, &PROTO).and_then(scheme_of),
        _ => Trail::of(forwarded, headers).scheme,
    });
    told.unwrap_or(if peer.tls().is_some() { "https" } else { "http" })
}

/// The host that the client named, where a trusted proxy tells.
pub(super) fn host<'r>(peer: &Peer, headers: &'r HeaderMap) -> Option<&'r str> {
    let forwarded = peer.forwarded()?;
    match forwarded.headers {
        ForwardedHeaders::XForwarded => nearest(headers, &HOST).filter(|host| is_host(host)),
        _ => Trail::of(forwarded, headers).host,
    }
}

/// What is believed of the fields that list one element a hop.
#[derive(Default)]
struct Trail<'r> {
    client: Option<SocketAddr>,
    scheme: Option<&'static str>,
    host: Option<&'r str>,
}

impl<'r> Trail<'r> {
    fn of(forwarded: &Forwarded, headers: &'r HeaderMap) -> Self {
        let (name, read): (_, fn(&'r str) -> Option<Hop<'r>>) = match forwarded.headers {
            ForwardedHeaders::None => return Self::default(),
            ForwardedHeaders::XForwarded => {
                (FOR, |element| Some(Hop { node: Some(element), ..Hop::default() }))
            }
            ForwardedHeaders::Rfc7239 => (FORWARDED, Hop::parse),
        };
        let mut trail = Self::default();
        for element in Elements::of(headers, &name).take(MOST) {
            let Some(hop) = element.and_then(read) else { break };
            trail.scheme = hop.proto.and_then(scheme_of).or(trail.scheme);
            trail.host = hop.host.filter(|host| is_host(host)).or(trail.host);
            // An unknown or hidden one ends the way, too: who told it stands for it.
            let Some(address) = hop.node.and_then(address_of) else { break };
            trail.client = Some(address);
            if !forwarded.proxies.contains(address.ip()) {
                break;
            }
        }
        trail
    }
}

/// The last element of a field that need not have one a hop: the nearest proxy's word, or what it let pass of the next
/// one's. Those before it may be the client's own even where all proxies are trusted.
fn nearest<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Option<&'r str> {
    Elements::of(headers, name).next().flatten()
}

/// A list's elements (RFC 9110 section 5.6.1) in all its lines, the last one first: `None` for one that is no ASCII.
struct Elements<'r> {
    lines: Rev<ValueIter<'r, HeaderValue>>,
    /// What is left of a line that was begun.
    rest: Option<&'r [u8]>,
}

impl<'r> Elements<'r> {
    fn of(headers: &'r HeaderMap, name: &HeaderName) -> Self {
        Self { lines: headers.get_all(name).into_iter().rev(), rest: None }
    }
}

impl<'r> Iterator for Elements<'r> {
    type Item = Option<&'r str>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = match self.rest.take() {
            Some(rest) => rest,
            None => self.lines.next()?.as_bytes(),
        };
        let element = match last_comma(line) {
            None => line,
            Some(at) => {
                self.rest = Some(&line[..at]);
                &line[at + 1..]
            }
        };
        Some(
            std::str::from_utf8(element)
                .ok()
                .filter(|text| text.is_ascii())
                .map(|text| text.trim_matches(OWS)),
        )
    }
}

const OWS: [char; 2] = [' ', '\t'];

/// Where the last comma outside of quotes is. Found from the right, where the trusted elements are: a quote that a
/// client leaves open would swallow them from the left.
fn last_comma(line: &[u8]) -> Option<usize> {
    let mut is_quoted = false;
    let mut at = line.len();
    while let Some(next) = at.checked_sub(1) {
        at = next;
        match line[at] {
            b',' if !is_quoted => return Some(at),
            b'"' => {
                let slashes = line[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
                is_quoted ^= slashes % 2 == 0;
                at -= slashes;
            }
            _ => {}
        }
    }
    None
}

/// One element of `Forwarded`: what a proxy tells of whoever spoke to it.
#[derive(Default)]
struct Hop<'r> {
    node: Option<&'r str>,
    proto: Option<&'r str>,
    host: Option<&'r str>,
}

impl<'r> Hop<'r> {
    /// `None` for what is no element (RFC 7239 section 4). White space around a semicolon, and colons and brackets
    /// outside of quotes, pass: some proxies write them.
    fn parse(element: &'r str) -> Option<Self> {
        let mut hop = Self::default();
        let mut rest = element;
        loop {
            if !(rest.is_empty() || rest.starts_with(';')) {
                let (name, after) = rest.split_once('=').filter(|(name, _)| is_token(name))?;
                let (value, after) = match after.strip_prefix('"') {
                    Some(after) => split_quoted(after)?,
                    None => after.split_at(after.find([';', ' ', '\t']).unwrap_or(after.len())),
                };
                let place = match name {
                    _ if name.eq_ignore_ascii_case("for") => Some(&mut hop.node),
                    _ if name.eq_ignore_ascii_case("proto") => Some(&mut hop.proto),
                    _ if name.eq_ignore_ascii_case("host") => Some(&mut hop.host),
                    _ => None,
                };
                // Each may be given once.
                if let Some(place) = place
                    && place.replace(value).is_some()
                {
                    return None;
                }
                rest = after.trim_start_matches(OWS);
            }
            match rest.strip_prefix(';') {
                Some(after) => rest = after.trim_start_matches(OWS),
                None if rest.is_empty() => return Some(hop),
                None => return None,
            }
        }
    }
}

/// A quoted string's content and what follows it. Its escapes are left: nothing that is read here has a character that
/// must be escaped.
fn split_quoted(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some((&text[..end], &text[end + 1..]))
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_mark = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

/// A node's address, with port 0 where it names none: `192.0.2.7`, `192.0.2.7:80`, `2001:db8::1`, `[2001:db8::1]`,
/// `[2001:db8::1]:80`.
fn address_of(node: &str) -> Option<SocketAddr> {
    let (address, port) = if let Some(inner) = node.strip_prefix('[') {
        let (address, port) = inner.split_once(']')?;
        (
            address.parse::<Ipv6Addr>().ok()?.into(),
            if port.is_empty() { None } else { Some(port.strip_prefix(':')?) },
        )
    } else if let Ok(address) = node.parse::<IpAddr>() {
        (address, None)
    } else {
        let (address, port) = node.split_once(':')?;
        (address.parse::<Ipv4Addr>().ok()?.into(), Some(port))
    };
    let port = match port {
        None => 0,
        // RFC 7239 section 6: a port may be hidden.
        Some(port) if port.starts_with('_') => 0,
        Some(port) => u16::try_from(parse_digits(port)?).ok()?,
    };
    Some(SocketAddr::new(address.to_canonical(), port))
}

/// Some proxies name WebSocket's scheme where they pass it on.
fn scheme_of(proto: &str) -> Option<&'static str> {
    let is = |known: &str| proto.eq_ignore_ascii_case(known);
    if is("https") || is("wss") {
        Some("https")
    } else if is("http") || is("ws") {
        Some("http")
    } else {
        None
    }
}

/// Whether it is a DNS name or an IP address, with or without a port: nothing that could be more than a host wherever
/// it is put.
pub(crate) fn is_host(text: &str) -> bool {
    let (is_name, port) = match text.strip_prefix('[').map(|inner| inner.split_once(']')) {
        Some(None) => return false,
        Some(Some((address, port))) => (address.parse::<Ipv6Addr>().is_ok(), port),
        None => {
            let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            (matches!(name.len(), 1..=255) && name.bytes().all(is_name), port)
        }
    };
    let is_port = |port: &str| parse_digits(port).is_some_and(|port| port <= u16::MAX.into());
    is_name && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}
