//! The only source of time: every rule and every step asks a `Clock`, so that tests and the
//! demo can hold it still.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

use chrono::{DateTime, Utc};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now, in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }
}

/// A clock that moves only when told to. Clones share the same hands.
#[derive(Clone, Debug)]
pub struct StoppedClock {
    unix_secs: Arc<AtomicI64>,
}

impl StoppedClock {
    /// A clock standing at this time; fractions of a second are cut off.
    #[must_use]
    pub fn at(time: DateTime<Utc>) -> Self {
        let unix_secs = Arc::new(AtomicI64::new(time.timestamp()));
        Self { unix_secs }
    }

    /// Puts the clock, and all its clones, at this time.
    pub fn set(&self, time: DateTime<Utc>) {
        self.unix_secs.store(time.timestamp(), Ordering::SeqCst);
    }

    /// Moves the clock by this many seconds, backwards when negative.
    pub fn advance(&self, secs: i64) {
        self.unix_secs.fetch_add(secs, Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> DateTime<Utc> {
        let secs = self.unix_secs.load(Ordering::SeqCst);
        // Out of chrono's range means some 260,000 years away: stay at the nearer end of time.
        DateTime::from_timestamp(secs, 0).unwrap_or(if secs < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_stopped_clock_moves_only_when_told_and_its_clones_with_it() {
        let clock = StoppedClock::at(time("2026-06-28T01:00:00Z"));
        let other = clock.clone();
        let bystander = StoppedClock::at(time("2026-06-28T01:00:00Z"));
        clock.advance(90);
        assert_eq!(other.now(), time("2026-06-28T01:01:30Z"));
        other.advance(-30);
        assert_eq!(clock.now(), time("2026-06-28T01:01:00Z"));
        clock.set(time("2018-05-26T00:00:00Z"));
        assert_eq!(other.now(), time("2018-05-26T00:00:00Z"));
        assert_eq!(bystander.now(), time("2026-06-28T01:00:00Z"));
    }

    #[test]
    fn a_clock_driven_off_the_calendar_stays_at_its_end() {
        let clock = StoppedClock::at(time("2026-06-28T01:00:00Z"));
        clock.advance(i64::MAX / 2);
        assert_eq!(clock.now(), DateTime::<Utc>::MAX_UTC);
    }

    #[test]
    fn the_system_clock_does_not_stand_before_this_was_written() {
        assert!(SystemClock.now() > time("2024-01-01T00:00:00Z"));
    }
}
