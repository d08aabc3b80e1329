//! How everything here is timed.

use std::time::Duration;

use criterion::Criterion;
use tokio::runtime::{Builder, Runtime};

/// Short: ratios within one run are what counts, and a run of everything is to end in a few minutes.
pub fn settings() -> Criterion {
    Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(150))
        .measurement_time(Duration::from_millis(600))
        .nresamples(2_000)
        .without_plots()
        .configure_from_args()
}

pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}
