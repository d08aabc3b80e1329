//! Content codings, and which of them a client prefers (RFC 9110 section 12.5.3).

use http::header::{ACCEPT_ENCODING, VARY};
use http::{HeaderMap, HeaderValue};

/// A content coding that this crate knows (RFC 9110 section 8.4.1), or `Identity` for the absence of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Brotli,
    Zstd,
    Gzip,
    Identity,
}

impl Coding {
    /// All of them, each at its own place: `ALL[coding as usize] == coding`.
    const ALL: [Self; 4] = [Self::Brotli, Self::Zstd, Self::Gzip, Self::Identity];

    /// Its registered name, as `Content-Encoding` has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// Names are case-insensitive, and `x-gzip` is a synonym (section 8.4.1.3).
    fn from_name(name: &[u8]) -> Option<Self> {
        let gzip = name.eq_ignore_ascii_case(b"x-gzip").then_some(Self::Gzip);
        gzip.or_else(|| {
            Self::ALL.into_iter().find(|coding| name.eq_ignore_ascii_case(coding.name().as_bytes()))
        })
    }
}

/// What a request's `Accept-Encoding` says of each [`Coding`].
///
/// Members that do not follow the grammar, and codings that are not known here, are passed over. Of a coding that is
/// named twice the lower weight counts: what a client has said against it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Accepted {
    /// In thousandths, by [`Coding`]; 0 where the client refuses it.
    weights: [u16; Coding::ALL.len()],
}

impl Accepted {
    /// Reads all lines of the field.
    ///
    /// Without one any coding would do, but who says nothing may know none: only `Identity` is accepted then.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut named = [None; Coding::ALL.len()];
        let mut others = None;
        for line in headers.get_all(ACCEPT_ENCODING) {
            for member in line.as_bytes().split(|&byte| byte == b',') {
                let Some((name, weight)) = parse(member) else { continue };
                let place = match Coding::from_name(name) {
                    Some(coding) => &mut named[coding as usize],
                    None if name == b"*" => &mut others,
                    None => continue,
                };
                *place = Some(place.map_or(weight, |before: u16| before.min(weight)));
            }
        }
        let mut weights = named.map(|weight| weight.or(others).unwrap_or(0));
        // Not to code is acceptable unless it is refused, and worth less than whatever was asked for.
        let identity = Coding::Identity as usize;
        if named[identity].or(others).is_none() {
            weights[identity] = LEAST;
        }
        Self { weights }
    }

    /// The offered coding that the client prefers; of those it prefers alike, the first offered. `None` where it
    /// refuses all of them.
    ///
    /// `Identity` is one of them only if it is offered; it usually stands last.
    #[cfg(feature = "compression")]
    pub(crate) fn choose(&self, offered: impl IntoIterator<Item = Coding>) -> Option<Coding> {
        let mut best = None;
        let mut highest = 0;
        for coding in offered {
            let weight = self.weights[coding as usize];
            if weight > highest {
                (best, highest) = (Some(coding), weight);
            }
        }
        best
    }
}

#[cfg(feature = "fs")]
impl Accepted {
    /// Those offered that the client would rather have than `Identity`, or as gladly; the best first, of those it
    /// prefers alike the first offered.
    pub(crate) fn preferred<const N: usize>(&self, mut offered: [Coding; N]) -> impl Iterator<Item = Coding> {
        let weight = |coding: Coding| self.weights[coding as usize];
        offered.sort_by_key(|&coding| std::cmp::Reverse(weight(coding)));
        let least = weight(Coding::Identity).max(1);
        offered.into_iter().filter(move |&coding| self.weights[coding as usize] >= least)
    }
}

/// The weight of what is acceptable without having been named: as low as a client can say, so that of a coding of the
/// same weight, the one offered first is taken.
const LEAST: u16 = 1;

/// A member of the list: `codings [ OWS ";" OWS "q=" qvalue ]`, its weight in thousandths.
fn parse(member: &[u8]) -> Option<(&[u8], u16)> {
    let mut parts = member.splitn(2, |&byte| byte == b';');
    let name = trim(parts.next()?);
    let weight = match parts.next() {
        None => 1000,
        Some(weight) => match trim(weight) {
            [b'q' | b'Q', b'=', value @ ..] => parse_weight(value)?,
            _ => return None,
        },
    };
    (!name.is_empty()).then_some((name, weight))
}

/// `( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )` (section 12.4.2), in thousandths.
fn parse_weight(value: &[u8]) -> Option<u16> {
    let (&whole, rest) = value.split_first()?;
    let digits = match rest {
        [] => rest,
        [b'.', digits @ ..] if digits.len() <= 3 && digits.iter().all(u8::is_ascii_digit) => digits,
        _ => return None,
    };
    let part = [100, 10, 1].into_iter().zip(digits).map(|(unit, digit)| unit * u16::from(digit - b'0')).sum();
    match (whole, part) {
        (b'0', part) => Some(part),
        (b'1', 0) => Some(1000),
        _ => None,
    }
}

/// Without optional white space (section 5.6.3), which no other is.
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Says that the response depends on `Accept-Encoding`, beside whatever else `Vary` says (RFC 9110 section 12.5.5).
pub(crate) fn vary(headers: &mut HeaderMap) {
    const NAME: HeaderValue = HeaderValue::from_static("accept-encoding");
    let said = headers.get_all(VARY).iter().any(|line| {
        line.as_bytes()
            .split(|&byte| byte == b',')
            .map(trim)
            .any(|name| name == b"*" || name.eq_ignore_ascii_case(NAME.as_bytes()))
    });
    if said {
        return;
    }
    // One line where there is one: caches that read only the first are not unheard of.
    let merged = match headers.get(VARY).map(HeaderValue::as_bytes) {
        Some(before) if !before.is_empty() => {
            HeaderValue::from_bytes(&[before, b", ", NAME.as_bytes()].concat()).unwrap_or(NAME)
        }
        _ => NAME,
    };
    match headers.get_mut(VARY) {
        Some(line) => *line = merged,
        None => drop(headers.insert(VARY, merged)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: http::HeaderName, lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (name.clone(), HeaderValue::from_static(line))).collect()
    }

    fn choice(lines: &[&'static str]) -> Option<&'static str> {
        let accepted = Accepted::of(&headers(ACCEPT_ENCODING, lines));
        accepted.choose([Coding::Brotli, Coding::Gzip, Coding::Identity]).map(Coding::name)
    }

    #[test]
    fn each_coding_stands_at_its_place() {
        for (place, coding) in Coding::ALL.into_iter().enumerate() {
            assert_eq!(coding as usize, place);
        }
    }

    #[test]
    fn what_is_preferred() {
        for (line, expected) in [
            ("", "identity"),
            (" , ,", "identity"),
            ("gzip", "gzip"),
            ("GZip", "gzip"),
            ("x-gzip", "gzip"),
            ("gzip, br", "br"),
            ("br;q=0.9, gzip", "gzip"),
            ("br;q=0.5, gzip;q=0.500", "br"),
            ("br ;\tq=0.5 , gzip;Q=1.000", "gzip"),
            ("br;q=0, gzip;q=0.001", "gzip"),
            ("gzip;q=0.5, identity", "identity"),
            ("gzip;q=0.5, identity;q=0.5", "gzip"),
            ("*", "br"),
            ("*;q=0.5, gzip", "gzip"),
            ("br;q=0, *", "gzip"),
            ("gzip;q=0.3, br;q=0, *;q=0.8", "identity"),
            ("zstd, deflate, compress", "identity"),
            ("gzip;q=0, gzip", "identity"),
            ("gzip, gzip;q=0", "identity"),
            // What does not follow the grammar.
            ("gzip;q=2", "identity"),
            ("gzip;q=1.001", "identity"),
            ("gzip;q=0.0001", "identity"),
            ("gzip;q=", "identity"),
            ("gzip;q=.5", "identity"),
            ("gzip;q=-1", "identity"),
            ("gzip;q=+1", "identity"),
            ("gzip;q=0,5", "identity"),
            ("gzip;level=9", "identity"),
            ("gzip;q=1;q=1", "identity"),
            ("gz ip", "identity"),
            (";q=1", "identity"),
            ("gzip;;, br", "br"),
        ] {
            assert_eq!(choice(&[line]), Some(expected), "{line:?}");
        }
        assert_eq!(choice(&[]), Some("identity"));
        assert_eq!(choice(&["identity;q=0.9", "br;q=0.1", "gzip"]), Some("gzip"));
        for line in ["*;q=0", "identity;q=0", "*;q=0, identity;q=0", "zstd, *;q=0"] {
            assert_eq!(choice(&[line]), None, "{line:?}");
        }
        assert_eq!(choice(&["identity;q=0, *"]), Some("br"));
        let bytes = HeaderValue::from_bytes(b"\xff, gzip;q=0.4, \x80;q=1").unwrap();
        let accepted = Accepted::of(&HeaderMap::from_iter([(ACCEPT_ENCODING, bytes)]));
        assert_eq!(accepted.choose([Coding::Zstd, Coding::Gzip]), Some(Coding::Gzip));
        assert_eq!(accepted.choose([Coding::Brotli]), None);
    }

    #[test]
    fn vary_says_it_once() {
        for (before, after) in [
            (&[][..], &["accept-encoding"][..]),
            (&[""], &["accept-encoding"]),
            (&["origin"], &["origin, accept-encoding"]),
            (&["origin", "cookie"], &["origin, accept-encoding", "cookie"]),
            (&["*"], &["*"]),
            (&["origin", "cookie , Accept-Encoding"], &["origin", "cookie , Accept-Encoding"]),
            (&["x-accept-encoding"], &["x-accept-encoding, accept-encoding"]),
        ] {
            let mut headers = headers(VARY, before);
            vary(&mut headers);
            assert_eq!(headers.get_all(VARY).iter().collect::<Vec<_>>(), after);
        }
    }
}
