//! The judge: groups of handlers, prefixes that can be prefixes, one fallback a list.

use std::collections::HashSet;

use syn::{Attribute, Expr, LitStr, Meta, Path};

use super::parse::{RawItem, RawKind, RawList, compact};
use crate::faults::Faults;
use crate::pattern::Pattern;

/// One list, its parts in the order of their dispatch ids: handlers first, whatever stood between them.
#[derive(Default)]
pub(crate) struct List {
    pub(crate) parts: Vec<Part>,
}

impl List {
    /// Whether a set made elsewhere is among its parts, at any depth.
    pub(crate) fn has_spread(&self) -> bool {
        self.parts.iter().any(|part| match &part.kind {
            PartKind::Spread(_) => true,
            PartKind::Nest { list, .. } => list.has_spread(),
            PartKind::Handlers(_) | PartKind::Fallback(_) => false,
        })
    }
}

/// What is there under the same conditions, and composed as one value.
pub(crate) struct Part {
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) kind: PartKind,
}

pub(crate) enum PartKind {
    Handlers(Vec<Path>),
    Nest { host: Option<String>, prefix: String, list: List },
    Spread(Box<Expr>),
    Fallback(Path),
}

pub(crate) fn judge(raw: RawList) -> syn::Result<List> {
    let mut faults = Faults::default();
    let list = judge_list(raw, &mut faults);
    faults.finish().map(|()| list)
}

fn judge_list(raw: RawList, faults: &mut Faults) -> List {
    let mut seen = HashSet::new();
    let mut fallbacks = HashSet::new();
    let mut handlers: Vec<(String, Part)> = Vec::new();
    let mut others = Vec::new();
    for RawItem { attributes, kind } in raw.0 {
        let (cfgs, condition) = judge_attributes(attributes, faults);
        let kind = match kind {
            RawKind::Handler(path) => {
                let name = compact(&path);
                if !seen.insert((condition.clone(), name.clone())) {
                    faults.on(&path, format!("`{name}` is already in this list"));
                }
                // Few conditions in any list: a search is quick.
                let group = handlers.iter_mut().find(|(other, _)| *other == condition);
                match group.map(|(_, part)| &mut part.kind) {
                    Some(PartKind::Handlers(paths)) => paths.push(path),
                    _ => handlers.push((condition, Part { cfgs, kind: PartKind::Handlers(vec![path]) })),
                }
                continue;
            }
            RawKind::Nest(literal, list) => {
                let list = judge_list(list, faults);
                let Some((host, prefix)) = judge_prefix(&literal, faults) else { continue };
                PartKind::Nest { host, prefix, list }
            }
            RawKind::Spread(set) => PartKind::Spread(Box::new(set)),
            RawKind::Fallback(span, path) => {
                if !fallbacks.insert(condition) {
                    faults.at(span, "a list has one fallback handler, and this is the second");
                }
                PartKind::Fallback(path)
            }
        };
        others.push(Part { cfgs, kind });
    }
    // The unconditional ones first, so that they keep their numbers whatever the conditions.
    handlers.sort_by_key(|(condition, _)| !condition.is_empty());
    List { parts: handlers.into_iter().map(|(_, part)| part).chain(others).collect() }
}

/// The `#[cfg]`s of an item, and the same as text.
fn judge_attributes(attributes: Vec<Attribute>, faults: &mut Faults) -> (Vec<Attribute>, String) {
    let mut condition = String::new();
    let mut cfgs = Vec::new();
    for attribute in attributes {
        match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg") => {
                condition.push_str(&list.tokens.to_string());
                condition.push(';');
                cfgs.push(attribute);
            }
            _ => faults.on(attribute, "only `#[cfg(..)]` can stand before an item of this list"),
        }
    }
    (cfgs, condition)
}

/// `/prefix`, `//host` or `//host/prefix`.
fn judge_prefix(literal: &LitStr, faults: &mut Faults) -> Option<(Option<String>, String)> {
    let text = literal.value();
    let mut fault = |message: String| {
        faults.at(literal.span(), message);
        None
    };
    let (host, prefix) = match text.strip_prefix("//") {
        None => (None, &*text),
        Some(bound) => {
            let (host, prefix) = bound.split_at(bound.find('/').unwrap_or(bound.len()));
            if !is_host(host) {
                return fault(format!(
                    "`{host}` is not a host: `//api.example.com/prefix`, or `//*.example.com` for all beneath one"
                ));
            }
            (Some(host.to_ascii_lowercase()), prefix)
        }
    };
    if prefix.is_empty() && host.is_some() {
        return Some((host, String::new()));
    }
    if matches!(prefix, "" | "/") {
        return fault(format!("`{prefix}` prefixes nothing: write its routes into the list around it"));
    }
    if !prefix.starts_with('/') {
        return fault(format!("a prefix starts with `/`: `\"/{prefix}\"`"));
    }
    if prefix.ends_with('/') {
        return fault(format!("a prefix does not end with `/`: `\"{}\"`", prefix.trim_end_matches('/')));
    }
    let pattern = match Pattern::parse(prefix) {
        Ok(pattern) => pattern,
        Err(all) => {
            for message in all {
                fault(message);
            }
            return None;
        }
    };
    if !pattern.query.is_empty() {
        return fault("a prefix has no query: name the parameters in the routes".to_owned());
    }
    if pattern.has_catch_all() {
        return fault("a prefix has no catch-all: nothing could follow it".to_owned());
    }
    Some((host, pattern.path))
}

/// A registered name as it is used in practice, with a port if need be, or an IPv6 address (RFC 3986 section 3.2.2).
fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let labels = name.strip_prefix("*.").unwrap_or(name);
    let is_address = name.starts_with('[')
        && name.ends_with(']')
        && name[1..name.len() - 1].parse::<std::net::Ipv6Addr>().is_ok();
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    (is_address || labels.split('.').all(is_label)) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::tests::messages;

    fn list(text: &str) -> Result<String, Vec<String>> {
        syn::parse_str(text).and_then(judge).map(|list| describe(&list)).map_err(messages)
    }

    fn describe(list: &List) -> String {
        let part = |part: &Part| {
            let kind = match &part.kind {
                PartKind::Handlers(paths) => paths.iter().map(compact).collect::<Vec<_>>().join("+"),
                PartKind::Nest { host, prefix, list } => {
                    format!(
                        "{}{prefix}[{}]",
                        host.as_deref().map(|host| format!("//{host}")).unwrap_or_default(),
                        describe(list)
                    )
                }
                PartKind::Spread(_) => "..".to_owned(),
                PartKind::Fallback(path) => format!("_{}", compact(path)),
            };
            format!("{}{kind}", "#".repeat(part.cfgs.len()))
        };
        list.parts.iter().map(part).collect::<Vec<_>>().join(" ")
    }

    fn fault(text: &str) -> String {
        let faults = list(text).expect_err(text);
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        faults[0].clone()
    }

    #[test]
    fn handlers_come_first() {
        assert_eq!(list(""), Ok(String::new()));
        assert_eq!(
            list(r#"a, "/p" => [b, ..c(), _ => d], crate::e::f, ..g, _ => h, i,"#).as_deref(),
            Ok("a+crate::e::f+i /p[b .. _d] .. _h")
        );
    }

    #[test]
    fn conditions_have_groups_of_their_own() {
        assert_eq!(
            list(r#"#[cfg(x)] a, b, #[cfg(y)] c, #[cfg(x)] d, #[cfg(x)] #[cfg(z)] "/e" => []"#).as_deref(),
            Ok("b #a+d #c ##/e[]")
        );
        assert!(list("#[cfg(x)] a, #[cfg(not(x))] a, #[cfg(x)] _ => b, #[cfg(not(x))] _ => c").is_ok());
    }

    #[test]
    fn prefixes() {
        assert_eq!(list(r#""/{org}/a b" => []"#).as_deref(), Ok("/{org}/a%20b[]"));
        assert_eq!(list(r#""//API.example.com" => []"#).as_deref(), Ok("//api.example.com[]"));
        assert_eq!(list(r#""//*.example.com:8080/v1" => []"#).as_deref(), Ok("//*.example.com:8080/v1[]"));
        assert_eq!(list(r#""//[::1]:80" => []"#).as_deref(), Ok("//[::1]:80[]"));
        for (prefix, begin) in [
            ("", "`` prefixes nothing"),
            ("/", "`/` prefixes nothing"),
            ("api", "a prefix starts with `/`: `\"/api\"`"),
            ("/api/", "a prefix does not end with `/`: `\"/api\"`"),
            ("/api?{a}", "a prefix has no query"),
            ("/{*a}", "a prefix has no catch-all"),
            ("/{a", "`{` is not closed"),
            ("//", "`` is not a host"),
            ("///x", "`` is not a host"),
            ("//a b/x", "`a b` is not a host"),
            ("//a/x/", "a prefix does not end with `/`"),
        ] {
            let found = fault(&format!("\"{prefix}\" => []"));
            assert!(found.starts_with(begin), "{prefix}: {found}");
        }
    }

    #[test]
    fn faults() {
        for (text, begin) in [
            ("a, b::c, a", "`a` is already in this list"),
            ("_ => a, _ => b", "a list has one fallback handler"),
            ("#[doc = \"x\"] a", "only `#[cfg(..)]`"),
            ("a()", "`a` is named, not called"),
            ("users => [a]", "a route's path is in its attribute"),
            ("\"/a\", b", "a prefix is followed by its routes"),
            ("\"/a\" => b", "a prefix has a list of routes"),
            ("a b", "expected `,`"),
            ("3", "expected a handler's path"),
        ] {
            let found = fault(text);
            assert!(found.starts_with(begin), "{text}: {found}");
        }
        assert_eq!(list("a, a, \"x\" => [], _ => b, _ => c").unwrap_err().len(), 3);
    }
}
