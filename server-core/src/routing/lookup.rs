//! From a request's host, method and path to a dispatch id: the only file that knows matchit.
//!
//! # Order of insertion
//!
//! What matchit accepts depends on the order in which routes come. The lookup therefore always inserts them in one
//! order: they are compared segment by segment, by kind (catch-all, parameter, suffix,
//! prefix, prefix and suffix, literal), then by length, then by text, a route before those that go on where it ends.
//! In this order matchit refuses exactly what the judge refuses, which `routing/tests/judge.rs` holds on tens of
//! thousands of generated sets.
//!
//! # Which route wins
//!
//! Segment by segment from the left, with backtracking: literal text, then the parameter with the longest suffix or
//! prefix, then a parameter, then a catch-all. Parameters and catch-alls are never empty. One thing is not tried:
//! where a parameter with a suffix matched its segment, matchit does not go back to a shorter suffix or to a plain
//! parameter of the same position, should the rest of the path then not match. With `/{x}.png/a` and `/{x}/b`, the
//! path `/c.png/b` is not found.
//!
//! So a path that is literal text from end to end always wins. It is found by its hash, and matchit is not told of it.
//!
//! # Allocation
//!
//! `Lookup::find` itself allocates for a hit with more than four captures only: they are ranges, followed from the
//! pattern. matchit does so in two cases: a path with more than three captures (one `Vec`), and a walk that passes
//! literal text where a wildcard stands beside it, such as `/users/me/{post}` beside `/users/{id}` (one `Vec` to come
//! back from). On a miss, a path of 256 bytes or more to which a policy would add a slash is copied to the heap.

use std::collections::{BTreeMap, HashMap};

use http::{HeaderValue, Method};

use super::conflict::{RouteConflict, find_among};
use super::entry::{Entry, Kind};
use super::fallback::Fallbacks;
use super::hosts::Hosts;
use super::judge::Why;
use super::literal::Literals;
use super::path::Path;
use super::slash::{Slash, TrailingSlash};
use crate::request::Captures;

/// What a request comes to.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome<'a> {
    Route {
        id: u32,
    },
    /// There is a route at the same path with the slash toggled, which asks for a redirect.
    Redirect {
        id: u32,
        slash: Slash,
    },
    /// A known path, asked with OPTIONS for its methods (RFC 9110 §9.3.7).
    Options {
        /// A route of the path, so that what is around it sees the request.
        id: u32,
        allow: &'a HeaderValue,
    },
    /// A known path, but not with this method: 405 (RFC 9110 §15.5.6).
    MethodNotAllowed {
        /// A route of the path, so that what is around it sees the request.
        id: u32,
        allow: &'a HeaderValue,
    },
    NotFound {
        fallback: Option<u32>,
    },
}

/// All routes of an app.
pub(crate) struct Lookup {
    unbound: Routers,
    hosts: Hosts<Routers>,
    /// Whether any route is not [`TrailingSlash::Strict`], so that others pay nothing.
    policies: bool,
    connect: bool,
}

impl Lookup {
    /// Gathers the methods of each path and builds the lookup, in whatever order the entries come.
    pub(crate) fn build(entries: Vec<Entry>) -> Result<Self, RouteConflict> {
        judge(&entries)?;
        let policies = entries.iter().any(|entry| entry.slash != TrailingSlash::Strict);
        let connect = entries.iter().any(Entry::takes_connect);
        let mut scopes = BTreeMap::<Option<String>, Vec<Entry>>::new();
        for entry in entries {
            scopes.entry(entry.host.as_deref().map(str::to_ascii_lowercase)).or_default().push(entry);
        }
        let unbound = Routers::build(scopes.remove(&None).unwrap_or_default())?;
        let mut bound = Vec::with_capacity(scopes.len());
        for (host, entries) in scopes {
            bound.push((host.unwrap_or_default(), Routers::build(entries)?));
        }
        Ok(Self { unbound, hosts: Hosts::new(bound), policies, connect })
    }

    /// Finds what answers a request; `path` is in normal form, `host` the `Host` field or the target's authority. What
    /// parameters captured, as ranges of the path, is left in `captures`, which is empty.
    pub(crate) fn find(
        &self,
        host: Option<&str>,
        method: &Method,
        path: &str,
        captures: &mut Captures,
    ) -> Outcome<'_> {
        debug_assert_eq!(captures.len(), 0);
        // Captures are `u16`; no path of an `http::Uri` is as long as this.
        if path.len() > usize::from(u16::MAX) {
            return Outcome::NotFound { fallback: None };
        }
        let bound = match host {
            Some(host) if !self.hosts.is_empty() => self.hosts.find(host),
            _ => [None, None],
        };
        for scope in bound.into_iter().flatten() {
            if let Some(outcome) = scope.find(method, path, captures) {
                return outcome;
            }
        }
        match self.unbound.find(method, path, captures) {
            Some(outcome) => outcome,
            None => self.miss([bound[0], bound[1], Some(&self.unbound)], method, path, captures),
        }
    }

    /// Whether any route is bound to a host.
    pub(crate) fn has_hosts(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// Whether any route, for whatever host, is one of [`Entry::takes_connect`].
    pub(crate) fn takes_connect(&self) -> bool {
        self.connect
    }

    #[cold]
    fn miss<'a>(
        &'a self,
        scopes: [Option<&'a Routers>; 3],
        method: &Method,
        path: &str,
        captures: &mut Captures,
    ) -> Outcome<'a> {
        if self.policies
            && let Some(outcome) = toggled(scopes, method, path, captures)
        {
            return outcome;
        }
        let fallback = scopes.into_iter().flatten().find_map(|scope| scope.fallbacks.find(path));
        Outcome::NotFound {
            fallback: fallback.map(|(id, captured)| {
                *captures = captured;
                id
            }),
        }
    }
}

/// Asks for the path with its last slash added or taken away, where that path's route allows it.
fn toggled<'a>(
    scopes: [Option<&'a Routers>; 3],
    method: &Method,
    path: &str,
    captures: &mut Captures,
) -> Option<Outcome<'a>> {
    if path.len() < 2 {
        return None;
    }
    let mut small = [0; 256];
    let large;
    let (slash, other) = match path.strip_suffix('/') {
        Some(shorter) => (Slash::Remove, shorter),
        None if path.len() < small.len() => {
            small[..path.len()].copy_from_slice(path.as_bytes());
            small[path.len()] = b'/';
            (Slash::Add, std::str::from_utf8(&small[..=path.len()]).ok()?)
        }
        None => {
            large = format!("{path}/");
            (Slash::Add, large.as_str())
        }
    };
    let found = scopes.into_iter().flatten().find_map(|scope| scope.at(other))?;
    let Some(answer) = found.answer(method) else {
        // The path is known in either form, then, and only the method is not.
        return match found.has_policy() {
            false => None,
            true if method == Method::OPTIONS => {
                Some(Outcome::Options { id: found.first, allow: &found.allow })
            }
            true => Some(Outcome::MethodNotAllowed { id: found.first, allow: &found.allow }),
        };
    };
    match answer.slash {
        TrailingSlash::Strict => None,
        TrailingSlash::Ignore => {
            found.capture(other, captures);
            Some(Outcome::Route { id: answer.id })
        }
        // A `Location` that begins with two slashes, or what browsers take for two, would lead to another host.
        TrailingSlash::Redirect if ["//", "/\\", "/%5C"].iter().any(|evil| path.starts_with(evil)) => None,
        TrailingSlash::Redirect => Some(Outcome::Redirect { id: answer.id, slash }),
    }
}

// ---------------------------------------------------------------------------------------------------- one host's

/// The routes bound to one host, or to none.
struct Routers {
    /// To an index of `paths`, for those without parameters.
    literals: Literals,
    /// To an index of `paths`, for all others; they are too large to lie in the tree itself.
    router: matchit::Router<u32>,
    paths: Vec<Path>,
    fallbacks: Fallbacks,
}

impl Routers {
    fn build(entries: Vec<Entry>) -> Result<Self, RouteConflict> {
        let (routes, fallbacks): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.kind == Kind::Route);
        let mut gathered = BTreeMap::<Vec<Key>, Vec<Entry>>::new();
        for route in routes {
            gathered.entry(key(&route.path)).or_default().push(route);
        }
        let mut router = matchit::Router::new();
        let mut paths = Vec::with_capacity(gathered.len());
        let mut literals = Vec::new();
        for (index, (key, routes)) in (0..).zip(gathered) {
            // The judge has spoken, so this fails only for a path that is not a pattern.
            let pattern = nameless(&key);
            paths.push(Path::new(&pattern, &routes));
            if !pattern.contains('{') {
                literals.push((pattern, index));
                continue;
            }
            router.insert(pattern, index).map_err(|error| {
                RouteConflict::of(&routes[0].describe(), &format!(" cannot be routed: {error}"))
            })?;
        }
        Ok(Self {
            literals: Literals::new(literals),
            router,
            paths,
            fallbacks: Fallbacks::new(fallbacks.into_iter().map(|entry| (entry.path, entry.id))),
        })
    }

    /// What a known path has for a method; `None` when the path is not known.
    #[inline(always)]
    fn find(&self, method: &Method, path: &str, captures: &mut Captures) -> Option<Outcome<'_>> {
        let found = self.at(path)?;
        Some(match found.answer(method) {
            Some(answer) => {
                found.capture(path, captures);
                Outcome::Route { id: answer.id }
            }
            None if method == Method::OPTIONS => Outcome::Options { id: found.first, allow: &found.allow },
            None => Outcome::MethodNotAllowed { id: found.first, allow: &found.allow },
        })
    }

    #[inline(always)]
    fn at(&self, path: &str) -> Option<&Path> {
        let index = match self.literals.find(path) {
            Some(index) => index,
            None => *self.router.at(path).ok()?.value,
        };
        self.paths.get(index as usize)
    }
}

// --------------------------------------------------------------------------------------------- judging, inserting

fn judge(entries: &[Entry]) -> Result<(), RouteConflict> {
    let claims: Vec<_> = entries.iter().map(Entry::claim).collect();
    if let Some(objection) = find_among(&claims) {
        let second = entries[objection.second].describe();
        return Err(match objection.first {
            Some(first) => RouteConflict::between(&entries[first].describe(), &second, objection.why),
            None => RouteConflict::of(&second, objection.why.text()),
        });
    }
    // Extension methods are not in the judge's sets.
    let mut extensions = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.kind == Kind::Route) {
        let host = entry.host.as_deref().map(str::to_ascii_lowercase);
        for method in &entry.methods.extensions {
            if let Some(first) = extensions.insert((host.clone(), nameless(&key(&entry.path)), method), entry)
            {
                return Err(RouteConflict::between(&first.describe(), &entry.describe(), Why::SameRequests));
            }
        }
    }
    Ok(())
}

/// Full paths, in normal form, without the names of their parameters, and in the order of insertion.
///
/// Paths that differ in names alone come out as one.
#[cfg(test)]
pub(crate) fn insertion_order<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let keys: std::collections::BTreeSet<_> = paths.into_iter().map(key).collect();
    keys.iter().map(|key| nameless(key)).collect()
}

/// A segment's place in the order of insertion: by kind, by length, by text without names.
type Key = (u8, usize, String);

fn key(path: &str) -> Vec<Key> {
    path.strip_prefix('/').unwrap_or(path).split('/').map(segment_key).collect()
}

fn segment_key(segment: &str) -> Key {
    let parts = segment.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    let (kind, text) = match parts {
        None => (5, segment.to_owned()),
        Some((_, (name, _))) if name.starts_with('*') => (0, "{*x}".to_owned()),
        Some((before, (_, after))) => {
            let kind = match (before.is_empty(), after.is_empty()) {
                (true, true) => 1,
                (true, false) => 2,
                (false, true) => 3,
                (false, false) => 4,
            };
            (kind, format!("{before}{{x}}{after}"))
        }
    };
    (kind, text.len(), text)
}

fn nameless(key: &[Key]) -> String {
    key.iter().flat_map(|(_, _, text)| ["/", text]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::MethodSet;

    fn route(method: &str, path: &str, id: u32) -> Entry {
        let methods = match method {
            "ANY" => MethodSet::ANY.into(),
            name => Method::from_bytes(name.as_bytes()).unwrap().into(),
        };
        Entry {
            path: path.to_owned(),
            host: None,
            methods,
            kind: Kind::Route,
            slash: TrailingSlash::Strict,
            id,
            origin: None,
        }
    }

    fn fallback(prefix: &str, id: u32) -> Entry {
        Entry { kind: Kind::Fallback, ..route("ANY", prefix, id) }
    }

    fn build<const N: usize>(entries: [Entry; N]) -> Lookup {
        Lookup::build(entries.into()).unwrap_or_else(|conflict| panic!("{conflict}"))
    }

    /// `id captures…`, `redirect`, `allow …`, `405 …` or `404`.
    fn ask(lookup: &Lookup, method: &str, target: &str) -> String {
        let (host, path) = target.split_at(target.find('/').unwrap());
        let host = (!host.is_empty()).then_some(host);
        let mut captures = Captures::EMPTY;
        let outcome = lookup.find(host, &Method::from_bytes(method.as_bytes()).unwrap(), path, &mut captures);
        let route = |id: u32| captures.iter().fold(id.to_string(), |text, range| text + " " + &path[range]);
        match outcome {
            Outcome::Route { id } => route(id),
            Outcome::Redirect { slash, .. } => format!("redirect {}", slash.apply(path, Some("q"))),
            Outcome::Options { allow, .. } => format!("allow {}", allow.to_str().unwrap()),
            Outcome::MethodNotAllowed { allow, .. } => format!("405 {}", allow.to_str().unwrap()),
            Outcome::NotFound { fallback: Some(id) } => format!("404 {}", route(id)),
            Outcome::NotFound { fallback: None } => "404".to_owned(),
        }
    }

    #[test]
    fn methods() {
        let lookup = build([
            route("GET", "/a/{x}", 0),
            route("POST", "/a/{y}", 1),
            route("PURGE", "/a/{z}", 2),
            route("HEAD", "/head", 3),
            route("GET", "/head", 4),
            route("ANY", "/any", 5),
            route("PUT", "/any", 6),
            route("OPTIONS", "/any/options", 7),
            route("GET", "/", 8),
        ]);
        assert_eq!(ask(&lookup, "GET", "/a/1"), "0 1");
        assert_eq!(ask(&lookup, "HEAD", "/a/1"), "0 1");
        assert_eq!(ask(&lookup, "POST", "/a/1"), "1 1");
        assert_eq!(ask(&lookup, "PURGE", "/a/1"), "2 1");
        assert_eq!(ask(&lookup, "BREW", "/a/1"), "405 GET, POST, HEAD, OPTIONS, PURGE");
        assert_eq!(ask(&lookup, "OPTIONS", "/a/1"), "allow GET, POST, HEAD, OPTIONS, PURGE");
        assert_eq!(ask(&lookup, "HEAD", "/head"), "3");
        assert_eq!(ask(&lookup, "PUT", "/any"), "6");
        assert_eq!(ask(&lookup, "GET", "/any"), "5");
        assert_eq!(ask(&lookup, "BREW", "/any"), "5");
        assert_eq!(ask(&lookup, "OPTIONS", "/any"), "5");
        assert_eq!(ask(&lookup, "OPTIONS", "/any/options"), "7");
        assert_eq!(ask(&lookup, "GET", "/any/options"), "405 OPTIONS");
        assert_eq!(ask(&lookup, "GET", "/"), "8");
        assert_eq!(ask(&lookup, "GET", "/b"), "404");
    }

    #[test]
    fn captures_in_order() {
        let lookup = build([route("GET", "/{a}/x{b}.y/{c}/{d}/{*e}", 0)]);
        assert_eq!(ask(&lookup, "GET", "/1/x2.y/3/4/5/6"), "0 1 2 3 4 5/6");
    }

    #[test]
    fn fallbacks_only_on_a_miss() {
        let lookup =
            build([route("GET", "/api/x", 0), fallback("", 1), fallback("/api", 2), fallback("/{o}/y", 3)]);
        assert_eq!(ask(&lookup, "GET", "/api/x"), "0");
        assert_eq!(ask(&lookup, "PUT", "/api/x"), "405 GET, HEAD, OPTIONS");
        assert_eq!(ask(&lookup, "GET", "/api/z"), "404 2");
        assert_eq!(ask(&lookup, "GET", "/api"), "404 2");
        assert_eq!(ask(&lookup, "GET", "/apix"), "404 1");
        assert_eq!(ask(&lookup, "GET", "/me/y/z"), "404 3 me");
    }

    #[test]
    fn trailing_slashes() {
        let with = |slash, entry: Entry| Entry { slash, ..entry };
        let lookup = build([
            route("GET", "/strict", 0),
            with(TrailingSlash::Ignore, route("GET", "/ignore/{x}", 1)),
            with(TrailingSlash::Redirect, route("GET", "/redirect/", 2)),
            with(TrailingSlash::Ignore, route("GET", "/two", 3)),
            route("GET", "/two/", 4),
            with(TrailingSlash::Redirect, route("GET", "/{a}/evil", 5)),
            with(TrailingSlash::Redirect, route("GET", "//evil", 6)),
            fallback("", 7),
        ]);
        assert_eq!(ask(&lookup, "GET", "/strict/"), "404 7");
        assert_eq!(ask(&lookup, "GET", "/ignore/9/"), "1 9");
        assert_eq!(ask(&lookup, "HEAD", "/ignore/9/"), "1 9");
        assert_eq!(ask(&lookup, "POST", "/ignore/9/"), "405 GET, HEAD, OPTIONS");
        assert_eq!(ask(&lookup, "POST", "/ignore/9"), "405 GET, HEAD, OPTIONS");
        assert_eq!(ask(&lookup, "GET", "/redirect"), "redirect /redirect/?q");
        assert_eq!(ask(&lookup, "GET", "/two/"), "4");
        assert_eq!(ask(&lookup, "GET", "/two"), "3");
        assert_eq!(ask(&lookup, "GET", "/a/evil/"), "redirect /a/evil?q");
        assert_eq!(ask(&lookup, "GET", "//evil/"), "404 7");
        assert_eq!(ask(&lookup, "GET", "/%5C/evil/"), "404 7");
        let long = format!("/{}", "a".repeat(300));
        let lookup = build([with(TrailingSlash::Ignore, route("GET", "/{x}/", 1))]);
        assert_eq!(ask(&lookup, "GET", &long), format!("1 {}", &long[1..]));
        assert_eq!(ask(&lookup, "GET", "/b"), "1 b");
        assert_eq!(ask(&lookup, "GET", "/"), "404");
    }

    #[test]
    fn hosts() {
        let at = |host: &str, entry: Entry| Entry { host: Some(host.to_owned()), ..entry };
        let lookup = build([
            route("GET", "/x", 0),
            route("GET", "/y", 1),
            at("Api.example.com", route("GET", "/x", 2)),
            at("*.example.com", route("GET", "/x", 3)),
            at("*.example.com", route("GET", "/z", 4)),
            at("api.example.com", fallback("", 5)),
            fallback("", 6),
        ]);
        assert_eq!(ask(&lookup, "GET", "/x"), "0");
        assert_eq!(ask(&lookup, "GET", "other.com/x"), "0");
        assert_eq!(ask(&lookup, "GET", "API.example.com:8080/x"), "2");
        assert_eq!(ask(&lookup, "GET", "www.example.com/x"), "3");
        assert_eq!(ask(&lookup, "GET", "api.example.com/z"), "4");
        assert_eq!(ask(&lookup, "GET", "api.example.com/y"), "1");
        assert_eq!(ask(&lookup, "GET", "api.example.com/w"), "404 5");
        assert_eq!(ask(&lookup, "GET", "www.example.com/w"), "404 6");
    }

    #[test]
    fn conflicts_are_values() {
        let conflict = |a, b| Lookup::build(vec![a, b]).err().map(|conflict| conflict.to_string());
        let at = |line, entry: Entry| Entry { origin: Some(("src/main.rs", line)), ..entry };
        assert_eq!(
            conflict(at(1, route("GET", "/{a}", 0)), route("GET", "/{b}", 1)).as_deref(),
            Some("route conflict: GET /{a} (src/main.rs:1) and GET /{b} match the same requests")
        );
        assert!(conflict(route("GET", "/{a}", 0), route("POST", "/{*b}", 1)).is_some());
        assert!(conflict(route("PURGE", "/{a}", 0), route("PURGE", "/{b}", 1)).is_some());
        assert!(conflict(route("PURGE", "/{a}", 0), route("BREW", "/{b}", 1)).is_none());
        assert!(conflict(fallback("", 0), fallback("/", 1)).is_some());
        assert!(
            conflict(route("GET", "/{a", 0), route("GET", "/", 1)).is_some_and(|text| text.contains("/{a"))
        );
        let many: String = (0..17).map(|i| format!("/{{p{i}}}")).collect();
        assert!(
            conflict(route("GET", &many, 0), route("GET", "/", 1))
                .is_some_and(|text| text.ends_with("has more than 16 parameters"))
        );
    }
}
