//! The lookup finds what the rules in its documentation say, and only that.

use super::random::Random;
use crate::request::Captures;
use crate::routing::TrailingSlash;
use crate::routing::entry::{Entry, Kind};
use crate::routing::lookup::{Lookup, Outcome};
use crate::routing::table::MethodSet;
use http::Method;
use std::cmp::Reverse;
use std::collections::BTreeSet;

const SEGMENTS: [&str; 16] = [
    "a", "b", "ab", "ba", "", "{x}", "{x}a", "{x}b", "{x}ba", "a{x}", "b{x}", "ab{x}", "a{x}b", "b{x}a",
    "c{x}c", "{*x}",
];
const TEXTS: [&str; 11] = ["a", "b", "ab", "ba", "aba", "bab", "bba", "c", "cbc", "abb", ""];

/// A parsed pattern's segment: text before, text after, and whether it is a catch-all; or a literal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Affixed(Reverse<usize>, String, String),
    Parameter,
    CatchAll,
}

fn parse(segment: &str) -> Segment {
    match segment.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
        None => Segment::Literal(segment.to_owned()),
        Some((_, (name, _))) if name.starts_with('*') => Segment::CatchAll,
        Some(("", (_, ""))) => Segment::Parameter,
        Some((before, (_, after))) => {
            Segment::Affixed(Reverse(before.len() + after.len()), before.to_owned(), after.to_owned())
        }
    }
}

type Route = (Vec<Segment>, u32);

/// Depth first over the segments in the order of their kinds, which is the order of the enum.
fn search(routes: &[&Route], depth: usize, path: &[&str]) -> Option<(u32, Vec<String>)> {
    let Some(&text) = path.get(depth) else {
        return routes.iter().find(|(segments, _)| segments.len() == depth).map(|(_, id)| (*id, Vec::new()));
    };
    let kinds: BTreeSet<_> = routes.iter().filter_map(|(segments, _)| segments.get(depth)).collect();
    for kind in kinds {
        let beneath: Vec<&Route> =
            routes.iter().copied().filter(|(s, _)| s.get(depth) == Some(kind)).collect();
        let captured = match kind {
            Segment::Literal(literal) if literal == text => None,
            Segment::Affixed(_, before, after) => {
                let value =
                    text.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
                match value {
                    Some(value) if !value.is_empty() => Some(value.to_owned()),
                    _ => continue,
                }
            }
            Segment::Parameter if !text.is_empty() => Some(text.to_owned()),
            Segment::CatchAll => {
                let rest = path[depth..].join("/");
                match rest.is_empty() {
                    true => continue,
                    false => return Some((beneath[0].1, vec![rest])),
                }
            }
            _ => continue,
        };
        // What is at the end of the path and what goes on are told apart before anything else.
        let last = depth + 1 == path.len();
        let reaches = beneath.iter().any(|(segments, _)| (segments.len() == depth + 1) == last);
        let found = search(&beneath, depth + 1, path);
        if let Some((id, mut values)) = found {
            values.splice(0..0, captured);
            return Some((id, values));
        }
        // The one deviation: a suffix that matched is not given up for a shorter one or for none.
        if matches!(kind, Segment::Affixed(_, before, _) if before.is_empty()) && reaches {
            return None;
        }
    }
    None
}

#[test]
fn finds_by_the_rules() {
    let mut random = Random(0x0dd5);
    let (mut hits, mut misses) = (0, 0);
    for _ in 0..20_000 {
        let some: Vec<_> = (0..3 + random.below(12)).map(|_| random.pick(&SEGMENTS)).collect();
        let patterns: BTreeSet<_> = (0..1 + random.below(8)).map(|_| random.pattern(&some)).collect();
        let slash = [TrailingSlash::Strict, TrailingSlash::Ignore, TrailingSlash::Redirect][random.below(3)];
        let entries = (0..).zip(&patterns).map(|(id, path)| Entry {
            path: path.clone(),
            host: None,
            methods: MethodSet::GET.into(),
            kind: Kind::Route,
            slash,
            id,
            origin: None,
        });
        let Ok(lookup) = Lookup::build(entries.collect()) else { continue };
        let routes: Vec<Route> =
            (0..).zip(&patterns).map(|(id, path)| (path[1..].split('/').map(parse).collect(), id)).collect();
        let routes: Vec<_> = routes.iter().collect();
        for _ in 0..10 {
            let path: String = (0..=random.below(4)).flat_map(|_| ["/", random.pick(&TEXTS)]).collect();
            let look = |path: &str| search(&routes, 0, &path[1..].split('/').collect::<Vec<_>>());
            let expected = look(&path);
            let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
            let other = if other.is_empty() { None } else { look(&other) };
            let mut captures = Captures::EMPTY;
            match lookup.find(None, &Method::GET, &path, &mut captures) {
                Outcome::Route { id } => {
                    let values: Vec<_> = captures.iter().map(|range| path[range].to_owned()).collect();
                    let expected = expected.or(if slash == TrailingSlash::Ignore { other } else { None });
                    assert_eq!(Some((id, values)), expected, "{patterns:?} {path}");
                    hits += 1;
                }
                Outcome::Redirect { .. } => {
                    assert!(expected.is_none() && other.is_some(), "{patterns:?} {path}");
                    assert!(slash == TrailingSlash::Redirect && !path.starts_with("//"));
                }
                Outcome::NotFound { fallback: None } => {
                    assert_eq!(expected, None, "{patterns:?} {path}");
                    assert!(
                        other.is_none()
                            || slash == TrailingSlash::Strict
                            || slash == TrailingSlash::Redirect && path.starts_with("//"),
                        "{patterns:?} {path}"
                    );
                    misses += 1;
                }
                outcome => panic!("{outcome:?}"),
            }
        }
    }
    assert!(hits > 5_000 && misses > 5_000, "{hits} hits, {misses} misses");
}
