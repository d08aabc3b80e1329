//! The judge, the lookup's order of insertion and matchit agree on generated sets of routes.

use super::random::Random;
use crate::routing::TrailingSlash;
use crate::routing::check::find;
use crate::routing::conflict::find_among;
use crate::routing::entry::{Entry, Kind};
use crate::routing::judge::Claim;
use crate::routing::lookup::{Lookup, insertion_order};
use crate::routing::table::{MethodSet, RouteInfo, Table};
use std::collections::BTreeSet;

const SEGMENTS: [&str; 18] = [
    "a", "b", "ab", "ba", "abc", "", "{x}", "{x}a", "{x}b", "{x}ba", "a{x}", "b{x}", "ab{x}", "a{x}b",
    "b{x}a", "ab{x}b", "c{x}c", "{*x}",
];

impl Random {
    /// Distinct paths over a few of the segments, so that many stand in each other's way.
    fn paths(&mut self) -> Vec<String> {
        let some: Vec<_> = (0..3 + self.below(SEGMENTS.len())).map(|_| self.pick(&SEGMENTS)).collect();
        let set: BTreeSet<_> = (0..2 + self.below(9)).map(|_| self.pattern(&some)).collect();
        let mut paths: Vec<_> = set.into_iter().collect();
        for i in (1..paths.len()).rev() {
            paths.swap(i, self.below(i + 1));
        }
        paths
    }
}

fn matchit_accepts<'a>(paths: impl IntoIterator<Item = &'a str>) -> bool {
    let mut router = matchit::Router::new();
    insertion_order(paths).into_iter().all(|path| router.insert(path, ()).is_ok())
}

fn claim(path: &str, methods: MethodSet) -> Claim<'_> {
    Claim { host: None, path: path.as_bytes(), methods, fallback: false }
}

#[test]
fn judge_is_matchit_in_its_order() {
    let (mut random, mut fine) = (Random(0x5eed), 0);
    const SETS: usize = 30_000;
    for _ in 0..SETS {
        let paths = random.paths();
        let accepted = matchit_accepts(paths.iter().map(String::as_str));
        let claims: Vec<_> = paths.iter().map(|path| claim(path, MethodSet::GET)).collect();
        assert_eq!(find_among(&claims).is_none(), accepted, "{paths:?}");
        fine += usize::from(accepted);
    }
    assert!((SETS / 5..SETS * 4 / 5).contains(&fine), "too few sets on one side: {fine} of {SETS} accepted");
}

/// The tree's verdict is that of the full paths, however they are composed, and both name the same pair.
#[test]
fn trees_are_judged_like_their_paths() {
    let mut random = Random(0xfeed);
    for _ in 0..6_000 {
        let methods = [MethodSet::GET, MethodSet::GET.union(MethodSet::POST), MethodSet::ANY, MethodSet::PUT];
        let paths: Vec<_> = random.paths().into_iter().map(|path| &*path.leak()).collect();
        let infos: Vec<&'static RouteInfo> = paths
            .iter()
            .map(|path| &*Box::leak(Box::new(RouteInfo::new(methods[random.below(4)], path, "f", "f.rs", 1))))
            .collect();
        let mut tables: Vec<&'static Table> = Vec::new();
        for info in &infos {
            // Cut the path at some slash; a part that cannot be a prefix stays with the leaf.
            let cuts: Vec<_> = info.path.match_indices('/').map(|(at, _)| at).collect();
            let at = cuts[random.below(cuts.len())];
            let at = if info.path[..at].ends_with('/') { 0 } else { at };
            let leaf = Box::leak(Box::new(RouteInfo { path: &info.path[at..], ..**info }));
            let leaves = Table::Leaves(Box::leak(Box::new([&*leaf])));
            tables.push(Box::leak(Box::new(match at {
                0 => leaves,
                _ => Table::Nest(&info.path[..at], Box::leak(Box::new(leaves))),
            })));
        }
        let tree = Table::Merge(tables.leak());
        let claims: Vec<_> = infos.iter().map(|info| claim(info.path, info.methods)).collect();
        let among = find_among(&claims);
        let found = find(&tree);
        let located: Vec<_> = tree.located().into_iter().map(|at| at.path).collect();
        assert_eq!(located, paths);
        match (among, found) {
            (None, None) => {}
            (Some(among), Some(found)) => {
                assert_eq!(found.why, among.why, "{paths:?}");
                assert_eq!(found.second.path(), paths[among.second].as_bytes(), "{paths:?}");
                assert_eq!(
                    found.first.path(),
                    among.first.map_or("", |at| paths[at]).as_bytes(),
                    "{paths:?}"
                );
            }
            (among, found) => panic!("{paths:?}: {} {}", among.is_some(), found.is_some()),
        }
    }
}

/// Methods of one path are gathered: the lookup takes what the judge lets pass, in any order.
#[test]
fn what_is_fine_can_be_built() {
    let mut random = Random(0xbead);
    for _ in 0..6_000 {
        let methods = [MethodSet::GET, MethodSet::POST, MethodSet::ANY];
        let mut entries: Vec<Entry> = Vec::new();
        for (id, path) in (0..).zip(random.paths()) {
            for _ in 0..=random.below(2) {
                entries.push(Entry {
                    path: path.replace("{x}", ["{x}", "{y}"][random.below(2)]),
                    host: [None, Some("A.com"), Some("a.com")][random.below(3)].map(str::to_owned),
                    methods: methods[random.below(3)].into(),
                    kind: Kind::Route,
                    slash: TrailingSlash::Strict,
                    id,
                    origin: None,
                });
            }
        }
        let claims: Vec<_> = entries
            .iter()
            .map(|entry| Claim { host: entry.host.as_deref(), ..claim(&entry.path, entry.methods.set) })
            .collect();
        let fine = find_among(&claims).is_none();
        if let Err(conflict) = Lookup::build(entries.clone()) {
            assert!(!fine, "{conflict}");
            assert!(!conflict.to_string().contains("cannot be routed"), "only matchit refused: {conflict}");
        } else {
            assert!(fine);
        }
    }
}
