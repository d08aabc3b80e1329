use super::Table;
#[derive(Debug)] pub struct RouteConflict;
impl std::fmt::Display for RouteConflict { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("") } }
impl std::error::Error for RouteConflict {}
pub const fn check(_: &Table) {}
