//! A route's pattern: its path, `/users/{id}`, and behind a `?` the names of query parameters, `?{page}&{tag}`.
//!
//! The path is read by [`path`], which is a copy of the core's `routing/pattern.rs`, so that both judge alike; a test of
//! the core compares the two.

#[allow(clippy::all, dead_code, unreachable_pub, reason = "it is written for the core, which uses all of it")]
mod path;

use syn::Ident;
use syn::ext::IdentExt;
use syn::parse::Parser;

/// A sound pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// The path, its literal text in normal form (RFC 3986 section 6.2.2), so that no literal brace is in it.
    pub(crate) path: String,
    /// The path again, piece by piece.
    pub(crate) pieces: Vec<Piece>,
    /// The names of the query parameters, in order.
    pub(crate) query: Vec<String>,
}

/// A piece of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Literal text, in normal form.
    Text(String),
    /// `{name}`: a segment, or part of one.
    Parameter(String),
    /// `{*name}`: the rest of the path.
    CatchAll(String),
}

impl Pattern {
    /// Reads a pattern, or says what is wrong with it: one fault of the path, and every fault of the names.
    pub(crate) fn parse(written: &str) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let (path, query) = match written.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (written, None),
        };
        let query = query.map_or_else(Vec::new, |query| read_query(query, &mut faults));
        let path = match read_path(path) {
            Ok(path) => path,
            Err(error) => {
                faults.insert(0, error.to_string());
                return Err(faults);
            }
        };
        let pattern = Self { pieces: pieces(&path), path, query };
        pattern.judge_names(&mut faults);
        if faults.is_empty() { Ok(pattern) } else { Err(faults) }
    }

    /// The names of the path's parameters, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Parameter(name) | Piece::CatchAll(name) => Some(&**name),
        })
    }

    pub(crate) fn has_catch_all(&self) -> bool {
        matches!(self.pieces.last(), Some(Piece::CatchAll(_)))
    }

    /// Every name is an argument's, so it is one that an argument can have, and one argument's only.
    fn judge_names(&self, faults: &mut Vec<String>) {
        let mut seen = Vec::new();
        for name in self.parameters().chain(self.query.iter().map(|name| &**name)) {
            if !is_argument(name) {
                faults.push(format!(
                    "`{name}` cannot be the name of an argument, so it cannot name a parameter"
                ));
            } else if seen.contains(&name) {
                faults.push(format!("the parameter `{name}` is named twice"));
            }
            seen.push(name);
        }
    }
}

/// The path in normal form. It may be empty: then the route is its prefix's own.
fn read_path(path: &str) -> Result<String, path::PatternError> {
    if path.is_empty() { Ok(String::new()) } else { Ok(path::Pattern::parse(path)?.as_str().to_owned()) }
}

/// A path in normal form, in which every brace is a parameter's.
fn pieces(path: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = path;
    while let Some((text, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        pieces.push(match name.strip_prefix('*') {
            Some(name) => Piece::CatchAll(name.to_owned()),
            None => Piece::Parameter(name.to_owned()),
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    pieces
}

fn read_query(query: &str, faults: &mut Vec<String>) -> Vec<String> {
    let mut names = Vec::new();
    for part in query.split('&') {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => names.push(name.to_owned()),
            None => faults.push(format!(
                "behind the `?` stand names of query parameters, `?{{page}}&{{tag}}`, and not `{part}`"
            )),
        }
    }
    names
}

/// Whether an argument can have the name: keywords can, as raw identifiers.
fn is_argument(name: &str) -> bool {
    Parser::parse_str(Ident::parse_any, name).is_ok()
        && !name.starts_with("r#")
        && !matches!(name, "_" | "self" | "Self" | "super" | "crate")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(written: &str) -> String {
        let faults = Pattern::parse(written).expect_err(written);
        assert_eq!(faults.len(), 1, "{written}: {faults:?}");
        faults[0].clone()
    }

    #[test]
    fn pieces() {
        let pattern = Pattern::parse("/{{a/{b}/img-{c}.png/{*type}?{e}&{f}").unwrap();
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(
            pattern.pieces,
            [
                text("/%7Ba/"),
                Piece::Parameter("b".to_owned()),
                text("/img-"),
                Piece::Parameter("c".to_owned()),
                text(".png/"),
                Piece::CatchAll("type".to_owned()),
            ]
        );
        assert_eq!(pattern.query, ["e", "f"]);
        assert!(pattern.has_catch_all());
        assert_eq!(Pattern::parse("").unwrap(), Pattern::default());
        assert_eq!(Pattern::parse("?{q}").unwrap().query, ["q"]);
    }

    #[test]
    fn faults() {
        for (written, begin) in [
            ("users", "a path must start with `/`"),
            ("/{id", "`{` is not closed"),
            ("/{}", "a parameter must have a name"),
            ("/{a-b}", "`a-b` cannot be the name"),
            ("/{1a}", "`1a` cannot be the name"),
            ("/{self}", "`self` cannot be the name"),
            ("/{_}", "`_` cannot be the name"),
            ("/{a}{b}", "segment `{a}{b}` has two parameters"),
            ("/{*a}/b", "a catch-all must be the whole of the last segment"),
            ("/{a}/{a}", "two parameters are named `a`"),
            ("/{a}?{a}", "the parameter `a` is named twice"),
            ("/?{a}&{a}", "the parameter `a` is named twice"),
            ("/?{r#a}", "`r#a` cannot be the name"),
            ("/?{}", "`` cannot be the name"),
            ("/?a={a}", "behind the `?`"),
            ("/?", "behind the `?`"),
            ("/a#b", "`#` cannot be in a path"),
        ] {
            let found = fault(written);
            assert!(found.starts_with(begin), "{written}: {found}");
        }
        assert_eq!(Pattern::parse("/{?{1}&a").unwrap_err().len(), 2);
    }
}
