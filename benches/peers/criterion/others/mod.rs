//! The same routes as `benches/servers/` has them, on the other frameworks, each asked in process by what it offers for
//! that.

pub mod actix;
pub mod poem;
pub mod rocket;
pub mod salvo;
pub mod warp;

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Search {
    pub q: String,
    pub page: Option<u32>,
}

impl Search {
    pub fn text(&self) -> String {
        format!("page {} of {}", self.page.unwrap_or(1), self.q)
    }
}
