//! The only source of identifiers and of random bytes.

use chrono::{DateTime, Utc};
use uuid::{Builder, ContextV7, Timestamp, Uuid};

/// Unpredictable bytes from the operating system, fit for keys, nonces and public codes.
///
/// # Panics
/// When the operating system has no randomness to give: nothing secret may be made then.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the operating system for randomness"
)]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// A `UUIDv7` (RFC 9562 §5.7) of this moment: its milliseconds since 1970 and 74 random bits.
/// Times before 1970 count as 1970.
#[must_use]
pub fn uuid_v7(now: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random()).into_uuid()
}

/// The first `UUIDv7` of a moment: none that was made then or later sorts before it.
#[must_use]
pub fn first_uuid_v7(moment: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(moment.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// When a `UUIDv7` was made, to the millisecond; 1970 for another kind of identifier.
#[must_use]
pub fn moment_of(id: Uuid) -> DateTime<Utc> {
    let made = id.get_timestamp().map(|made| made.to_unix());
    let moment =
        made.and_then(|(secs, nanos)| DateTime::from_timestamp(i64::try_from(secs).ok()?, nanos));
    moment.unwrap_or_default()
}

/// Makes `UUIDv7`s that ascend, however many are made in the same millisecond: a table of millions
/// of rows that is keyed by them is written from its start to its end.
pub struct Ascending {
    context: ContextV7,
    secs: u64,
    nanos: u32,
}

impl Ascending {
    /// Identifiers of this moment and the milliseconds after it.
    #[must_use]
    pub fn from(now: DateTime<Utc>) -> Self {
        Self {
            context: ContextV7::new(),
            secs: u64::try_from(now.timestamp()).unwrap_or(0),
            nanos: now.timestamp_subsec_nanos(),
        }
    }

    /// The next one.
    #[must_use]
    pub fn next_id(&self) -> Uuid {
        Uuid::new_v7(Timestamp::from_unix(&self.context, self.secs, self.nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_carries_its_time_and_nothing_repeats() {
        let now = DateTime::from_timestamp_millis(1_782_608_400_123).unwrap();
        let (one, other) = (uuid_v7(now), uuid_v7(now));
        assert_ne!(one, other);
        for id in [one, other] {
            assert_eq!(id.get_version_num(), 7);
            assert_eq!(id.as_u128() >> 80, 1_782_608_400_123);
        }
    }

    #[test]
    fn the_first_identifier_of_a_moment_sorts_before_all_others_of_it() {
        let moment = DateTime::from_timestamp_millis(1_782_608_400_123).unwrap();
        let first = first_uuid_v7(moment);
        assert!(first < uuid_v7(moment));
        assert!(uuid_v7(moment - chrono::TimeDelta::milliseconds(1)) < first);
        assert_eq!(
            (moment_of(first), moment_of(uuid_v7(moment))),
            (moment, moment)
        );
        assert_eq!(moment_of(Uuid::nil()), DateTime::UNIX_EPOCH);
    }

    #[test]
    fn a_later_identifier_sorts_after_an_earlier_one() {
        let earlier = uuid_v7(DateTime::from_timestamp(1_782_608_400, 0).unwrap());
        let later = uuid_v7(DateTime::from_timestamp(1_782_608_401, 0).unwrap());
        assert!(earlier < later);
    }

    #[test]
    fn identifiers_of_one_moment_ascend() {
        let ids = Ascending::from(DateTime::from_timestamp(1_782_608_400, 0).unwrap());
        let made: Vec<_> = (0..100_000).map(|_| ids.next_id()).collect();
        assert!(made.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn random_bytes_differ_from_call_to_call() {
        assert_ne!(random::<16>(), random::<16>());
    }
}
