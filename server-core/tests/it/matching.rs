//! The router, against a matcher that is too simple to be wrong.

use proptest::prelude::*;
use proptest::sample::select;
use waypost::http::Method;
use waypost::{App, DynamicRoutes, Respond};

use crate::properties::ask;

/// A segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Static(&'static str),
    /// A parameter with text before or behind it, or none.
    Param(&'static str, &'static str),
    Rest,
}

type Pattern = Vec<Segment>;

fn written(pattern: &Pattern) -> String {
    let segments = pattern.iter().enumerate().map(|(index, segment)| match segment {
        Segment::Static(text) => (*text).to_owned(),
        Segment::Param(before, behind) => format!("{before}{{p{index}}}{behind}"),
        Segment::Rest => format!("{{*p{index}}}"),
    });
    format!("/{}", segments.collect::<Vec<_>>().join("/"))
}

/// Which pattern answers, and what it captures: at each segment the best kind that leads anywhere. From a parameter with
/// text behind it that the path goes on from, or ends with, as a pattern does, there is no way back: matchit's one limit.
fn naive(patterns: &[(usize, &[Segment])], path: &[&str]) -> Option<(usize, Vec<String>)> {
    let Some((&here, below)) = path.split_first() else {
        return patterns.iter().find(|(_, rest)| rest.is_empty()).map(|(index, _)| (*index, Vec::new()));
    };
    let mut kinds: Vec<&Segment> = patterns.iter().filter_map(|(_, rest)| rest.first()).collect();
    kinds.sort_by_key(|segment| match segment {
        Segment::Static(_) => (0, 0),
        Segment::Param(before, behind) if before.len() + behind.len() > 0 => {
            (1, 100 - before.len() - behind.len())
        }
        Segment::Param(..) => (2, 0),
        Segment::Rest => (3, 0),
    });
    kinds.dedup();
    for kind in kinds {
        let value = match kind {
            Segment::Static(text) => (*text == here).then_some(None),
            Segment::Param(before, behind) => here
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(behind))
                .filter(|value| !value.is_empty())
                .map(|value| Some(value.to_owned())),
            Segment::Rest => Some(path.join("/")).filter(|rest| !rest.is_empty()).map(Some),
        };
        let Some(value) = value else { continue };
        let fitting: Vec<_> = patterns
            .iter()
            .filter(|(_, rest)| rest.first() == Some(kind))
            .map(|(i, rest)| (*i, &rest[1..]))
            .collect();
        let below = if *kind == Segment::Rest { &[] } else { below };
        if let Some((index, mut values)) = naive(&fitting, below) {
            values.splice(0..0, value);
            return Some((index, values));
        }
        let goes_on = fitting.iter().any(|(_, rest)| rest.is_empty() == below.is_empty());
        if goes_on && matches!(kind, Segment::Param(_, behind) if !behind.is_empty()) {
            return None;
        }
    }
    None
}

/// Whether two patterns without text around their parameters may not stand together.
fn clash(one: &Pattern, other: &Pattern) -> bool {
    for (left, right) in one.iter().zip(other) {
        match (left, right) {
            (Segment::Rest, Segment::Param(..)) | (Segment::Param(..), Segment::Rest) => return true,
            (left, right) if left != right => return false,
            _ => {}
        }
    }
    one.len() == other.len()
}

fn dynamic(patterns: &[Pattern]) -> DynamicRoutes {
    let mut routes = DynamicRoutes::new();
    for (index, pattern) in patterns.iter().enumerate() {
        let path = written(pattern);
        let answer = move |call: waypost::DynamicRequest<()>| async move {
            let values: Vec<_> = call.params.iter().map(|(_, value)| value.to_owned()).collect();
            format!("{index} {values:?}")
        };
        routes.add(Method::GET, &path, answer).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    routes
}

fn patterns(
    segment: impl Strategy<Value = Segment> + Clone,
    most: usize,
) -> impl Strategy<Value = Vec<Pattern>> {
    let pattern = (proptest::collection::vec(segment, 0..4), any::<bool>(), any::<bool>());
    let pattern = pattern.prop_map(|(mut segments, rest, slash)| {
        match (rest, slash && !segments.is_empty()) {
            (true, _) => segments.push(Segment::Rest),
            (false, true) => segments.push(Segment::Static("")),
            (false, false) => {}
        }
        // The root is one empty segment, as in the path `/`.
        if segments.is_empty() { vec![Segment::Static("")] } else { segments }
    });
    proptest::collection::vec(pattern, 1..most)
}

fn plain() -> impl Strategy<Value = Segment> + Clone {
    let fixed = select(vec!["a", "b", "ab", "abc"]).prop_map(Segment::Static);
    prop_oneof![3 => fixed, 2 => Just(Segment::Param("", ""))]
}

fn affixed() -> impl Strategy<Value = Segment> + Clone {
    let before = select(vec!["a", "ab"]).prop_map(|text| Segment::Param(text, ""));
    let behind = select(vec!["c", "bc"]).prop_map(|text| Segment::Param("", text));
    prop_oneof![4 => plain(), 1 => before, 1 => behind]
}

fn paths() -> impl Strategy<Value = Vec<String>> {
    let segment = select(vec!["a", "b", "ab", "abc", "abbc", "x", "ac", ""]);
    let path =
        proptest::collection::vec(segment, 1..5).prop_map(|segments| format!("/{}", segments.join("/")));
    proptest::collection::vec(path, 16)
}

fn agree(patterns: &[Pattern], app: &(impl Respond + Clone), paths: &[String]) -> Result<(), TestCaseError> {
    let table: Vec<_> = patterns.iter().enumerate().map(|(index, pattern)| (index, &pattern[..])).collect();
    for path in paths {
        let segments: Vec<_> = path[1..].split('/').collect();
        let (status, text) = ask(app.clone(), path);
        let all: Vec<_> = patterns.iter().map(written).collect();
        match naive(&table, &segments) {
            Some((index, values)) => {
                prop_assert_eq!(
                    (status, text),
                    (200, format!("{index} {values:?}")),
                    "{} in {:?}",
                    path,
                    all
                );
            }
            None => prop_assert_eq!(status, 404, "{} in {:?}", path, all),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_router_finds_what_a_naive_matcher_finds(patterns in patterns(plain(), 10), paths in paths()) {
        let mut kept: Vec<Pattern> = Vec::new();
        for pattern in patterns {
            if !kept.iter().any(|other| clash(other, &pattern)) {
                kept.push(pattern);
            }
        }
        let app = App::try_new(dynamic(&kept)).map_err(|error| TestCaseError::fail(error.to_string()))?;
        agree(&kept, &app, &paths)?;
    }

    #[test]
    fn it_finds_the_same_with_text_around_parameters(patterns in patterns(affixed(), 5), paths in paths()) {
        let Ok(app) = App::try_new(dynamic(&patterns)) else { return Ok(()) };
        agree(&patterns, &app, &paths)?;
    }

    #[test]
    fn a_set_is_refused_exactly_where_two_of_it_clash(patterns in patterns(plain(), 6)) {
        let clashes = (1..patterns.len()).any(|n| patterns[..n].iter().any(|other| clash(other, &patterns[n])));
        let all: Vec<_> = patterns.iter().map(written).collect();
        prop_assert_eq!(App::try_new(dynamic(&patterns)).is_err(), clashes, "{:?}", all);
    }
}
