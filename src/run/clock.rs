//! The one place that reads the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::report::Millis;

/// The wall clock. A run reads it once; a shell, whose run lasts as long as somebody sits before it,
/// once for each statement.
#[derive(Debug, Clone, Copy)]
pub struct Clock;

impl Clock {
    /// Now, in whole seconds like the times in reports.
    #[must_use]
    pub fn now(self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::try_from(since.as_secs()).unwrap_or_default().saturating_mul(1000)
    }
}

/// How long something takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins to count.
    #[must_use]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since.
    #[must_use]
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
