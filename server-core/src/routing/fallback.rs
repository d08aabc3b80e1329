//! Handlers for what nothing else matches, by the longest prefix.

use crate::request::Captures;
use std::cmp::Reverse;

/// Fallbacks in the order they are tried: more segments first, and of equally many the more literal.
///
/// They are few and asked only on a miss, so they are simply gone through.
pub(super) struct Fallbacks(Vec<Fallback>);

struct Fallback {
    segments: Vec<Segment>,
    id: u32,
}

enum Segment {
    Literal(String),
    Parameter { before: String, after: String },
}

impl Fallbacks {
    /// From prefixes, which are patterns in normal form without a catch-all; the root is empty.
    pub(super) fn new(prefixes: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut all: Vec<_> = prefixes
            .into_iter()
            .map(|(prefix, id)| {
                let prefix = prefix.strip_suffix('/').unwrap_or(&prefix);
                Fallback { segments: prefix.split('/').skip(1).map(Segment::new).collect(), id }
            })
            .collect();
        all.sort_by_cached_key(|fallback| {
            let ranks: Vec<_> = fallback.segments.iter().map(Segment::rank).collect();
            (Reverse(ranks.len()), ranks)
        });
        Self(all)
    }

    /// The fallback whose prefix is `path` or ends in it where a segment does.
    pub(super) fn find(&self, path: &str) -> Option<(u32, Captures)> {
        self.0.iter().find_map(|fallback| Some((fallback.id, fallback.matches(path)?)))
    }
}

impl Fallback {
    fn matches(&self, path: &str) -> Option<Captures> {
        let mut captures = Captures::EMPTY;
        let mut at = 0;
        for segment in &self.segments {
            if path.as_bytes().get(at) != Some(&b'/') {
                return None;
            }
            let start = at + 1;
            at = path[start..].find('/').map_or(path.len(), |len| start + len);
            match segment {
                Segment::Literal(text) if *text == path[start..at] => {}
                Segment::Literal(_) => return None,
                Segment::Parameter { before, after } => {
                    let value =
                        path[start..at].strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
                    if value.is_empty() {
                        return None;
                    }
                    captures.push(start + before.len()..at - after.len());
                }
            }
        }
        Some(captures)
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        match text.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1))) {
            Some((before, after)) => Self::Parameter { before: before.to_owned(), after: after.to_owned() },
            None => Self::Literal(text.to_owned()),
        }
    }

    /// Literal text first, then the parameter with most of it.
    fn rank(&self) -> (bool, Reverse<usize>) {
        match self {
            Self::Literal(_) => (false, Reverse(0)),
            Self::Parameter { before, after } => (true, Reverse(before.len() + after.len())),
        }
    }
}

/// What of a path lies below a prefix that it is known to match, for both have the same slashes: nothing, or a slash and
/// what follows it.
pub(crate) fn below<'p>(path: &'p str, prefix: &str) -> &'p str {
    let slashes = prefix.bytes().filter(|&byte| byte == b'/').count();
    path.match_indices('/').nth(slashes).map_or("", |(start, _)| &path[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_prefix() {
        let prefixes = ["", "/api", "/api/{v}", "/api/v{n}", "/api/v1", "/{org}/x"];
        let fallbacks =
            Fallbacks::new(prefixes.iter().zip(0..).map(|(prefix, id)| ((*prefix).to_owned(), id)));
        let find = |path: &str| {
            let (id, captures) = fallbacks.find(path).unwrap();
            (prefixes[id as usize], captures.iter().map(|range| path[range].to_owned()).collect::<Vec<_>>())
        };
        let none = Vec::<String>::new();
        assert_eq!(find("/api"), ("/api", none.clone()));
        assert_eq!(find("/api/"), ("/api", none.clone()));
        assert_eq!(find("/apis"), ("", none.clone()));
        assert_eq!(find("*"), ("", none.clone()));
        assert_eq!(find("/api/v1/z"), ("/api/v1", none));
        assert_eq!(find("/api/v2/z"), ("/api/v{n}", vec!["2".to_owned()]));
        assert_eq!(find("/api/w"), ("/api/{v}", vec!["w".to_owned()]));
        assert_eq!(find("/me/x/y/z"), ("/{org}/x", vec!["me".to_owned()]));
    }
}
