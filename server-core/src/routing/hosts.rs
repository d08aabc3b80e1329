//! What is bound to hosts: exact names before wildcards, longer wildcards before shorter.

use std::cmp::Ordering;

/// Values by host name, found without case and without port (RFC 3986 §3.2.2, RFC 9110 §4.2.3).
///
/// `*.example.com` covers every name beneath `example.com`, at any depth, but not `example.com` itself.
pub(super) struct Hosts<T> {
    /// Both sorted by name, in lower case; of a wildcard, the name is what follows `*`, dot included.
    exact: Vec<(String, T)>,
    wildcard: Vec<(String, T)>,
}

impl<T> Hosts<T> {
    pub(super) fn new(bound: impl IntoIterator<Item = (String, T)>) -> Self {
        let (mut exact, mut wildcard) = (Vec::new(), Vec::new());
        for (host, value) in bound {
            let host = host.to_ascii_lowercase();
            match host.strip_prefix('*') {
                Some(beneath) if beneath.starts_with('.') => wildcard.push((beneath.to_owned(), value)),
                _ => exact.push((host, value)),
            }
        }
        wildcard.sort_by(|(a, _), (b, _)| a.cmp(b));
        exact.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { exact, wildcard }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.wildcard.is_empty()
    }

    /// What is bound to a `Host` field's value: to the name itself, and to the longest wildcard that covers it.
    pub(super) fn find(&self, host: &str) -> [Option<&T>; 2] {
        let name = name_of(host);
        let mut dots = name.match_indices('.').filter(|(at, _)| *at > 0);
        [lookup(&self.exact, name), dots.find_map(|(at, _)| lookup(&self.wildcard, &name[at..]))]
    }
}

/// `Example.com.:8080` without port and without the dot that ends a rooted name; an IPv6 literal in its brackets.
fn name_of(host: &str) -> &str {
    let name = match host.split_once(']') {
        Some((literal, _)) => &host[..literal.len() + 1],
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.strip_suffix('.').unwrap_or(name)
}

fn lookup<'a, T>(sorted: &'a [(String, T)], name: &str) -> Option<&'a T> {
    let found = sorted.binary_search_by(|(known, _)| compare(known, name));
    found.ok().map(|at| &sorted[at].1)
}

fn compare(lower_case: &str, name: &str) -> Ordering {
    lower_case.bytes().cmp(name.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_then_wildcard() {
        let hosts = ["a.com", "API.a.com", "*.a.com", "*.x.A.com", "[::1]"];
        let hosts = Hosts::new(hosts.map(|host| (host.to_owned(), host)));
        let find = |host| hosts.find(host).map(Option::<&&str>::copied);
        assert_eq!(find("A.COM:80"), [Some("a.com"), None]);
        assert_eq!(find("a.com."), [Some("a.com"), None]);
        assert_eq!(find("api.a.com"), [Some("API.a.com"), Some("*.a.com")]);
        assert_eq!(find("b.c.a.com"), [None, Some("*.a.com")]);
        assert_eq!(find("Y.X.a.com:8"), [None, Some("*.x.A.com")]);
        assert_eq!(find("x.a.com"), [None, Some("*.a.com")]);
        assert_eq!(find(".a.com"), [None, None]);
        assert_eq!(find("[::1]:443"), [Some("[::1]"), None]);
        assert_eq!(find(""), [None, None]);
    }
}
