//! The profile upload: how many bytes came.

use waypost::{Body, Result, Routes, post, routes};

use crate::state::AppState;

pub(crate) fn routes() -> impl Routes<AppState> {
    routes![upload]
}

/// Counts what it is sent, piece by piece: up to 20 MiB in place of the application's 2, and none of it is kept.
#[post("/upload", body_limit = 20_971_520)]
async fn upload(mut body: Body) -> Result<String> {
    let mut total = 0;
    while let Some(piece) = body.chunk().await? {
        total += piece.len();
    }
    Ok(total.to_string())
}
