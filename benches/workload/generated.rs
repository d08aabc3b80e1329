//! Tables of any number of routes: of each ten, four are literal text, four have parameters, and two a catch-all.

/// What kind of route the one at an index is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Static,
    Parameter,
    CatchAll,
}

pub fn kind(index: usize) -> Kind {
    match index % 10 {
        0..4 => Kind::Static,
        4..8 => Kind::Parameter,
        _ => Kind::CatchAll,
    }
}

const NOUNS: [&str; 16] = [
    "accounts", "articles", "branches", "builds", "carts", "comments", "devices", "events", "groups",
    "invoices", "labels", "members", "orders", "payments", "products", "reports",
];

/// What routes have before what tells them apart, which is a number: many begin alike.
fn stem(index: usize) -> String {
    format!("/api/v{}/{}-{}", index % 3 + 1, NOUNS[index % NOUNS.len()], index)
}

/// The pattern of the route at an index, as matchit writes them.
pub fn pattern(index: usize) -> String {
    let stem = stem(index);
    match kind(index) {
        Kind::Static => format!("{stem}/summary"),
        Kind::Parameter => format!("{stem}/{{id}}/items/{{item}}"),
        Kind::CatchAll => format!("{stem}/{{*rest}}"),
    }
}

/// A path that the route at an index has.
pub fn path(index: usize) -> String {
    let stem = stem(index);
    match kind(index) {
        Kind::Static => format!("{stem}/summary"),
        Kind::Parameter => format!("{stem}/4711/items/blue"),
        Kind::CatchAll => format!("{stem}/docs/2026/index.html"),
    }
}

/// A path that looks like that of the route at an index and is nobody's.
pub fn miss(index: usize) -> String {
    format!("{}x/4711", stem(index))
}
