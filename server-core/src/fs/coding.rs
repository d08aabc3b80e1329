//! Which compressed form a client takes (RFC 9110 section 12.5.3).

use http::HeaderValue;

/// A form that a file may lie beside itself in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Zstandard,
    Gzip,
}

/// The smallest first, as they usually are.
const ALL: [Coding; 3] = [Coding::Brotli, Coding::Zstandard, Coding::Gzip];

impl Coding {
    /// Its name as a content coding, and after a dot in a file's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstandard => "zstd",
            Self::Gzip => "gzip",
        }
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Zstandard => ".zst",
            Self::Gzip => ".gz",
        }
    }

    pub(super) fn value(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    fn is(self, name: &str) -> bool {
        // RFC 9110 section 8.4.1.3: `x-gzip` is the same.
        self.name().eq_ignore_ascii_case(name) || (self == Self::Gzip && name.eq_ignore_ascii_case("x-gzip"))
    }
}

/// Those that a client would rather have than the file as it is, the best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Codings([Option<Coding>; 3]);

impl Codings {
    /// From the members of `Accept-Encoding`; elements that are malformed are passed over.
    pub(super) fn new(field: &[u8]) -> Self {
        let text = String::from_utf8_lossy(field);
        let members: Vec<_> = text.split(',').filter_map(member).collect();
        let named =
            |is: &dyn Fn(&str) -> bool| members.iter().find(|(name, _)| is(name)).map(|(_, weight)| *weight);
        let any = named(&|name| name == "*").unwrap_or(0);
        // The file as it is is acceptable unless it is said otherwise, but is not preferred.
        let identity = named(&|name| name.eq_ignore_ascii_case("identity")).unwrap_or(0);
        let mut weighed: Vec<_> = ALL
            .iter()
            .map(|&coding| (coding, named(&|name| coding.is(name)).unwrap_or(any)))
            .filter(|(_, weight)| *weight > 0 && *weight >= identity)
            .collect();
        // Stable: of equals the smaller stays first.
        weighed.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        let mut best = [None; 3];
        for (place, (coding, _)) in best.iter_mut().zip(weighed) {
            *place = Some(coding);
        }
        Self(best)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Coding> {
        self.0.into_iter().flatten()
    }
}

/// `name` or `name;q=weight`, the weight in thousandths.
fn member(text: &str) -> Option<(&str, u16)> {
    let (name, parameter) = match text.split_once(';') {
        Some((name, parameter)) => (name.trim(), Some(parameter.trim())),
        None => (text.trim(), None),
    };
    if name.is_empty() {
        return None;
    }
    let Some(parameter) = parameter else { return Some((name, 1000)) };
    let (key, value) = parameter.split_once('=')?;
    if !key.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    Some((name, thousandths(value.trim())?))
}

/// A weight (RFC 9110 section 12.4.2): from 0 to 1, with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, decimals) {
        ("0", _) => Some(decimals),
        ("1", 0) => Some(1000),
        _ => None,
    }
}
