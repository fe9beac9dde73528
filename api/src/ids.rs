//! The only source of identifiers and of random bytes.

use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

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
    fn a_later_identifier_sorts_after_an_earlier_one() {
        let earlier = uuid_v7(DateTime::from_timestamp(1_782_608_400, 0).unwrap());
        let later = uuid_v7(DateTime::from_timestamp(1_782_608_401, 0).unwrap());
        assert!(earlier < later);
    }

    #[test]
    fn random_bytes_differ_from_call_to_call() {
        assert_ne!(random::<16>(), random::<16>());
    }
}
