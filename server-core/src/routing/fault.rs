//! What is wrong with a tree of routes, in words: written while the program is compiled.

use super::judge::{Claim, Why, clash};
use super::table::{MethodSet, RouteInfo, Table, is_prefix};
use super::text::Text;

/// What is wrong with a tree. Of a conflict, `first` stands before `second` in the tree; of the other faults there
/// is only `second`.
pub(crate) struct Fault<'t> {
    pub(crate) first: Full<'t>,
    pub(crate) second: Full<'t>,
    pub(crate) why: Why,
}

/// A longer path is cut off, in the message and in the search for the other route.
const LONGEST: usize = 2_048;

/// One route with its full path, written out where nothing can be allocated.
#[derive(Clone, Copy)]
pub(crate) struct Full<'t> {
    text: [u8; LONGEST],
    len: usize,
    host: Option<&'t str>,
    route: Option<&'t RouteInfo>,
    fallback: bool,
}

impl<'t> Full<'t> {
    pub(super) const EMPTY: Self =
        Self { text: [0; LONGEST], len: 0, host: None, route: None, fallback: false };

    pub(crate) const fn path(&self) -> &[u8] {
        self.text.split_at(self.len).0
    }

    pub(super) const fn claim(&self) -> Claim<'_> {
        let methods = match self.route {
            Some(route) => route.methods,
            None => MethodSet::EMPTY,
        };
        Claim { host: self.host, path: self.path(), methods, fallback: self.fallback }
    }

    const fn push(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() && self.len < LONGEST {
            self.text[self.len] = bytes[i];
            self.len += 1;
            i += 1;
        }
    }
}

pub(super) enum Quest<'q> {
    /// The route or fallback with this dispatch id or the next after it; or the prefix that is none.
    Number { at: usize, fallback: bool, prefix: bool },
    /// The first that clashes with this one.
    Rival(&'q Claim<'q>),
}

/// Writes the first route that answers the quest into `full`.
pub(super) const fn seek<'t>(
    table: &'t Table,
    full: &mut Full<'t>,
    seen: &mut usize,
    quest: &Quest<'_>,
) -> bool {
    let (len, host) = (full.len, full.host);
    match table {
        Table::Empty | Table::Dynamic => {}
        Table::Leaves(leaves) => {
            let mut rest: &[&RouteInfo] = leaves;
            while let [route, others @ ..] = rest {
                full.push(route.path);
                if full.len == 0 {
                    full.push("/");
                }
                if answers(full, route, false, seen, quest) {
                    return true;
                }
                full.len = len;
                rest = others;
            }
        }
        Table::Nest(prefix, table) => {
            full.push(prefix);
            if let Quest::Number { prefix: true, .. } = quest
                && !is_prefix(prefix)
            {
                full.route = None;
                return true;
            }
            if seek(table, full, seen, quest) {
                return true;
            }
        }
        Table::Host(host, table) => {
            full.host = Some(host);
            if seek(table, full, seen, quest) {
                return true;
            }
        }
        Table::Merge(tables) => {
            let mut rest: &[&Table] = tables;
            while let [table, others @ ..] = rest {
                if seek(table, full, seen, quest) {
                    return true;
                }
                rest = others;
            }
        }
        Table::Fallback(route) => {
            full.push(route.prefix());
            if answers(full, route, true, seen, quest) {
                return true;
            }
        }
    }
    (full.len, full.host) = (len, host);
    false
}

const fn answers<'t>(
    full: &mut Full<'t>,
    route: &'t RouteInfo,
    fallback: bool,
    seen: &mut usize,
    quest: &Quest<'_>,
) -> bool {
    (full.route, full.fallback) = (Some(route), fallback);
    *seen += 1;
    match quest {
        Quest::Number { prefix: true, .. } => false,
        Quest::Number { at, fallback: wanted, .. } => *seen > *at && fallback == *wanted,
        Quest::Rival(claim) => clash(&full.claim(), claim).is_some(),
    }
}

impl Text {
    /// `GET /users/{id} (src/users.rs:12)`; a bound host stands before the path.
    const fn push_route(&mut self, full: &Full<'_>) {
        let Some(route) = full.route else {
            self.push(b"prefix ");
            return self.push(full.path());
        };
        if full.fallback {
            self.push(b"fallback");
        } else {
            self.push_methods(route.methods);
        }
        self.push(b" ");
        if let Some(host) = full.host {
            self.push(host.as_bytes());
        }
        self.push(if full.len == 0 { b"/" } else { full.path() });
        self.push(b" (");
        self.push(route.file.as_bytes());
        self.push(b":");
        self.push_number(route.line);
        self.push(b")");
    }
}

impl Fault<'_> {
    /// `""` and `"/"` are one path only where no prefix stands before them.
    pub(super) const fn is_of_the_root_alone(&self) -> bool {
        match (self.why, self.first.route, self.second.route) {
            (Why::SameRequests, Some(first), Some(second)) => {
                self.second.len == 1 && first.path.is_empty() != second.path.is_empty()
            }
            _ => false,
        }
    }

    pub(super) const fn text(&self) -> Text {
        let mut text = Text::EMPTY;
        match self.why {
            Why::TooManyParameters | Why::BadPrefix => text.push(b"route "),
            _ => {
                text.push(b"route conflict: ");
                text.push_route(&self.first);
                text.push(b" and ");
            }
        }
        text.push_route(&self.second);
        text.push(self.why.text().as_bytes());
        text
    }
}
