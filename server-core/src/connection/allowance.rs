//! How long a peer may keep somebody waiting.

use std::time::Duration;

/// What a peer is allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// How long it may let one wait at first.
    first: i64,
    /// How long at most, whatever it has done before.
    most: i64,
    /// Bytes that make up for a second.
    rate: u32,
}

/// What one has left: time, in nanoseconds, used up by waiting and earned by bytes.
///
/// So a peer that does nothing is given up after the time allowed, a slow and steady one never, and one that drips
/// as if it did nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowance {
    left: Option<i64>,
    /// Bytes moved until the last look.
    moved: u64,
    /// It was waited for at the last look.
    waited: bool,
}

impl Terms {
    /// Without a rate every byte earns all there is to earn.
    pub(super) fn new(first: Duration, most: Duration, rate: u32) -> Self {
        let most = nanos(most);
        let first = if rate == 0 { most } else { nanos(first).min(most) };
        Self { first, most, rate }
    }

    fn earned(&self, bytes: u64) -> i64 {
        if bytes == 0 {
            return 0;
        }
        let nanos = (u128::from(bytes) * 1_000_000_000).checked_div(u128::from(self.rate));
        nanos.and_then(|nanos| i64::try_from(nanos).ok()).unwrap_or(i64::MAX).min(self.most)
    }
}

impl Allowance {
    /// A look, `passed` after the last: so much has moved in all, and the peer is or is not waited for. Whether there
    /// is anything left.
    ///
    /// It counts as waited for in between if it was at both ends. That errs by one look to the peer's favour at each
    /// end of a long wait, and not at all on average over many short ones.
    pub(super) fn look(&mut self, terms: &Terms, passed: Duration, moved: u64, waiting: bool) -> bool {
        let fresh = moved.wrapping_sub(self.moved);
        let used = if self.waited && waiting { nanos(passed) } else { 0 };
        let left = self.left.unwrap_or(terms.first);
        let left = left.saturating_sub(used).saturating_add(terms.earned(fresh)).min(terms.most);
        *self = Self { left: Some(left), moved, waited: waiting };
        left > 0 || !waiting
    }
}

fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_secs(1);

    /// The look, from 1, at which a peer that is always waited for has nothing left.
    fn over(terms: &Terms, bytes: impl Fn(u64) -> u64) -> Option<u64> {
        let mut allowance = Allowance::default();
        let mut moved = 0;
        allowance.look(terms, Duration::ZERO, 0, true);
        (1..1000).find(|look| {
            moved += bytes(*look);
            !allowance.look(terms, TICK, moved, true)
        })
    }

    #[test]
    fn silence_drips_and_steadiness() {
        let terms = Terms::new(TICK * 10, TICK * 30, 240);
        assert_eq!(over(&terms, |_| 0), Some(10));
        assert_eq!(over(&terms, |_| 1), Some(11));
        assert_eq!(over(&terms, |_| 120), Some(20));
        assert_eq!(over(&terms, |_| 240), None);
        // What was earned before the silence is worth thirty seconds at most.
        assert_eq!(over(&terms, |look| if look == 5 { 1_000_000 } else { 0 }), Some(35));
        // In lumps, as kernels take and give them.
        assert_eq!(over(&terms, |look| if look % 9 == 0 { 240 * 9 } else { 0 }), None);
        assert_eq!(over(&terms, |look| if look % 29 == 5 { 10_000 } else { 0 }), None);
    }

    #[test]
    fn without_a_rate_any_byte_will_do() {
        let terms = Terms::new(TICK * 10, TICK * 30, 0);
        assert_eq!(over(&terms, |_| 0), Some(30));
        assert_eq!(over(&terms, |look| u64::from(look % 29 == 0)), None);
    }

    #[test]
    fn who_is_not_waited_for_uses_up_nothing() {
        let terms = Terms::new(TICK * 10, TICK * 30, 240);
        let mut allowance = Allowance::default();
        for _ in 0..100 {
            assert!(allowance.look(&terms, TICK, 0, false));
            assert!(allowance.look(&terms, TICK, 0, true));
        }
        assert!(Terms::new(Duration::MAX, Duration::MAX, u32::MAX).earned(u64::MAX) > 0);
    }
}
