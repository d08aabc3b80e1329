//! What a WebSocket is held to.

use std::time::Duration;

use crate::lifecycle::Shutdown;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) message_size: usize,
    /// As the message, if it is not set.
    pub(super) frame_size: Option<usize>,
    pub(super) ping_interval: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) send_timeout: Option<Duration>,
    pub(super) control_frames: bool,
    pub(super) close_on_shutdown: bool,
    pub(super) shutdown: Shutdown,
}

impl Settings {
    pub(super) fn new(shutdown: Shutdown) -> Self {
        Self {
            message_size: 1024 * 1024,
            frame_size: None,
            ping_interval: Some(Duration::from_secs(30)),
            idle_timeout: Some(Duration::from_secs(60)),
            send_timeout: Some(Duration::from_secs(30)),
            control_frames: false,
            close_on_shutdown: true,
            shutdown,
        }
    }
}
