//! The same routes as `benches/servers/` has them, on the other frameworks, each asked in process by what it offers for
//! that.

pub mod actix;
pub mod poem;
pub mod rocket;
pub mod salvo;
pub mod warp;

pub use waypost_benches::servers::messages::Search;
