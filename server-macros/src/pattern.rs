//! A route's pattern: `/users/{id}`, `/files/{*path}`, `/img-{id}.png`, with `{{` and `}}` for braces, and behind a `?`
//! the names of query parameters, `?{page}&{tag}`.
//!
//! Only `std` is used here: the core crate reads patterns by the same rules.

/// The most parameters a path can have.
pub(crate) const MAX_PARAMETERS: usize = 16;

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
    /// Reads a pattern, or says everything that is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (text, None),
        };
        if !path.is_empty() && !path.starts_with('/') {
            faults.push("a path starts with `/`, or is empty".to_owned());
        }
        if text.contains('#') {
            faults.push("a pattern has no `#`: a browser keeps the fragment to itself".to_owned());
            return Err(faults);
        }
        let pieces = read_path(path, &mut faults);
        let query = query.map_or_else(Vec::new, |query| read_query(query, &mut faults));
        let pattern = Self { path: pieces.iter().map(Piece::written).collect(), pieces, query };
        pattern.judge(&mut faults);
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
        self.pieces.iter().any(|piece| matches!(piece, Piece::CatchAll(_)))
    }

    /// What only shows when all of it is read.
    fn judge(&self, faults: &mut Vec<String>) {
        let mut in_segment = 0;
        for (index, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => {
                    if text.contains('/') {
                        in_segment = 0;
                    }
                }
                Piece::Parameter(name) => {
                    in_segment += 1;
                    if in_segment == 2 {
                        faults.push(format!("`{{{name}}}` is the second parameter of its segment: a segment has one"));
                    }
                }
                Piece::CatchAll(name) => {
                    let begins_segment = match index.checked_sub(1).map(|before| &self.pieces[before]) {
                        Some(Piece::Text(text)) => text.ends_with('/'),
                        _ => false,
                    };
                    if !begins_segment || index + 1 != self.pieces.len() {
                        faults.push(format!("the catch-all `{{*{name}}}` must be the last segment, and all of it"));
                    }
                }
            }
        }
        let count = self.parameters().count();
        if count > MAX_PARAMETERS {
            faults.push(format!("a path has at most {MAX_PARAMETERS} parameters, and this one has {count}"));
        }
        let mut seen = Vec::new();
        for name in self.parameters().chain(self.query.iter().map(|name| &**name)) {
            if seen.contains(&name) {
                faults.push(format!("the parameter `{name}` is named twice"));
            }
            seen.push(name);
        }
    }
}

impl Piece {
    fn written(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parameter(name) => format!("{{{name}}}"),
            Self::CatchAll(name) => format!("{{*{name}}}"),
        }
    }
}

fn read_path(path: &str, faults: &mut Vec<String>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = path;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&normal(&rest[..at], faults));
        rest = &rest[at..];
        if rest.starts_with("{{") {
            literal.push_str("%7B");
            rest = &rest[2..];
        } else if rest.starts_with("}}") {
            literal.push_str("%7D");
            rest = &rest[2..];
        } else if let Some(inside) = rest.strip_prefix('{') {
            let Some((name, after)) = inside.split_once('}') else {
                faults.push("a `{` is not closed; a literal brace is written `{{`".to_owned());
                return pieces;
            };
            rest = after;
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            let (catch_all, name) = match name.strip_prefix('*') {
                Some(name) => (true, name),
                None => (false, name),
            };
            judge_name(name, faults);
            pieces.push(if catch_all { Piece::CatchAll(name.to_owned()) } else { Piece::Parameter(name.to_owned()) });
        } else {
            faults.push("a `}` closes nothing; a literal brace is written `}}`".to_owned());
            rest = &rest[1..];
        }
    }
    literal.push_str(&normal(rest, faults));
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    pieces
}

fn read_query(query: &str, faults: &mut Vec<String>) -> Vec<String> {
    let mut names = Vec::new();
    for part in query.split('&') {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => {
                judge_name(name, faults);
                names.push(name.to_owned());
            }
            None => faults.push(format!(
                "behind the `?` stand names of query parameters, `?{{page}}&{{tag}}`, and not `{part}`"
            )),
        }
    }
    names
}

fn judge_name(name: &str, faults: &mut Vec<String>) {
    if name.is_empty() {
        faults.push("a parameter has a name: `{id}`".to_owned());
        return;
    }
    let mut characters = name.chars();
    let begins = characters.next().is_some_and(|first| first == '_' || first.is_alphabetic());
    let is_identifier = begins && characters.all(|other| other == '_' || other.is_alphanumeric());
    if !is_identifier || matches!(name, "_" | "self" | "Self" | "super" | "crate") {
        faults.push(format!("`{name}` cannot be the name of an argument, so it cannot name a parameter"));
    }
}

/// Literal text in normal form: what a path cannot hold is percent-encoded, what needs no encoding is decoded, and
/// hexadecimal digits are in upper case. So `%2F` stays, which is not a slash.
fn normal(text: &str, faults: &mut Vec<String>) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let decoded = if byte == b'%' {
            let Some(decoded) = hexadecimal(bytes.next(), bytes.next()) else {
                faults.push("a `%` is followed by two hexadecimal digits; for itself it is written `%25`".to_owned());
                return normal;
            };
            if !is_unreserved(decoded) {
                encode(decoded, &mut normal);
                continue;
            }
            decoded
        } else {
            byte
        };
        if decoded == b'/' || is_unreserved(decoded) || b"!$&'()*+,;=:@".contains(&decoded) {
            normal.push(char::from(decoded));
        } else {
            encode(decoded, &mut normal);
        }
    }
    normal
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn hexadecimal(high: Option<u8>, low: Option<u8>) -> Option<u8> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn encode(byte: u8, text: &mut String) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    text.push('%');
    text.push(DIGITS[usize::from(byte >> 4)]);
    text.push(DIGITS[usize::from(byte & 15)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> String {
        Pattern::parse(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}")).path
    }

    fn fault(text: &str) -> String {
        let faults = Pattern::parse(text).expect_err(text);
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        faults[0].clone()
    }

    #[test]
    fn pieces() {
        let pattern = Pattern::parse("/a/{b}/img-{c}.png/{*d}?{e}&{f}").unwrap();
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(
            pattern.pieces,
            [
                text("/a/"),
                Piece::Parameter("b".to_owned()),
                text("/img-"),
                Piece::Parameter("c".to_owned()),
                text(".png/"),
                Piece::CatchAll("d".to_owned()),
            ]
        );
        assert_eq!(pattern.query, ["e", "f"]);
        assert_eq!(Pattern::parse("").unwrap(), Pattern::default());
        assert_eq!(Pattern::parse("?{q}").unwrap().query, ["q"]);
    }

    #[test]
    fn literal_text_is_in_normal_form() {
        assert_eq!(path("/caf\u{e9} au lait"), "/caf%C3%A9%20au%20lait");
        assert_eq!(path("/%61%2f%7e%3a"), "/a%2F~%3A");
        assert_eq!(path("/{{x}}/{y}"), "/%7Bx%7D/{y}");
        assert_eq!(path("/a:b@c!$&'()*+,;=|\"<"), "/a:b@c!$&'()*+,;=%7C%22%3C");
        assert_eq!(path("/a%25b"), "/a%25b");
    }

    #[test]
    fn faults() {
        for (text, begin) in [
            ("users", "a path starts with `/`"),
            ("{id}", "a path starts with `/`"),
            ("/a#b", "a pattern has no `#`"),
            ("/{id", "a `{` is not closed"),
            ("/id}", "a `}` closes nothing"),
            ("/{}", "a parameter has a name"),
            ("/{*}", "a parameter has a name"),
            ("/{a-b}", "`a-b` cannot be the name"),
            ("/{1a}", "`1a` cannot be the name"),
            ("/{self}", "`self` cannot be the name"),
            ("/{a}{b}", "`{b}` is the second parameter"),
            ("/{a}-{b}", "`{b}` is the second parameter"),
            ("/{*a}/b", "the catch-all `{*a}` must be the last"),
            ("/x{*a}", "the catch-all `{*a}` must be the last"),
            ("/{a}/{a}", "the parameter `a` is named twice"),
            ("/{a}?{a}", "the parameter `a` is named twice"),
            ("/?{a}&{a}", "the parameter `a` is named twice"),
            ("/?a={a}", "behind the `?`"),
            ("/?", "behind the `?`"),
            ("/%2", "a `%` is followed by two"),
            ("/%zz", "a `%` is followed by two"),
        ] {
            let found = fault(text);
            assert!(found.starts_with(begin), "{text}: {found}");
        }
        let many: String = (0..17).map(|index| format!("/{{p{index}}}")).collect();
        assert_eq!(fault(&many), "a path has at most 16 parameters, and this one has 17");
    }

    #[test]
    fn several_faults_are_all_told() {
        assert_eq!(Pattern::parse("a/{}/{b}{c}?d").unwrap_err().len(), 4);
    }
}
