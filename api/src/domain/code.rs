//! Application codes (申请编码).
//!
//! Thirteen digits: twelve at random and a check digit, so that a mistyped code is "no such code"
//! and never somebody else's. The check digit is Damm's: it notices every single wrong digit and
//! every swap of two neighbours.

use std::{fmt, str::FromStr};

/// A code of thirteen digits whose check digit is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApplicationCode([u8; ApplicationCode::LEN]);

/// Why a text is not an application code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not thirteen ASCII digits.
    #[error("an application code has 13 digits and nothing else: check what was typed")]
    Shape,
    /// Thirteen digits that no application ever got.
    #[error("the last digit does not fit the other twelve: check the code for a typing mistake")]
    CheckDigit,
}

impl ApplicationCode {
    /// Digits of a code, the check digit included.
    pub const LEN: usize = 13;

    /// The code that 16 random bytes stand for.
    ///
    /// Equal bytes give equal codes; the caller draws the bytes anew until the code is free.
    /// 2^128 is not a multiple of 10^12, which favours some codes by less than 10^-26.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        let number = u128::from_be_bytes(bytes) % 1_000_000_000_000;
        Self::from_number(u64::try_from(number).unwrap_or_default())
    }

    /// The code of a number's last twelve decimal digits, the check digit put behind them.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        let body = format!("{:012}", number % 1_000_000_000_000);
        let mut digits = [b'0'; Self::LEN];
        digits[..12].copy_from_slice(body.as_bytes());
        digits[12] = b'0' + remainder(&digits[..12]);
        Self(digits)
    }

    /// The thirteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The code with its middle hidden, `0486*****6556`.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(self.as_str())
    }
}

/// Hides the middle of a code: of thirteen characters the first four and the last four stay. Of a
/// code of eight characters or fewer nothing stays.
///
/// Codes that were imported from an older system need not be [`ApplicationCode`]s; they are masked
/// by the same rule.
#[must_use]
pub fn mask(code: &str) -> String {
    let length = code.chars().count();
    if length <= 8 {
        return "*".repeat(length);
    }
    code.chars()
        .enumerate()
        .map(|(place, character)| {
            if place < 4 || place >= length - 4 {
                character
            } else {
                '*'
            }
        })
        .collect()
}

impl fmt::Display for ApplicationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ApplicationCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let digits: [u8; Self::LEN] = text.as_bytes().try_into().map_err(|_| CodeError::Shape)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(CodeError::Shape);
        }
        if remainder(&digits) != 0 {
            return Err(CodeError::CheckDigit);
        }
        Ok(Self(digits))
    }
}

/// A totally anti-symmetric quasigroup of order ten with zeros on its diagonal.
const QUASIGROUP: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The check digit of the digits, and 0 for digits that end in their own check digit.
pub(super) fn remainder(digits: &[u8]) -> u8 {
    digits.iter().fold(0, |row, digit| {
        QUASIGROUP[usize::from(row)][usize::from(digit - b'0')]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_codes() -> impl Iterator<Item = ApplicationCode> {
        (0u128..400).map(|n| {
            let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            ApplicationCode::from_random(spread.to_be_bytes())
        })
    }

    #[test]
    fn a_code_reads_back_as_itself() {
        for code in some_codes() {
            assert_eq!(code.to_string().len(), 13);
            assert_eq!(code.to_string().parse(), Ok(code));
        }
    }

    #[test]
    fn the_published_example_of_the_check_digit_holds() {
        assert_eq!(remainder(b"572"), 4);
        assert_eq!(remainder(b"5724"), 0);
    }

    #[test]
    fn every_wrong_digit_and_every_swap_of_neighbours_is_refused() {
        for code in some_codes() {
            let text = code.to_string();
            for place in 0..13 {
                for digit in b'0'..=b'9' {
                    let mut changed = text.clone().into_bytes();
                    changed[place] = digit;
                    let changed = String::from_utf8(changed).expect("ASCII");
                    let parsed = changed.parse::<ApplicationCode>();
                    assert_eq!(parsed.is_ok(), changed == text, "{changed} for {text}");
                }
                if place < 12 {
                    let mut swapped = text.clone().into_bytes();
                    swapped.swap(place, place + 1);
                    let swapped = String::from_utf8(swapped).expect("ASCII");
                    let parsed = swapped.parse::<ApplicationCode>();
                    assert_eq!(parsed.is_ok(), swapped == text, "{swapped} for {text}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_thirteen_digits_is_refused() {
        for text in [
            "",
            "123456789012",
            "12345678901234",
            " 123456789012",
            "１234567890",
            "12345678901a3",
        ] {
            assert_eq!(text.parse::<ApplicationCode>(), Err(CodeError::Shape));
        }
    }

    #[test]
    fn a_mask_hides_the_middle_and_nothing_else() {
        assert_eq!(mask("0486106556556"), "0486*****6556");
        assert_eq!(mask("12345678"), "********");
        assert_eq!(mask("123456789"), "1234*6789");
        assert_eq!(mask(""), "");
        for code in some_codes() {
            let (text, masked) = (code.to_string(), code.masked());
            assert_eq!(masked.len(), 13);
            assert_eq!(masked.matches('*').count(), 5);
            assert_eq!((&masked[..4], &masked[9..]), (&text[..4], &text[9..]));
        }
    }
}
