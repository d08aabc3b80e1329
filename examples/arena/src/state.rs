//! What handlers share.

use waypost::{Result, State};

use crate::cache::Cache;
use crate::database::Database;
use crate::json::Dataset;
use crate::settings::Settings;

/// Each field is a handler's to take, as `State<&Dataset>`.
#[derive(State)]
pub(crate) struct AppState {
    dataset: Dataset,
    database: Database,
    cache: Cache,
}

impl AppState {
    pub(crate) fn load(settings: &Settings) -> Result<Self> {
        Ok(Self {
            dataset: Dataset::load(&settings.dataset())?,
            database: Database::new(settings)?,
            cache: Cache::default(),
        })
    }
}
