//! The few spellings that every file of a draw shares: 32-byte values, times, whole numbers (D3 to
//! D7).
//!
//! Each value has one spelling and a reader accepts no other, so that equal meaning is equal bytes.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// A SHA-256 value, or another secret or seed of the same size, written as 64 lowercase hex digits
/// so that it can be compared with what `sha256sum` prints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What an announce writes as `previous` when no draw went before it.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 of the bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub(crate) fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not the one spelling of the value it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found `{found}`")]
pub struct SpellingError {
    /// What would have been accepted.
    pub expected: &'static str,
    /// What was there, cut to a readable length.
    pub found: String,
}

impl SpellingError {
    pub(crate) fn new(expected: &'static str, found: &str) -> Self {
        let found = excerpt(found);
        Self { expected, found }
    }
}

impl FromStr for Digest {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        unhex(text)
            .map(Self)
            .ok_or_else(|| SpellingError::new("64 lowercase hex digits", text))
    }
}

/// Seconds since 1970-01-01T00:00:00Z, written `YYYY-MM-DDTHH:MM:SSZ` (years 0000 to 9999).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

const DAY_SECS: i64 = 86_400;

impl Time {
    /// The time this many seconds later; the far end of time when that does not fit.
    #[must_use]
    pub fn plus(self, secs: u64) -> Self {
        Self(self.0.saturating_add_unsigned(secs))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY_SECS));
        let secs = self.0.rem_euclid(DAY_SECS);
        let (hour, minute, second) = (secs / 3_600, secs / 60 % 60, secs % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Time {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        let refuse = || SpellingError::new("a time like 2026-06-28T01:00:00Z", text);
        let bytes = text.as_bytes();
        if bytes.len() != 20 {
            return Err(refuse());
        }
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().try_fold(0_i64, |sum, byte| {
                byte.is_ascii_digit()
                    .then(|| sum * 10 + i64::from(byte - b'0'))
            })
        };
        let fields = [(0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19)];
        let mut values = [0; 6];
        for (value, (from, to)) in values.iter_mut().zip(fields) {
            *value = number(from, to).ok_or_else(refuse)?;
        }
        let [year, month, day, hour, minute, second] = values;
        let secs = days(year, month, day)
            .saturating_mul(DAY_SECS)
            .saturating_add(hour * 3_600 + minute * 60 + second);
        // A day, month or hour out of range comes back as another spelling.
        let time = Self(secs);
        if time.to_string() == text {
            Ok(time)
        } else {
            Err(refuse())
        }
    }
}

/// Days since 1970-01-01 of a day in the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years are counted from March, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Lowercase hex digits of the bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Exactly `N` bytes in lowercase hex digits.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// A whole number in ASCII digits without leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    let written_short = digits.first() != Some(&b'0') || digits.len() == 1;
    if written_short && digits.iter().all(u8::is_ascii_digit) {
        text.parse().ok()
    } else {
        None
    }
}

/// Standard base64 with its padding, as C2SP notes and proofs use it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of the one padded base64 spelling.
pub(crate) fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The start of a text that may be long or hostile, fit to be shown to people.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 120;
    let mut letters = text.chars();
    let mut shown = spelled_out(letters.by_ref().take(SHOWN));
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// A text that may be hostile, fit to be shown to people at its full length.
pub(crate) fn visible(text: &str) -> String {
    spelled_out(text.chars())
}

fn spelled_out(letters: impl Iterator<Item = char>) -> String {
    let mut shown = String::new();
    for letter in letters {
        if letter.is_control() || arranges_others(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Whether a letter breaks the line or says in which direction others run: Unicode's separators of
/// lines and paragraphs and its property `Bidi_Control`. A terminal could show such a line in another
/// order than its bytes.
fn arranges_others(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_and_written_in_one_spelling() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_692_803_367, "2023-08-23T15:09:27Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
        ] {
            assert_eq!(Time(secs).to_string(), text);
            assert_eq!(format!("{:?}", Time(secs)), text);
            assert_eq!(text.parse(), Ok(Time(secs)));
        }
    }

    /// Counts the days of four centuries one by one; the calendar repeats after them.
    #[test]
    fn every_day_of_the_calendar_follows_the_day_before() {
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let (mut year, mut month, mut day) = (1_970, 1, 1);
        for since in 0..146_097 {
            assert_eq!(civil(since), (year, month, day));
            assert_eq!(days(year, month, day), since);
            let last = match month {
                2 => 28 + i64::from(leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            (month, day) = if day < last {
                (month, day + 1)
            } else {
                (month + 1, 1)
            };
            (year, month) = if month > 12 {
                (year + 1, 1)
            } else {
                (year, month)
            };
        }
        assert_eq!((year, month, day), (2_370, 1, 1));
    }

    #[test]
    fn a_time_that_does_not_exist_is_refused() {
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01t00:00:00Z",
            "2026-01-01T00:00:00z",
            "2026-01-01T00:00:00",
            "2026-1-01T00:00:00ZZ",
            "",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_has_no_leading_zero_sign_or_space() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for text in [
            "",
            "00",
            "01",
            "+1",
            "-1",
            " 1",
            "1 ",
            "18446744073709551616",
            "١",
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_digest_has_lowercase_digits_only() {
        let text = "ab".repeat(32);
        assert_eq!(text.parse(), Ok(Digest([0xab; 32])));
        assert_eq!(Digest([0xab; 32]).to_string(), text);
        assert_eq!(format!("{:?}", Digest([0xab; 32])), text);
        assert!(text.to_uppercase().parse::<Digest>().is_err());
        assert!(text[1..].parse::<Digest>().is_err());
        assert!((text + "0").parse::<Digest>().is_err());
    }

    #[test]
    fn what_is_shown_to_people_carries_no_control_characters() {
        assert_eq!(excerpt("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(visible("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
    }

    #[test]
    fn what_is_shown_to_people_keeps_the_order_of_its_letters() {
        let marks = "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\
                     \u{2066}\u{2067}\u{2068}\u{2069}";
        for mark in marks.chars() {
            let spelled = format!("won\\u{{{:x}}}ton", u32::from(mark));
            assert_eq!(visible(&format!("won{mark}ton")), spelled);
            assert_eq!(excerpt(&format!("won{mark}ton")), spelled);
        }
        // Their neighbours, and letters that themselves run from right to left.
        let plain = "\u{61b}\u{61d}\u{200d}\u{2010}\u{2027}\u{202f}\u{2065}\u{206a}中签שלוم";
        assert_eq!(visible(plain), plain);
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let whole = "签".repeat(120);
        assert_eq!(excerpt(&whole), whole);
        assert_eq!(excerpt(&(whole.clone() + "x")), whole.clone() + "…");
        assert_eq!(visible(&(whole.clone() + "x")), whole + "x");
    }
}
