//! Cookies between requests (RFC 6265 section 5, as far as one application needs it).

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderValue, header};

/// Cookies by path and name. There is one host, so domains do not matter; nor do times other than "at once".
#[derive(Debug, Default)]
pub(super) struct Cookies {
    kept: BTreeMap<(String, String), String>,
}

impl Cookies {
    /// The `Cookie` field for a request to this path, longer cookie paths first.
    pub(super) fn header(&self, path: &str) -> Option<HeaderValue> {
        let mut fitting: Vec<_> = self.kept.iter().filter(|((scope, _), _)| covers(scope, path)).collect();
        fitting.sort_by_key(|((scope, _), _)| std::cmp::Reverse(scope.len()));
        let pairs: Vec<_> = fitting.iter().map(|((_, name), value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { None } else { HeaderValue::from_str(&pairs.join("; ")).ok() }
    }

    /// Keeps what a reply to a request for `path` sets.
    pub(super) fn keep(&mut self, path: &str, headers: &HeaderMap) {
        for field in headers.get_all(header::SET_COOKIE).iter().filter_map(|field| field.to_str().ok()) {
            let mut parts = field.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let mut scope = default_path(path);
            let mut expired = false;
            for (key, value) in parts.filter_map(|attribute| attribute.split_once('=')) {
                if key.eq_ignore_ascii_case("path") && value.starts_with('/') {
                    scope = value.to_owned();
                } else if key.eq_ignore_ascii_case("max-age") {
                    expired = value.parse::<i64>().is_ok_and(|seconds| seconds <= 0);
                }
            }
            let key = (scope, name.to_owned());
            if expired {
                self.kept.remove(&key);
            } else {
                self.kept.insert(key, value.to_owned());
            }
        }
    }
}

/// RFC 6265 section 5.1.4.
fn default_path(path: &str) -> String {
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => path[..end].to_owned(),
    }
}

fn covers(scope: &str, path: &str) -> bool {
    path.strip_prefix(scope)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || scope.ends_with('/'))
}
