//! Buckets of units that fill again with time.

use std::{
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;

use crate::{cache::Wanted, config::Rate, graphql::allowance::Standing};

/// Clients whose buckets are kept. Of more than these, those who asked least are forgotten, and
/// begin with a full bucket.
const CLIENTS_MAX: u64 = 200_000;

/// How long an untouched bucket is kept; it is full long before.
const UNTOUCHED: Duration = Duration::from_hours(1);

/// A bucket a client. This node's memory: what another node gave is not counted here.
pub(super) struct Buckets<K> {
    rate: Rate,
    /// When a bucket is full again, microseconds since 1970: all there is to know of it.
    full_at: Cache<K, Arc<Mutex<i64>>>,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Buckets<K> {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            full_at: Cache::builder()
                .max_capacity(CLIENTS_MAX)
                .time_to_idle(UNTOUCHED)
                .build(),
        }
    }

    /// Microseconds in which one unit comes back.
    fn unit(&self) -> i64 {
        1_000_000 / i64::from(self.rate.per_second.clamp(1, 1_000_000))
    }

    /// What taking so many units comes to. Nobody waits for more than a full bucket: what costs more
    /// than that empties it.
    pub(super) fn wanted(&self, cost: u64) -> Wanted {
        let cost = cost.min(u64::from(self.rate.burst));
        Wanted {
            capacity: i64::from(self.rate.burst) * self.unit(),
            price: i64::try_from(cost).unwrap_or(i64::MAX) * self.unit(),
        }
    }

    /// Takes units out of a client's bucket, or says how long to wait for them.
    pub(super) fn take(
        &self,
        client: &K,
        cost: u64,
        now: DateTime<Utc>,
    ) -> Result<Standing, TimeDelta> {
        let bucket = self.full_at.get_with_by_ref(client, Arc::default);
        let mut full_at = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let unit = self.unit();
        let cost = cost.min(u64::from(self.rate.burst));
        let Wanted { capacity, price } = self.wanted(cost);
        let now_micros = now.timestamp_micros();
        // A clock that was set back must not leave anybody waiting for it.
        let missing = (*full_at - now_micros).clamp(0, capacity) + price;
        if capacity < missing {
            return Err(TimeDelta::microseconds(missing - capacity));
        }
        *full_at = now_micros + missing;
        Ok(Standing {
            limit: self.rate.burst.into(),
            cost,
            remaining: u64::try_from((capacity - missing) / unit).unwrap_or(0),
            reset_at: now + TimeDelta::microseconds(missing),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + secs, 0).expect("a time")
    }

    fn buckets() -> Buckets<&'static str> {
        Buckets::new(Rate {
            burst: 10,
            per_second: 2,
        })
    }

    #[test]
    fn a_bucket_is_emptied_and_fills_again_and_the_others_stay_full() {
        let buckets = buckets();
        let first = buckets.take(&"a", 7, at(0)).expect("there");
        assert_eq!((first.limit, first.cost, first.remaining), (10, 7, 3));
        assert_eq!(first.reset_at, at(0) + TimeDelta::milliseconds(3_500));
        assert_eq!(
            buckets.take(&"a", 5, at(0)),
            Err(TimeDelta::seconds(1)),
            "two units are missing, and two come each second"
        );
        assert_eq!(buckets.take(&"b", 10, at(0)).expect("there").remaining, 0);
        assert_eq!(buckets.take(&"a", 5, at(1)).expect("there").remaining, 0);
        assert_eq!(buckets.take(&"a", 1, at(60)).expect("there").remaining, 9);
    }

    #[test]
    fn a_refusal_takes_nothing() {
        let buckets = buckets();
        buckets.take(&"a", 8, at(0)).expect("there");
        for _ in 0..5 {
            buckets.take(&"a", 3, at(0)).expect_err("too much");
        }
        assert_eq!(buckets.take(&"a", 2, at(0)).expect("there").remaining, 0);
    }

    #[test]
    fn what_costs_more_than_a_bucket_holds_empties_it() {
        let buckets = buckets();
        assert_eq!(
            buckets.take(&"a", 1_000, at(0)).expect("there").remaining,
            0
        );
        let wait = buckets.take(&"a", 1_000, at(0)).expect_err("empty");
        assert_eq!(wait, TimeDelta::seconds(5));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let buckets = buckets();
        buckets.take(&"a", 10, at(86_400)).expect("there");
        let wait = buckets.take(&"a", 1, at(0)).expect_err("empty");
        assert!(wait <= TimeDelta::seconds(1), "{wait}");
    }
}
