//! Any set of routes: it is accepted or refused whatever the order, and an accepted one finds what a naive matcher finds.
//!
//! Two readings of the input: text, for whatever can be wrong with a pattern; and pieces of patterns and paths, one a
//! byte, so that the fuzzer comes to sets that mean something.
#![cfg_attr(feature = "libfuzzer", no_main)]

mod common;

use std::cmp::Reverse;

use waypost::http::Method;
use waypost::test::Client;
use waypost::{App, DynamicRequest, DynamicRoutes, Respond};

use common::{ask, target, uri};

target!(run);

fn run(data: &[u8]) {
    match data.split_first() {
        Some((b'T', text)) => written(&String::from_utf8_lossy(text)),
        Some((_, pieces)) => pieced(pieces),
        None => {}
    }
}

/// A pattern a line. Nothing may panic, and no order may be refused that another is not.
fn written(text: &str) {
    let lines: Vec<&str> = text.lines().take(6).collect();
    let mut routes: Vec<(Method, String)> = Vec::new();
    for line in lines {
        if DynamicRoutes::<()>::new().add(Method::GET, line, answer).is_ok() {
            routes.push((Method::GET, line.to_owned()));
        }
    }
    let accepted = build(&routes).is_some();
    routes.reverse();
    assert_eq!(build(&routes).is_some(), accepted, "{routes:?}");
}

/// What a byte stands for: in a pattern, in a path that is asked for, and in normal form.
const LITERALS: [(&str, &str, &str); 8] = [
    ("a", "a", "a"),
    ("b", "%62", "b"),
    ("ab", "ab", "ab"),
    ("%2f", "%2F", "%2F"),
    ("ü", "%c3%BC", "%C3%BC"),
    ("{{", "{", "%7B"),
    (".", "%2E", "."),
    ("%41", "A", "A"),
];

#[derive(Clone, Debug, PartialEq)]
enum Segment {
    Literal(String),
    /// A parameter with what stands before and after it.
    Parameter(String, String),
    Rest,
}

struct Route {
    method: Method,
    pattern: String,
    segments: Vec<Segment>,
}

fn pieced(pieces: &[u8]) {
    let (mut routes, mut paths) = (Vec::new(), Vec::new());
    // An item ends with a zero.
    for item in pieces.split(|&byte| byte == 0).take(16) {
        match item.split_first() {
            Some((b'?', path)) => paths.push(asked(path)),
            Some((first, pattern)) if routes.len() < 6 => {
                let method = if first % 2 == 0 { Method::GET } else { Method::POST };
                routes.extend(route(method, pattern));
            }
            _ => {}
        }
    }
    let accepted = judged(&routes);
    let Some(client) = accepted else { return };
    for (path, segments) in paths {
        let Some(uri) = uri("", path.as_bytes()) else { continue };
        let (status, found) = ask(&client, Method::GET, uri);
        let all: Vec<usize> =
            (0..routes.len()).filter(|&index| fits(&routes[index], &segments).is_some()).collect();
        let shown =
            || format!("{path} among {:?}", routes.iter().map(|route| &route.pattern).collect::<Vec<_>>());
        let suffixes = routes
            .iter()
            .flat_map(|route| &route.segments)
            .any(|segment| matches!(segment, Segment::Parameter(_, after) if !after.is_empty()));
        let best = all.iter().copied().min_by_key(|&index| rank(&routes[index]));
        match best {
            None => assert_eq!(status, 404, "{found} for {}", shown()),
            // matchit does not go back from a parameter with a suffix, so that other routes may be found, or none.
            Some(_) if suffixes => {
                let right = all.iter().any(|&index| found == said(&routes[index], &segments));
                assert!(
                    status == 404 || status == 405 || status == 200 && right,
                    "{status} {found} for {}",
                    shown()
                );
            }
            Some(best) => {
                let same = |index: &&usize| rank(&routes[**index]) == rank(&routes[best]);
                match all.iter().filter(same).find(|&&index| routes[index].method == Method::GET) {
                    Some(&index) => {
                        assert_eq!((status, found), (200, said(&routes[index], &segments)), "{}", shown())
                    }
                    None => assert_eq!(status, 405, "{found} for {}", shown()),
                }
            }
        }
    }
}

/// The pattern of these pieces, if it is one.
fn route(method: Method, pieces: &[u8]) -> Option<Route> {
    let (mut pattern, mut segments) = (String::new(), Vec::new());
    let mut names = 0..;
    for pieces in pieces.split(|&byte| byte == b'/') {
        pattern.push('/');
        let mut segment = Segment::Literal(String::new());
        for &byte in pieces {
            let wild = byte >= 224 || byte == b'{';
            let name = names.next()?;
            if wild || byte == b'*' {
                pattern.push_str(&if wild { format!("{{p{name}}}") } else { format!("{{*p{name}}}") });
                segment = match segment {
                    Segment::Literal(before) if wild => Segment::Parameter(before, String::new()),
                    Segment::Literal(_) => Segment::Rest,
                    // Two in a segment, which is none.
                    _ => return None,
                };
                continue;
            }
            let (written, _, normal) = LITERALS[usize::from(byte) % LITERALS.len()];
            pattern.push_str(written);
            match &mut segment {
                Segment::Literal(text) | Segment::Parameter(_, text) => text.push_str(normal),
                Segment::Rest => return None,
            }
        }
        segments.push(segment);
    }
    DynamicRoutes::<()>::new().add(method.clone(), &pattern, answer).ok()?;
    Some(Route { method, pattern, segments })
}

/// The path of these pieces, and its segments in normal form.
fn asked(pieces: &[u8]) -> (String, Vec<String>) {
    let (mut path, mut segments) = (String::new(), Vec::new());
    for pieces in pieces.split(|&byte| byte == b'/') {
        let literals = pieces.iter().map(|&byte| LITERALS[usize::from(byte) % LITERALS.len()]);
        path.push('/');
        path.extend(literals.clone().map(|(_, asked, _)| asked));
        segments.push(literals.map(|(_, _, normal)| normal).collect());
    }
    (path, segments)
}

/// The app of these routes; every order of theirs, and every pair, has the same to say of them.
fn judged(routes: &[Route]) -> Option<Client<impl Respond + use<>>> {
    let pairs: Vec<_> = routes.iter().map(|route| (route.method.clone(), route.pattern.clone())).collect();
    let accepted = build(&pairs);
    let backwards: Vec<_> = pairs.iter().rev().cloned().collect();
    assert_eq!(build(&backwards).is_some(), accepted.is_some(), "backwards: {backwards:?}");
    let clashes = (0..pairs.len()).any(|first| {
        let mut others = pairs[first + 1..].iter();
        others.any(|second| build(&[pairs[first].clone(), second.clone()]).is_none())
    });
    assert_eq!(accepted.is_none(), clashes, "two by two: {pairs:?}");
    accepted
}

fn build(routes: &[(Method, String)]) -> Option<Client<impl Respond + use<>>> {
    let mut set = DynamicRoutes::<()>::new();
    for (method, pattern) in routes {
        let at = format!("{method} {pattern}");
        let added = set.add(method.clone(), pattern, move |call| {
            let at = at.clone();
            async move { format!("{at} {}", answer(call).await) }
        });
        assert!(added.is_ok(), "{pattern} was a pattern before");
    }
    App::try_new(set).ok().map(Client::new)
}

async fn answer(call: DynamicRequest<()>) -> String {
    format!("{:?}", call.params.iter().map(|(_, value)| value).collect::<Vec<_>>())
}

/// What that route answers.
fn said(route: &Route, segments: &[String]) -> String {
    let values: Vec<String> =
        fits(route, segments).into_iter().flatten().filter_map(|raw| common::text(raw.as_bytes())).collect();
    format!("{} {} {values:?}", route.method, route.pattern)
}

/// The parameters of a route that matches.
fn fits(route: &Route, segments: &[String]) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut rest = segments;
    for segment in &route.segments {
        let (first, others) = rest.split_first()?;
        match segment {
            Segment::Literal(text) if text == first => {}
            Segment::Literal(_) => return None,
            Segment::Parameter(before, after) => {
                let value = first.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
                if value.is_empty() {
                    return None;
                }
                values.push(value.to_owned());
            }
            Segment::Rest => {
                let value = rest.join("/");
                values.push(value.clone());
                return (!value.is_empty()).then_some(values);
            }
        }
        rest = others;
    }
    rest.is_empty().then_some(values)
}

/// Which route goes before another where both match: segment by segment, literal text, a longer prefix, any, the rest.
fn rank(route: &Route) -> Vec<(u8, Reverse<usize>)> {
    let rank = |segment: &Segment| match segment {
        Segment::Literal(_) => (0, Reverse(0)),
        Segment::Parameter(before, _) => (1, Reverse(before.len())),
        Segment::Rest => (2, Reverse(0)),
    };
    route.segments.iter().map(rank).collect()
}
