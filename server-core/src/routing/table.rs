//! The constant tree of routes: what a program routes, known before it runs.
//!
//! Sets of routes compose as constants: a set is [`Table::Leaves`], a prefix wraps it in [`Table::Nest`], and
//! joining sets makes a [`Table::Merge`]. The tree knows neither state nor handlers, only where each route is
//! and who wrote it, so that [`check`](super::check::check) can judge a whole program at compile time and the
//! lookup can be built from it at start-up.
//!
//! **Composition is plain concatenation**: a route's full path is the prefixes above it followed by its own path.
//! A leaf path may be empty (the prefix itself); a full path that is empty means `/`. Prefixes start with `/` and
//! do not end with one, so no segment ever straddles two pieces.
//!
//! **Dispatch ids** number the leaves left to right, depth first. A [`Table::Fallback`] takes one id;
//! [`Table::Dynamic`] takes none.

use http::Method;

/// One route as its attribute wrote it: methods, pattern, and the handler's place in the source.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct RouteInfo {
    /// The methods this route answers.
    pub methods: MethodSet,
    /// The pattern without its query template, its literal text in normal form (see `pattern.rs`).
    pub path: &'static str,
    /// `module_path::handler`.
    pub name: &'static str,
    /// The source file, as `file!()` gives it.
    pub file: &'static str,
    /// The source line, as `line!()` gives it.
    pub line: u32,
}

impl RouteInfo {
    /// Describes one route; generated code calls this, so that fields may be added without breaking it.
    pub const fn new(
        methods: MethodSet,
        path: &'static str,
        name: &'static str,
        file: &'static str,
        line: u32,
    ) -> Self {
        Self { methods, path, name, file, line }
    }

    /// A fallback's path as a prefix: `/` and the root's own, empty prefix are one.
    pub(crate) const fn prefix(&self) -> &'static str {
        match self.path.as_bytes() {
            [rest @ .., b'/'] => self.path.split_at(rest.len()).0,
            _ => self.path,
        }
    }
}

/// A set of request methods: the eight of RFC 9110 §9.3 and `PATCH` (RFC 5789), and [`ANY`](Self::ANY).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodSet(u16);

/// By slot: the number of a member, which is also its bit.
pub(crate) const NAMES: [&str; 10] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "ANY"];

impl MethodSet {
    /// No method at all.
    pub const EMPTY: Self = Self(0);
    /// `GET` (RFC 9110 §9.3.1).
    pub const GET: Self = Self(1);
    /// `POST` (RFC 9110 §9.3.3).
    pub const POST: Self = Self(1 << 1);
    /// `PUT` (RFC 9110 §9.3.4).
    pub const PUT: Self = Self(1 << 2);
    /// `PATCH` (RFC 5789).
    pub const PATCH: Self = Self(1 << 3);
    /// `DELETE` (RFC 9110 §9.3.5).
    pub const DELETE: Self = Self(1 << 4);
    /// `HEAD` (RFC 9110 §9.3.2).
    pub const HEAD: Self = Self(1 << 5);
    /// `OPTIONS` (RFC 9110 §9.3.7).
    pub const OPTIONS: Self = Self(1 << 6);
    /// `CONNECT` (RFC 9110 §9.3.6).
    pub const CONNECT: Self = Self(1 << 7);
    /// `TRACE` (RFC 9110 §9.3.8).
    pub const TRACE: Self = Self(1 << 8);
    /// Every method, extension methods included, that no other route of the same path names.
    ///
    /// It is a member of its own and not the union of the others: a route for `GET` may stand beside a route
    /// for any method, and wins.
    pub const ANY: Self = Self(1 << 9);

    /// The methods in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The members both sets name; `ANY` meets only `ANY`.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the two sets, on one path, would claim the same request.
    #[must_use]
    pub const fn overlap(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether no method is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the set is, or includes, [`ANY`](Self::ANY).
    #[must_use]
    pub const fn is_any(self) -> bool {
        self.overlap(Self::ANY)
    }

    /// Whether a request with this method is answered: its own name is in the set, or [`ANY`](Self::ANY) is.
    #[must_use]
    pub fn contains(self, method: &Method) -> bool {
        self.is_any() || slot(method).is_some_and(|slot| self.has(slot))
    }

    /// The names in the set, in the order they are written above.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        (0..NAMES.len()).filter(move |&slot| self.has(slot)).map(|slot| NAMES[slot])
    }

    /// Whether the member numbered `slot` is in the set.
    pub(crate) const fn has(self, slot: usize) -> bool {
        self.0 & (1 << slot) != 0
    }

    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

/// The number of a standard method within [`MethodSet`]; `None` for an extension method.
#[inline]
pub(crate) fn slot(method: &Method) -> Option<usize> {
    Some(match *method {
        Method::GET => 0,
        Method::POST => 1,
        Method::PUT => 2,
        Method::PATCH => 3,
        Method::DELETE => 4,
        Method::HEAD => 5,
        Method::OPTIONS => 6,
        Method::CONNECT => 7,
        Method::TRACE => 8,
        _ => return None,
    })
}

/// A tree of routes, built as a constant and composed by reference.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Table {
    /// No route.
    Empty,
    /// The routes of one list, in order.
    Leaves(&'static [&'static RouteInfo]),
    /// A subtree under a prefix such as `/users` or `/{org}/repos`.
    Nest(&'static str, &'static Table),
    /// A subtree bound to a host such as `api.example.com` or `*.example.com`; the innermost binding counts.
    Host(&'static str, &'static Table),
    /// Subtrees side by side.
    Merge(&'static [&'static Table]),
    /// A handler for whatever nothing else matches at or beneath the prefixes above it.
    Fallback(&'static RouteInfo),
    /// A set whose routes are known only at run time.
    Dynamic,
}

impl Table {
    /// How many dispatch ids the tree spans.
    #[allow(clippy::len_without_is_empty)]
    pub const fn len(&self) -> usize {
        match self {
            Table::Empty | Table::Dynamic => 0,
            Table::Leaves(leaves) => leaves.len(),
            Table::Nest(_, table) | Table::Host(_, table) => table.len(),
            Table::Merge(tables) => {
                let mut total = 0;
                let mut rest: &[&Table] = tables;
                while let [first, others @ ..] = rest {
                    total += first.len();
                    rest = others;
                }
                total
            }
            Table::Fallback(_) => 1,
        }
    }

    /// Whether any part of the tree is known only at run time.
    pub const fn has_dynamic(&self) -> bool {
        match self {
            Table::Dynamic => true,
            Table::Empty | Table::Leaves(_) | Table::Fallback(_) => false,
            Table::Nest(_, table) | Table::Host(_, table) => table.has_dynamic(),
            Table::Merge(tables) => {
                let mut rest: &[&Table] = tables;
                while let [first, others @ ..] = rest {
                    if first.has_dynamic() {
                        return true;
                    }
                    rest = others;
                }
                false
            }
        }
    }

    /// Every route and fallback of the tree with its full path, in the order of dispatch ids.
    #[cfg(test)]
    pub(crate) fn located(&self) -> Vec<Located<'_>> {
        let mut all = Vec::with_capacity(self.len());
        self.locate(None, "", &mut all);
        all
    }

    #[cfg(test)]
    fn locate<'t>(&'t self, host: Option<&'t str>, prefix: &str, all: &mut Vec<Located<'t>>) {
        match self {
            Table::Empty | Table::Dynamic => {}
            Table::Leaves(leaves) => {
                for info in *leaves {
                    let path = if prefix.is_empty() && info.path.is_empty() {
                        "/".to_owned()
                    } else {
                        format!("{prefix}{}", info.path)
                    };
                    all.push(Located { id: all.len(), host, path, info, fallback: false });
                }
            }
            Table::Nest(more, table) => table.locate(host, &format!("{prefix}{more}"), all),
            Table::Host(host, table) => table.locate(Some(host), prefix, all),
            Table::Merge(tables) => tables.iter().for_each(|table| table.locate(host, prefix, all)),
            Table::Fallback(info) => {
                let path = format!("{prefix}{}", info.prefix());
                all.push(Located { id: all.len(), host, path, info, fallback: true });
            }
        }
    }
}

/// Whether a prefix keeps segments whole; an empty one does.
pub(super) const fn is_prefix(prefix: &str) -> bool {
    let bytes = prefix.as_bytes();
    let mut i = 1;
    while i < bytes.len() {
        if bytes[i] == b'*' && bytes[i - 1] == b'{' {
            return false;
        }
        i += 1;
    }
    match bytes {
        [] => true,
        [b'/', .., last] => *last != b'/',
        _ => false,
    }
}

/// A route together with all that stands above it in the tree.
#[cfg(test)]
pub(crate) struct Located<'t> {
    /// The dispatch id within the tree it was found in.
    pub(crate) id: usize,
    pub(crate) host: Option<&'t str>,
    /// The full path; of a fallback, its prefix, empty at the root.
    pub(crate) path: String,
    pub(crate) info: &'t RouteInfo,
    pub(crate) fallback: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn get(path: &'static str) -> RouteInfo {
        RouteInfo::new(MethodSet::GET, path, "crate::handler", file!(), line!())
    }

    #[test]
    fn ids_and_full_paths() {
        const A: Table = Table::Leaves(&[&get(""), &get("/{id}")]);
        const F: Table = Table::Fallback(&get("/"));
        const ALL: Table = Table::Merge(&[
            &A,
            &Table::Host("a.com", &Table::Nest("/{org}", &Table::Merge(&[&A, &F, &Table::Dynamic]))),
            &Table::Empty,
            &F,
        ]);
        const { assert!(ALL.len() == 6 && ALL.has_dynamic() && !A.has_dynamic()) }
        let all = ALL.located();
        let found: Vec<_> = all.iter().map(|at| (at.id, at.host, at.path.as_str(), at.fallback)).collect();
        let host = Some("a.com");
        assert_eq!(
            found,
            [
                (0, None, "/", false),
                (1, None, "/{id}", false),
                (2, host, "/{org}", false),
                (3, host, "/{org}/{id}", false),
                (4, host, "/{org}", true),
                (5, None, "", true),
            ]
        );
    }

    #[test]
    fn methods() {
        let set = MethodSet::GET.union(MethodSet::PATCH);
        assert_eq!(set.names().collect::<Vec<_>>(), ["GET", "PATCH"]);
        assert!(set.contains(&Method::PATCH) && !set.contains(&Method::HEAD));
        assert!(MethodSet::ANY.contains(&Method::from_bytes(b"PURGE").unwrap()));
        assert!(!MethodSet::ANY.overlap(set) && set.overlap(MethodSet::GET));
        assert_eq!(set.intersection(MethodSet::GET), MethodSet::GET);
        for (slot, name) in NAMES[..9].iter().enumerate() {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            assert_eq!(super::slot(&method), Some(slot));
            assert_eq!(MethodSet::from_bits(1 << slot).names().next(), Some(*name));
        }
    }
}
