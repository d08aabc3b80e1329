//! How a server behaves. Not public yet: the full set of settings comes with its own issue.

use std::sync::Arc;

use crate::connection::Limits;

/// A server's settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    /// Shared by all its connections.
    pub(crate) connection: Arc<Limits>,
}
