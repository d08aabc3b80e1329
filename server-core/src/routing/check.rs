//! The verdict on a whole program: no two of its routes may claim the same requests.
//!
//! [`check`] runs while the program is compiled, over the constant tree, and its panic is the compile error. What it
//! says is in `fault.rs`, the rule itself in `judge.rs`.
//!
//! ```text
//! const _: () = check(&TABLE);                                  // in one crate
//! const { check(R::TABLE) };                                    // in a function generic over the routes
//! ```

use super::fault::{Fault, Full, Quest, seek};
use super::judge::{Judge, Place, Verdict, Why, clash};
use super::table::{RouteInfo, Table, is_prefix};

/// Fails the build if two routes of the tree conflict, naming both.
///
/// The time is linear in the bytes of the tree's paths; ten thousand routes stay far below rustc's
/// `long_running_const_eval`.
///
/// # Panics
///
/// On a conflict, on a full path of more than 16 parameters, and on a prefix that cannot be one.
#[track_caller]
pub(crate) const fn check(table: &Table) {
    tell(find(table));
}

/// Judges a list that may yet be nested under a prefix, as `check` judges a whole tree.
///
/// # Panics
///
/// On the faults that no prefix mends.
#[track_caller]
pub const fn check_list(table: &Table) {
    tell(fault_of_list(table));
}

#[track_caller]
const fn tell(fault: Option<Fault<'_>>) {
    if let Some(fault) = fault {
        let text = fault.text();
        panic!("{}", text.as_str());
    }
}

/// As [`check`], for a whole program; `judged` if its lists have been by [`check_list`], so that nothing is told twice.
///
/// # Panics
///
/// As [`check`].
#[track_caller]
pub(crate) const fn check_program(table: &Table, judged: bool) {
    if !judged || fault_of_list(table).is_none() {
        check(table);
    }
}

const fn fault_of_list(table: &Table) -> Option<Fault<'_>> {
    match find(table) {
        Some(fault) if fault.is_of_the_root_alone() => None,
        other => other,
    }
}

/// The first fault of the tree in the order of dispatch ids, if there is one.
pub(crate) const fn find(table: &Table) -> Option<Fault<'_>> {
    // The tree's length bounds the paths, not the wildcards, so a tier may prove too small; then the next is tried.
    let len = table.len();
    let mut outcome = (Verdict::Full, 0, false);
    if len <= 32 {
        outcome = judge_in::<128>(table);
    }
    if matches!(outcome.0, Verdict::Full) && len <= 512 {
        outcome = judge_in::<2_048>(table);
    }
    if matches!(outcome.0, Verdict::Full) && len <= 8_192 {
        outcome = judge_in::<32_768>(table);
    }
    if matches!(outcome.0, Verdict::Full) {
        outcome = judge_in::<524_288>(table);
    }
    let (verdict, at, fallback) = outcome;
    let why = match verdict {
        Verdict::Fine => return None,
        Verdict::Full => panic!("a program can have at most about 390,000 routes and parameters"),
        Verdict::Clash => Why::SameRequests,
        Verdict::TooManyParameters => Why::TooManyParameters,
        Verdict::BadPrefix => Why::BadPrefix,
    };
    let mut second = Full::EMPTY;
    let quest = Quest::Number { at, fallback, prefix: matches!(why, Why::BadPrefix) };
    if !seek(table, &mut second, &mut 0, &quest) {
        return None;
    }
    if !matches!(why, Why::SameRequests) {
        return Some(Fault { first: Full::EMPTY, second, why });
    }
    let mut first = Full::EMPTY;
    let claim = second.claim();
    // Not found means two hashes collided; the lookup's own insertion is the backstop for that.
    if !seek(table, &mut first, &mut 0, &Quest::Rival(&claim)) {
        return None;
    }
    match clash(&first.claim(), &claim) {
        Some(why) => Some(Fault { first, second, why }),
        None => None,
    }
}

const fn judge_in<const N: usize>(table: &Table) -> (Verdict, usize, bool) {
    let (mut keys, mut values) = ([0; N], [0; N]);
    let mut judge = Judge::new(&mut keys, &mut values);
    let (mut seen, mut fallback) = (0, false);
    let verdict = walk(&mut judge, table, Place::ROOT, &mut seen, &mut fallback);
    (verdict, seen, fallback)
}

/// Claims a subtree; on anything but `Fine`, `seen` is the dispatch id at which it happened, or a little before it
/// when a prefix is at fault.
const fn walk(
    judge: &mut Judge<'_>,
    table: &Table,
    place: Place,
    seen: &mut usize,
    fallback: &mut bool,
) -> Verdict {
    match table {
        Table::Empty | Table::Dynamic => Verdict::Fine,
        Table::Leaves(leaves) => {
            let mut rest: &[&RouteInfo] = leaves;
            while let [route, others @ ..] = rest {
                let path = if route.path.is_empty() && place.is_root() { "/" } else { route.path };
                let (place, mut verdict) = judge.read(place, path, true);
                if matches!(verdict, Verdict::Fine) {
                    verdict = judge.claim_path(place, route.methods);
                }
                if !matches!(verdict, Verdict::Fine) {
                    return verdict;
                }
                *seen += 1;
                rest = others;
            }
            Verdict::Fine
        }
        Table::Nest(prefix, table) => {
            if !is_prefix(prefix) {
                return Verdict::BadPrefix;
            }
            // A prefix's wildcards are in the lookup only if there is a route beneath: fallbacks are kept elsewhere.
            let routes = has_route(table);
            let (place, verdict) = judge.read(place, prefix, routes);
            if !matches!(verdict, Verdict::Fine) {
                *fallback = !routes;
                return verdict;
            }
            walk(judge, table, place, seen, fallback)
        }
        Table::Host(host, table) => walk(judge, table, place.at_host(host), seen, fallback),
        Table::Merge(tables) => {
            let mut rest: &[&Table] = tables;
            while let [table, others @ ..] = rest {
                let verdict = walk(judge, table, place, seen, fallback);
                if !matches!(verdict, Verdict::Fine) {
                    return verdict;
                }
                rest = others;
            }
            Verdict::Fine
        }
        Table::Fallback(route) => {
            *fallback = true;
            let (place, mut verdict) = judge.read(place, route.prefix(), false);
            if matches!(verdict, Verdict::Fine) {
                verdict = judge.claim_fallback(place);
            }
            if matches!(verdict, Verdict::Fine) {
                *seen += 1;
                *fallback = false;
            }
            verdict
        }
    }
}

const fn has_route(table: &Table) -> bool {
    match table {
        Table::Leaves(leaves) => !leaves.is_empty(),
        Table::Nest(_, table) | Table::Host(_, table) => has_route(table),
        Table::Merge(tables) => {
            let mut rest: &[&Table] = tables;
            while let [table, others @ ..] = rest {
                if has_route(table) {
                    return true;
                }
                rest = others;
            }
            false
        }
        Table::Empty | Table::Dynamic | Table::Fallback(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::table::MethodSet;

    const fn route(methods: MethodSet, path: &'static str, line: u32) -> RouteInfo {
        RouteInfo::new(methods, path, "crate::handler", "src/main.rs", line)
    }

    macro_rules! leaves {
        ($($methods:ident $path:literal),* $(,)?) => {
            Table::Leaves(&[$(&const { route(MethodSet::$methods, $path, line!()) }),*])
        };
    }

    fn message(table: &Table) -> Option<String> {
        find(table).map(|fault| fault.text().as_str().to_owned())
    }

    const USERS: Table = Table::Leaves(&[
        &RouteInfo::new(MethodSet::POST, "", "m::f", "src/users.rs", 7),
        &RouteInfo::new(MethodSet::GET, "/{id}", "m::f", "src/users.rs", 12),
    ]);
    const NAME: Table =
        Table::Leaves(&[&RouteInfo::new(MethodSet::GET, "/users/{name}", "m::f", "src/main.rs", 64)]);

    #[test]
    fn names_both_routes() {
        const TABLE: Table = Table::Merge(&[&NAME, &Table::Nest("/users", &USERS)]);
        assert_eq!(
            message(&TABLE).as_deref(),
            Some(
                "route conflict: GET /users/{name} (src/main.rs:64) and GET /users/{id} (src/users.rs:12) \
                 match the same requests"
            )
        );
    }

    #[test]
    fn stands_in_a_constant() {
        const TABLE: Table = Table::Merge(&[&leaves![GET "/", POST "/{a}", ANY "/{b}"], &USERS]);
        const _: () = check(&Table::Nest("/api", &TABLE));
        const fn generic<const N: usize>() {
            const { check(&Table::Nest("/api", &TABLE)) };
        }
        generic::<3>();
    }

    #[test]
    fn any_beside_specific() {
        assert_eq!(message(&leaves![ANY "/a", GET "/a", POST "/a"]), None);
        assert!(message(&leaves![ANY "/a", GET "/a", ANY "/a"]).is_some());
    }

    #[test]
    fn hosts_are_apart() {
        const A: Table = leaves![GET "/x"];
        const TWO: Table = Table::Merge(&[&Table::Host("a.com", &A), &Table::Host("b.com", &A), &A]);
        assert_eq!(message(&TWO), None);
        const SAME: Table = Table::Merge(&[&Table::Host("a.com", &A), &Table::Host("A.com", &A)]);
        assert!(
            message(&SAME)
                .is_some_and(|text| text.contains("GET a.com/x (") && text.contains("GET A.com/x ("))
        );
        const INNERMOST: Table =
            Table::Merge(&[&Table::Host("a.com", &Table::Host("b.com", &A)), &Table::Host("a.com", &A)]);
        assert_eq!(message(&INNERMOST), None);
    }

    #[test]
    fn a_prefix_clashes_like_its_routes() {
        const X: Table = leaves![GET "/x"];
        const TABLE: Table = Table::Merge(&[&leaves![GET "/{*rest}"], &Table::Nest("/{org}", &X)]);
        assert!(message(&TABLE).is_some_and(|text| text.contains("GET /{org}/x (")
            && text.ends_with(
                "cannot stand side by side: a parameter and a catch-all begin at the same place"
            )));
        const F: Table = Table::Fallback(&route(MethodSet::ANY, "", 1));
        const ONLY_FALLBACK: Table = Table::Merge(&[&leaves![GET "/{*rest}"], &Table::Nest("/{org}", &F)]);
        assert_eq!(message(&ONLY_FALLBACK), None);
        const FALLBACK_FIRST: Table =
            Table::Merge(&[&leaves![GET "/{*rest}"], &Table::Nest("/{org}", &Table::Merge(&[&F, &X]))]);
        assert!(message(&FALLBACK_FIRST).is_some_and(|text| text.contains("and GET /{org}/x (")));
    }

    #[test]
    fn fallbacks() {
        const F: Table = Table::Fallback(&route(MethodSet::ANY, "", 1));
        const G: Table = Table::Fallback(&route(MethodSet::ANY, "", 2));
        assert_eq!(message(&Table::Merge(&[&F, &Table::Nest("/a", &G)])), None);
        assert_eq!(
            message(&Table::Merge(&[&F, &Table::Empty, &G])).as_deref(),
            Some(
                "route conflict: fallback / (src/main.rs:1) and fallback / (src/main.rs:2) match the same requests"
            )
        );
    }

    #[test]
    fn the_root_is_one_path() {
        assert!(message(&leaves![GET "", GET "/"]).is_some());
        const E: Table = leaves![GET "", GET "/"];
        assert_eq!(message(&Table::Nest("/a", &E)), None);
    }

    #[test]
    fn other_faults() {
        const E: Table = leaves![GET ""];
        assert_eq!(
            message(&Table::Nest("/a/", &E)).as_deref(),
            Some("route prefix /a/ must start with `/`, not end with `/`, and hold no catch-all")
        );
        assert!(message(&Table::Nest("/{*a}", &E)).is_some());
        assert!(message(&Table::Nest("a", &E)).is_some());
        const SEVENTEEN: Table = Table::Nest("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", &EIGHT);
        const EIGHT: Table = leaves![GET "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}"];
        assert!(message(&SEVENTEEN).is_some_and(|text| text.ends_with("has more than 16 parameters")));
        assert_eq!(message(&EIGHT), None);
    }
}
