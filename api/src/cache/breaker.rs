//! Doing without what does not answer.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Failures in a row after which nobody waits any longer.
const FAILURES: u32 = 3;

/// How long nobody asks then, before one caller tries again.
const PAUSE: Duration = Duration::from_millis(500);

/// Lets calls through while they succeed. After some failures in a row only one in each pause goes
/// through, to see whether the other side is back; all others are spared the wait.
#[derive(Debug)]
pub(crate) struct Breaker {
    began: Instant,
    failures: AtomicU32,
    /// When the next call may try, milliseconds since `began`.
    next_try: AtomicU64,
}

impl Breaker {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            failures: AtomicU32::new(0),
            next_try: AtomicU64::new(0),
        }
    }

    /// Whether a call may go through.
    pub(crate) fn lets_through(&self) -> bool {
        self.lets_through_at(self.began.elapsed())
    }

    fn lets_through_at(&self, now: Duration) -> bool {
        if self.failures.load(Ordering::Relaxed) < FAILURES {
            return true;
        }
        let (now, later) = (millis(now), millis(now + PAUSE));
        let next = self.next_try.load(Ordering::Relaxed);
        let claim = || {
            self.next_try
                .compare_exchange(next, later, Ordering::Relaxed, Ordering::Relaxed)
        };
        next <= now && claim().is_ok()
    }

    /// A call has succeeded.
    pub(crate) fn succeeded(&self) {
        // Written only where it changes something: every call comes through here.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// A call has failed. True when it is the one after which nobody waits any longer.
    pub(crate) fn failed(&self) -> bool {
        self.failed_at(self.began.elapsed())
    }

    fn failed_at(&self, now: Duration) -> bool {
        let failures = self
            .failures
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        if failures == FAILURES {
            self.next_try.store(millis(now + PAUSE), Ordering::Relaxed);
        }
        failures == FAILURES
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(10);

    #[test]
    fn after_three_failures_in_a_row_one_call_a_pause_tries() {
        let breaker = Breaker::new();
        assert!(!breaker.failed_at(START) && !breaker.failed_at(START));
        assert!(breaker.lets_through_at(START), "two are not three");
        assert!(breaker.failed_at(START));
        assert!(!breaker.lets_through_at(START));
        assert!(!breaker.lets_through_at(START + PAUSE / 2));

        assert!(breaker.lets_through_at(START + PAUSE));
        assert!(!breaker.lets_through_at(START + PAUSE), "one tries");
        breaker.failed_at(START + PAUSE);
        assert!(breaker.lets_through_at(START + 2 * PAUSE), "and one later");

        breaker.succeeded();
        assert!(breaker.lets_through_at(START + 2 * PAUSE));
        assert!(breaker.lets_through_at(START + 2 * PAUSE));
    }

    #[test]
    fn a_success_between_failures_keeps_it_open() {
        let breaker = Breaker::new();
        for _ in 0..10 {
            breaker.failed_at(START);
            breaker.failed_at(START);
            breaker.succeeded();
        }
        assert!(breaker.lets_through_at(START));
    }
}
