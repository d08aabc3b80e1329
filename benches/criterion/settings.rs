//! How everything here is timed.

use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use tokio::runtime::{Builder, Runtime};

pub(crate) type Criterion = criterion::Criterion<ThreadTime>;

/// Short: ratios within one run are what counts, and a run of everything is to end in a few minutes.
pub(crate) fn settings() -> Criterion {
    criterion::Criterion::default()
        .with_measurement(ThreadTime)
        .sample_size(30)
        .warm_up_time(Duration::from_millis(150))
        .measurement_time(Duration::from_millis(600))
        .nresamples(2_000)
        .without_plots()
        .configure_from_args()
}

/// Everything is on one thread, whose time is taken.
#[allow(dead_code, reason = "lookups wait for nothing")]
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// The time that the thread has had of a processor: not that in which others had it.
pub(crate) struct ThreadTime;

impl ThreadTime {
    #[cfg(unix)]
    fn now() -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        now.try_into().expect("a clock that does not begin before zero")
    }

    /// The clock on the wall, where there is no other.
    #[cfg(not(unix))]
    fn now() -> Duration {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed()
    }
}

impl Measurement for ThreadTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        Self::now()
    }

    fn end(&self, start: Duration) -> Duration {
        Self::now() - start
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        const WALL: &WallTime = &WallTime;
        WALL.formatter()
    }
}
