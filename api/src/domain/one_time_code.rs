//! One-time codes: what they look like, how long they are good, and how many there may be.
//!
//! Seven digits are 23 bits. Five tries a code and ten codes a day give a guesser who asks for
//! codes to somebody else's phone five chances in a million a day.

use chrono::{DateTime, TimeDelta, Utc};

/// Digits of a code.
pub const DIGITS: usize = 7;

/// How long a code is good.
pub const VALID: TimeDelta = TimeDelta::minutes(5);

/// How often a code may be tried.
pub const TRIES_MAX: i32 = 5;

/// Shortest time between two codes to one phone.
pub const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// Codes that one phone is sent on a day of the city's calendar.
pub const A_DAY: usize = 10;

/// How many of them somebody may ask for who has not signed in. The others are kept for the owner:
/// a stranger who asks for codes to a phone cannot use up the one that confirms an application.
pub const A_DAY_FOR_ANYBODY: usize = 5;

/// The code that these random bytes stand for. 2^128 is not a multiple of 10^7, which favours some
/// codes by less than 10^-31.
#[must_use]
pub fn from_random(bytes: [u8; 16]) -> String {
    let number = u128::from_be_bytes(bytes) % 10_u128.pow(7);
    format!("{number:07}")
}

/// What a person typed, without the blanks and hyphens that phones put in; none if it cannot be a
/// code.
#[must_use]
pub fn typed(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    let is_code = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then_some(digits)
}

/// Who asks for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Anybody who knows a phone number.
    Anybody,
    /// The account whose phone it is, or is to be.
    Holder,
}

/// What a phone was sent so far.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// How many codes on this day of the city's calendar.
    pub today: usize,
    /// When the last one was asked for, on whatever day.
    pub last_at: Option<DateTime<Utc>>,
    /// When the city's next day begins.
    pub next_day: DateTime<Utc>,
}

impl Allowance {
    /// From when another code may be asked for; none means now.
    #[must_use]
    pub fn wait_until(&self, asker: Asker, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let most = match asker {
            Asker::Anybody => A_DAY_FOR_ANYBODY,
            Asker::Holder => A_DAY,
        };
        if most <= self.today {
            return Some(self.next_day);
        }
        let earliest = self.last_at? + PAUSE;
        (now < earliest).then_some(earliest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_code_is_seven_digits_however_it_is_typed() {
        assert_eq!(from_random([0; 16]), "0000000");
        assert_eq!(from_random([0xff; 16]).len(), DIGITS);
        for (text, code) in [
            ("0123456", Some("0123456")),
            (" 012 3456 ", Some("0123456")),
            ("012-3456", Some("0123456")),
            ("012345", None),
            ("01234567", None),
            ("012345a", None),
            ("０１２３４５６", None),
            ("", None),
        ] {
            assert_eq!(typed(text).as_deref(), code, "{text}");
        }
    }

    #[test]
    fn codes_come_a_minute_apart_and_strangers_leave_half_of_a_day_to_the_owner() {
        let (now, next_day) = (
            moment("2026-06-01T03:00:00Z"),
            moment("2026-06-01T16:00:00Z"),
        );
        let wait = |today: usize, secs_ago: Option<i64>, asker| {
            let last_at = secs_ago.map(|secs| now - TimeDelta::seconds(secs));
            let allowance = Allowance {
                today,
                last_at,
                next_day,
            };
            allowance.wait_until(asker, now)
        };

        assert_eq!(wait(0, None, Asker::Anybody), None);
        assert_eq!(wait(1, Some(60), Asker::Anybody), None);
        let soon = Some(now + TimeDelta::seconds(1));
        assert_eq!(wait(1, Some(59), Asker::Anybody), soon);
        assert_eq!(wait(1, Some(59), Asker::Holder), soon);
        assert_eq!(wait(0, Some(59), Asker::Holder), soon, "since yesterday");
        assert_eq!(wait(5, Some(90), Asker::Anybody), Some(next_day));
        assert_eq!(wait(9, Some(90), Asker::Holder), None);
        assert_eq!(wait(10, Some(90), Asker::Holder), Some(next_day));
    }
}
