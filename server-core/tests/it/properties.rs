//! Properties: escapes against the `percent-encoding` crate, the router against a matcher too simple to be wrong.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::select;
use waypost::http::Method;
use waypost::test::Client;
use waypost::{App, DynamicRoutes, Respond, get, routes};

use crate::support::seen;

#[get("/p/{value}/end")]
async fn in_path(value: String) -> Vec<u8> {
    value.into()
}

#[get("/rest/{*value}")]
async fn in_rest(value: String) -> Vec<u8> {
    value.into()
}

#[get("/q?{value}")]
async fn in_query(value: String) -> Vec<u8> {
    value.into()
}

#[get("/many?{value}")]
async fn in_list(value: Vec<String>) -> String {
    format!("{value:?}")
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn ask(app: impl Respond, target: &str) -> (u16, String) {
    block_on(async { seen(Client::new(app).get(target).send().await).await })
}

fn app() -> impl Respond {
    App::new(routes![in_path, in_rest, in_query, in_list])
}

/// What an escaped text stands for, or nothing where that is no text.
fn decoded(raw: &str) -> Option<String> {
    Some(percent_decode_str(raw).decode_utf8().ok()?.into_owned())
}

/// The same of a form's text.
fn decoded_form(raw: &str) -> Option<String> {
    decoded(&raw.replace('+', "%20"))
}

/// Text with more escapes, real and false ones, than chance would make.
fn escaped() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "%", "%%", "%2", "%2F", "%2f", "%25", "%2541", "%41", "%7E", "%7e", "%C3%BC", "%c3", "%BC", "%FF", "%00",
        "%zz", "4", "1", "34", "F", "a", "-", "~", ".", "+", "=", ":", "%E2%82%AC", "%ED%A0%80", "%34", "%31",
    ]);
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_goes_through_a_path_that_was_built_of_it(value in "\\PC+|.+") {
        prop_assert_eq!(ask(app(), &in_path::uri(&value)), (200, value));
    }

    #[test]
    fn any_text_goes_through_a_catch_all(value in "[a-c/%ü. ]{1,12}") {
        prop_assert_eq!(ask(app(), &in_rest::uri(&value)), (200, value));
    }

    #[test]
    fn any_text_goes_through_a_query(value in "\\PC*|.*") {
        let target = format!("/q?value={}", utf8_percent_encode(&value, NON_ALPHANUMERIC));
        prop_assert_eq!(ask(app(), &target), (200, value.clone()));
        let reply = block_on(Client::new(app()).get("/q").query([("value", &value)]).send());
        prop_assert_eq!(block_on(reply.text()), value);
    }

    #[test]
    fn escapes_in_a_path_are_read_as_percent_encoding_reads_them(raw in escaped()) {
        let (status, text) = ask(app(), &format!("/p/{raw}/end"));
        match decoded(&raw) {
            Some(value) => prop_assert_eq!((status, text), (200, value)),
            None => prop_assert_eq!(status, 400),
        }
    }

    #[test]
    fn escapes_in_a_query_are_read_as_percent_encoding_reads_them(raws in proptest::collection::vec(escaped(), 1..4)) {
        let mut target = "/many?other=1".to_owned();
        for raw in &raws {
            write!(target, "&value={raw}").unwrap();
        }
        let (status, text) = ask(app(), &target);
        match raws.iter().map(|raw| decoded_form(raw)).collect::<Option<Vec<_>>>() {
            Some(values) => prop_assert_eq!((status, text), (200, format!("{values:?}"))),
            None => prop_assert_eq!(status, 400),
        }
    }

    #[test]
    fn an_unreserved_character_may_always_be_escaped(text in "[A-Za-z0-9._~-]{1,10}") {
        let escaped: String = format!("/p/{text}/end").bytes().fold(String::new(), |mut all, byte| {
            if byte == b'/' { all.push('/') } else { write!(all, "%{byte:02x}").unwrap() }
            all
        });
        prop_assert_eq!(ask(app(), &escaped), (200, text));
    }
}

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
/// text behind it there is no way back, which is matchit's.
fn naive(patterns: &[(usize, &[Segment])], path: &[&str]) -> Option<(usize, Vec<String>)> {
    let Some((&here, below)) = path.split_first() else {
        return patterns.iter().find(|(_, rest)| rest.is_empty()).map(|(index, _)| (*index, Vec::new()));
    };
    let mut kinds: Vec<&Segment> = patterns.iter().filter_map(|(_, rest)| rest.first()).collect();
    kinds.sort_by_key(|segment| match segment {
        Segment::Static(_) => (0, 0),
        Segment::Param(before, behind) if before.len() + behind.len() > 0 => (1, 100 - before.len() - behind.len()),
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
        let fitting: Vec<_> =
            patterns.iter().filter(|(_, rest)| rest.first() == Some(kind)).map(|(i, rest)| (*i, &rest[1..])).collect();
        let below = if *kind == Segment::Rest { &[] } else { below };
        if let Some((index, mut values)) = naive(&fitting, below) {
            values.splice(0..0, value);
            return Some((index, values));
        }
        if matches!(kind, Segment::Param(_, behind) if !behind.is_empty()) {
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

fn patterns(segment: impl Strategy<Value = Segment> + Clone, most: usize) -> impl Strategy<Value = Vec<Pattern>> {
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
    let path = proptest::collection::vec(segment, 1..5).prop_map(|segments| format!("/{}", segments.join("/")));
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
                prop_assert_eq!((status, text), (200, format!("{index} {values:?}")), "{} in {:?}", path, all);
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
