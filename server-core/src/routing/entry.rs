//! One route, or one fallback, as the lookup and its judge take it.

use http::Method;

use super::judge::Claim;
use super::route::Route;
use super::slash::TrailingSlash;
#[cfg(test)]
use super::table::Located;
use super::table::{MethodSet, slot};

/// One route, or one fallback, with everything that decides whether it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The full path, a pattern in normal form; of a fallback, its prefix.
    pub(crate) path: String,
    /// `api.example.com` or `*.example.com`.
    pub(crate) host: Option<String>,
    pub(crate) methods: Methods,
    pub(crate) kind: Kind,
    pub(crate) slash: TrailingSlash,
    pub(crate) id: u32,
    /// File and line, for messages.
    pub(crate) origin: Option<(&'static str, u32)>,
}

/// What an [`Entry`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Route,
    /// Asked when nothing matches; its methods do not count.
    Fallback,
}

/// The methods of a route: those a table can name, and those that only a route made at run time can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Methods {
    pub(crate) set: MethodSet,
    /// No method of the set's is among them; [`From`] sees to that.
    pub(crate) extensions: Vec<Method>,
}

impl From<MethodSet> for Methods {
    fn from(set: MethodSet) -> Self {
        Self { set, extensions: Vec::new() }
    }
}

impl From<Method> for Methods {
    fn from(method: Method) -> Self {
        match slot(&method) {
            Some(slot) => MethodSet::from_bits(1 << slot).into(),
            None => Self { set: MethodSet::EMPTY, extensions: vec![method] },
        }
    }
}

impl Entry {
    /// A route of an app under the id that its place gives it.
    pub(crate) fn new(id: usize, route: &Route) -> Self {
        Self {
            path: route.path.to_string(),
            host: route.host.clone(),
            methods: route.methods.clone(),
            kind: if route.fallback { Kind::Fallback } else { Kind::Route },
            slash: route.slash,
            id: u32::try_from(id).unwrap_or(u32::MAX),
            origin: Some((route.file, route.line)),
        }
    }
}

#[cfg(test)]
impl From<Located<'_>> for Entry {
    fn from(found: Located<'_>) -> Self {
        Self {
            path: found.path,
            host: found.host.map(str::to_owned),
            methods: found.info.methods.into(),
            kind: if found.fallback { Kind::Fallback } else { Kind::Route },
            slash: TrailingSlash::Strict,
            id: u32::try_from(found.id).unwrap_or(u32::MAX),
            origin: Some((found.info.file, found.info.line)),
        }
    }
}

impl Entry {
    /// Whether CONNECT requests may come to it: it names the method, and stands at the root, which is all their path.
    pub(super) fn takes_connect(&self) -> bool {
        let is_named = slot(&Method::CONNECT).is_some_and(|slot| self.methods.set.has(slot));
        self.kind == Kind::Route && is_named && matches!(&*self.path, "" | "/")
    }

    pub(super) fn claim(&self) -> Claim<'_> {
        let fallback = self.kind == Kind::Fallback;
        // `/` and the root's own, empty prefix are one prefix.
        let path = if fallback { self.path.strip_suffix('/').unwrap_or(&self.path) } else { &self.path };
        Claim { host: self.host.as_deref(), path: path.as_bytes(), methods: self.methods.set, fallback }
    }

    /// As in `GET api.example.com/users/{id} (src/users.rs:12)`.
    pub(super) fn describe(&self) -> String {
        let mut names: Vec<_> = self.methods.set.names().collect();
        names.extend(self.methods.extensions.iter().map(Method::as_str));
        let what = if self.kind == Kind::Fallback { "fallback".to_owned() } else { names.join("|") };
        let path = if self.path.is_empty() { "/" } else { &self.path };
        let host = self.host.as_deref().unwrap_or_default();
        match self.origin {
            Some((file, line)) => format!("{what} {host}{path} ({file}:{line})"),
            None => format!("{what} {host}{path}"),
        }
    }
}
