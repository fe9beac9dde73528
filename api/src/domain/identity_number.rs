//! Numbers of identity cards (公民身份号码), GB 11643-1999.
//!
//! Eighteen characters: six digits of place, eight of birth, three of sequence, and a check
//! character of ISO 7064 MOD 11-2, where ten is written `X`.

use chrono::{Datelike, NaiveDate};

/// Whether the eighteen characters can be an identity number: the check character holds, and the
/// birth date exists, is not before 1900 and not after `as_of`.
///
/// It says nothing about whether such a person exists. The place is not looked up: codes of places
/// that no longer exist stay on the cards of those who were born there.
#[must_use]
pub fn is_valid(number: &str, as_of: NaiveDate) -> bool {
    number.len() == 18
        && number.as_bytes()[..17].iter().all(u8::is_ascii_digit)
        && !number.starts_with('0')
        && check_character(&number.as_bytes()[..17]) == number.as_bytes()[17]
        && birth_date(number).is_some_and(|born| born.year() >= 1900 && born <= as_of)
}

/// The date of birth within the number, if the digits make a date.
#[must_use]
pub fn birth_date(number: &str) -> Option<NaiveDate> {
    let digits = number.get(6..14)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    NaiveDate::from_ymd_opt(
        digits[..4].parse().ok()?,
        digits[4..6].parse().ok()?,
        digits[6..].parse().ok()?,
    )
}

/// The number that begins with these seventeen digits; none if they are not seventeen digits.
#[must_use]
pub fn complete(digits: &str) -> Option<String> {
    let is_whole = digits.len() == 17 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| format!("{digits}{}", char::from(check_character(digits.as_bytes()))))
}

/// MOD 11-2 over the digits before it; the caller has made sure that they are digits.
fn check_character(digits: &[u8]) -> u8 {
    let remainder = digits
        .iter()
        .fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    match (12 - remainder) % 11 {
        10 => b'X',
        check => b'0' + u8::try_from(check).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    /// Worked by hand with the weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2 of the standard.
    #[test]
    fn numbers_with_the_right_check_character_are_valid() {
        for number in ["11010519491231002X", "330106198803071238"] {
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: usize = number
                .bytes()
                .zip(weights)
                .map(|(digit, weight)| usize::from(digit - b'0') * weight)
                .sum();
            let expected = b"10X98765432"[sum % 11];
            let corrected = format!("{}{}", &number[..17], char::from(expected));
            assert!(is_valid(&corrected, day(2026, 1, 1)), "{corrected}");
        }
        assert!(is_valid("11010519491231002X", day(2026, 1, 1)));
    }

    #[test]
    fn a_number_that_cannot_be_one_is_refused() {
        for number in [
            "",
            "110105194912310021",
            "11010519491231002x",
            "1101051949123100X",
            "11010519491231002X ",
            "11010519491331002X",
            // Right in everything but the place and the year.
            "010105194912310026",
            "110105189912310023",
            "1101051949123100二",
            "身份证身份证",
        ] {
            assert!(!is_valid(number, day(2026, 1, 1)), "{number}");
        }
    }

    #[test]
    fn nobody_is_born_after_today() {
        assert!(is_valid("11010519491231002X", day(1949, 12, 31)));
        assert!(!is_valid("11010519491231002X", day(1949, 12, 30)));
    }

    #[test]
    fn every_wrong_digit_and_every_swap_of_neighbours_is_noticed() {
        let number = "11010519491231002X";
        for place in 0..17 {
            let mut swapped = number.as_bytes().to_vec();
            swapped.swap(place, place + 1);
            let swapped = String::from_utf8(swapped).expect("ASCII");
            assert!(swapped == number || !is_valid(&swapped, day(2026, 1, 1)));
            for digit in b'0'..=b'9' {
                let mut changed = number.as_bytes().to_vec();
                changed[place] = digit;
                let changed = String::from_utf8(changed).expect("ASCII");
                assert!(changed == number || !is_valid(&changed, day(2026, 1, 1)));
            }
        }
    }
}
