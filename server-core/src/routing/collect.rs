//! Every route that is really there, gathered when an app is made.

use std::borrow::Cow;

use crate::routing::entry::Methods;
use crate::routing::route::{Route, param_names};
use crate::routing::{RouteInfo, Table, TrailingSlash};

/// Gathers routes in the order of their dispatch ids, with what the sets around them say.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Collector {
    prefix: String,
    host: Option<&'static str>,
    slash: TrailingSlash,
    routes: Vec<Route>,
}

impl Collector {
    pub(crate) fn into_routes(self) -> Vec<Route> {
        self.routes
    }

    /// Everything in a constant table.
    pub(crate) fn table(&mut self, table: &Table) {
        match table {
            Table::Empty | Table::Dynamic => {}
            Table::Leaves(leaves) => leaves.iter().for_each(|leaf| self.leaf(leaf, false)),
            Table::Fallback(leaf) => self.leaf(leaf, true),
            Table::Nest(prefix, table) => self.nest(None, prefix, |this| this.table(table)),
            Table::Host(host, table) => self.nest(Some(host), "", |this| this.table(table)),
            Table::Merge(tables) => tables.iter().for_each(|table| self.table(table)),
        }
    }

    pub(crate) fn nest(&mut self, host: Option<&'static str>, prefix: &str, inner: impl FnOnce(&mut Self)) {
        let outer = (self.prefix.len(), self.host);
        self.prefix.push_str(prefix);
        self.host = host.or(self.host);
        inner(self);
        self.prefix.truncate(outer.0);
        self.host = outer.1;
    }

    pub(crate) fn trailing_slash(&mut self, policy: TrailingSlash, inner: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.slash, policy);
        inner(self);
        self.slash = outer;
    }

    fn leaf(&mut self, info: &RouteInfo, fallback: bool) {
        let path = if fallback { info.prefix() } else { info.path };
        self.push(info.methods.into(), path, Cow::Borrowed(info.name), (info.file, info.line), fallback);
    }

    pub(crate) fn push(
        &mut self,
        methods: Methods,
        path: &str,
        handler: Cow<'static, str>,
        (file, line): (&'static str, u32),
        fallback: bool,
    ) {
        let mut full = format!("{}{path}", self.prefix);
        if full.is_empty() && !fallback {
            full.push('/');
        }
        self.routes.push(Route {
            methods,
            params: param_names(&full),
            path: full.into(),
            host: self.host.map(str::to_owned),
            handler,
            file,
            line,
            fallback,
            slash: self.slash,
        });
    }
}
