//! What is counted: atomics, with labels whose values are all known when the program is built.

use std::{
    marker::PhantomData,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use prometheus_client::metrics::{counter::Counter, gauge::Gauge};

/// A label with a closed set of values.
pub trait Label: Copy + 'static {
    /// Its name.
    const NAME: &'static str;
    /// Every value, in the order of [`Self::place`].
    const ALL: &'static [Self];
    /// How the value is written.
    fn value(self) -> &'static str;
    /// Where the value stands in [`Self::ALL`].
    fn place(self) -> usize;
}

/// Declares a label: its name, and each of its values with the way it is written.
macro_rules! label {
    ($(#[$about:meta])* $label:ident $name:literal: $($(#[$meaning:meta])* $value:ident $text:literal)+) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $label {
            $($(#[$meaning])* $value,)+
        }

        impl Label for $label {
            const NAME: &'static str = $name;
            const ALL: &'static [Self] = &[$(Self::$value),+];

            fn value(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)+
                }
            }

            fn place(self) -> usize {
                self as usize
            }
        }
    };
}

label! {
    /// What a request asks for, by its path.
    Route "route":
    /// The GraphQL endpoint.
    Graphql "graphql"
    /// One result as JSON.
    Result "result"
    /// Published files.
    Public "public"
    /// A draw on the wall, or its protocol.
    Wall "wall"
    /// The calendar's feed.
    Calendar "calendar"
    /// Whether the node lives and is ready.
    Health "health"
    /// The explorer.
    Explorer "explorer"
    /// Paths that lead nowhere.
    Other "other"
}

label! {
    /// The class of an answer's status.
    StatusClass "status":
    /// Upgrades of a connection.
    Informational "1xx"
    /// Answered.
    Success "2xx"
    /// Elsewhere, or not changed.
    Redirection "3xx"
    /// The caller's mistake.
    ClientError "4xx"
    /// Ours, or not now.
    ServerError "5xx"
}

label! {
    /// Where the answer to a look-up came from.
    Tier "tier":
    /// The node's own memory.
    Local "local"
    /// The Redis that nodes share.
    Redis "redis"
    /// The database.
    Database "database"
}

label! {
    /// What came of asking the shared Redis.
    Outcome "outcome":
    /// It had the value.
    Hit "hit"
    /// It did not.
    Miss "miss"
    /// It had something whose MAC is not ours.
    Refused "refused"
    /// It did not answer, or not in time.
    TimedOut "timed_out"
}

label! {
    /// What came of a statement.
    StatementOutcome "outcome":
    /// It ran.
    Done "done"
    /// The database refused it, or is away.
    Failed "failed"
}

/// One metric for each value of a label.
#[derive(Debug)]
pub struct By<L, M> {
    each: Box<[M]>,
    label: PhantomData<fn() -> L>,
}

impl<L: Label, M: Default> Default for By<L, M> {
    fn default() -> Self {
        Self {
            each: L::ALL.iter().map(|_| M::default()).collect(),
            label: PhantomData,
        }
    }
}

impl<L: Label, M> By<L, M> {
    /// The metric of a value.
    #[must_use]
    pub fn get(&self, label: L) -> &M {
        &self.each[label.place()]
    }

    /// Every value with its metric.
    pub fn iter(&self) -> impl Iterator<Item = (L, &M)> {
        L::ALL.iter().copied().zip(&self.each)
    }
}

/// Upper ends of the buckets, microseconds: memory, Redis, a statement, a page of them, what people
/// notice, what they give up on.
const BUCKETS_MICROS: [u64; 6] = [1_000, 5_000, 25_000, 100_000, 500_000, 2_500_000];

/// How long something took, in few buckets.
#[derive(Debug, Default)]
pub struct Durations {
    /// One more than there are ends: the last holds what took longer.
    buckets: [AtomicU64; BUCKETS_MICROS.len() + 1],
    micros: AtomicU64,
}

impl Durations {
    /// Takes one down.
    pub fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS_MICROS.partition_point(|end| *end < micros);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Upper ends in seconds, each with how many ended in that bucket; the last has no end.
    pub(super) fn buckets(&self) -> Vec<(f64, u64)> {
        let ends = BUCKETS_MICROS.iter().map(|end| seconds(*end));
        let counts = self
            .buckets
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        ends.chain([f64::MAX]).zip(counts).collect()
    }

    /// The sum of all, seconds.
    pub(super) fn sum(&self) -> f64 {
        seconds(self.micros.load(Ordering::Relaxed))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "whoever reads a sum of durations reads no 53 bits of it"
)]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// What is counted of a node, since it started.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Requests that were answered.
    pub requests: By<Route, By<StatusClass, Counter>>,
    /// From a request's head to its answer's; for what stays open, until it is open.
    pub request_time: By<Route, Durations>,
    /// Requests whose answer is not there yet.
    pub in_flight: Gauge,
    /// Requests refused because their client has used up what it may have.
    pub rate_limited: Counter,
    /// Requests given up or refused because this node has no room for them.
    pub shed: Counter,
    /// Look-ups of a result that were answered, by where the answer was found.
    pub look_ups: By<Tier, Counter>,
    /// Statements that ran.
    pub statements: By<StatementOutcome, Counter>,
    /// How long they took, once they had a connection.
    pub statement_time: Durations,
    /// Connections that follow something.
    pub followers: Gauge,
}

/// What a cache counts of itself.
#[derive(Debug, Default)]
pub struct CacheReads {
    /// Values found in the process's own memory.
    pub memory: Counter,
    /// What came of asking the Redis that nodes share.
    pub shared: By<Outcome, Counter>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_holds_it() {
        let durations = Durations::default();
        for micros in [0, 1_000, 1_001, 2_500_000, 2_500_001, u64::MAX / 4] {
            durations.observe(Duration::from_micros(micros));
        }
        let counts: Vec<_> = durations
            .buckets()
            .into_iter()
            .map(|(_, count)| count)
            .collect();
        assert_eq!(counts, [2, 1, 0, 0, 0, 1, 2]);
    }

    #[test]
    fn every_value_of_a_label_stands_where_it_says() {
        fn check<L: Label + PartialEq + std::fmt::Debug>() {
            for (place, label) in L::ALL.iter().enumerate() {
                assert_eq!(label.place(), place, "{label:?}");
            }
        }
        check::<Route>();
        check::<StatusClass>();
        check::<Tier>();
        check::<Outcome>();
        check::<StatementOutcome>();
    }
}
