use super::Table;
#[derive(Debug)] /// x
pub struct RouteConflict;
impl std::fmt::Display for RouteConflict { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("") } }
impl std::error::Error for RouteConflict {}
/// x
pub const fn check(_: &Table) {}
