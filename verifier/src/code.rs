//! Application codes (D12): what a line of a pool calls an applicant.

use std::{cmp::Ordering, fmt, str::FromStr};

use crate::text::SpellingError;

/// The longest code in bytes.
pub const MAX_CODE: usize = 32;

/// An application code, 1 to 32 of 0-9 A-Z. Codes order as their bytes do.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    // Zeros fill the rest, so that the arrays order as the codes do: no code has a zero byte.
    bytes: [u8; MAX_CODE],
    length: u8,
}

impl Code {
    /// The caller has checked that these are 1 to 32 bytes of the alphabet.
    #[inline]
    pub(crate) fn from_checked(text: &[u8]) -> Self {
        let mut bytes = [0; MAX_CODE];
        bytes[..text.len()].copy_from_slice(text);
        Self {
            bytes,
            length: u8::try_from(text.len()).unwrap_or_default(),
        }
    }

    /// The code whose [`Code::halves`] these are.
    pub(crate) fn from_halves(head: u128, tail: u128, length: usize) -> Self {
        let mut bytes = [0; MAX_CODE];
        bytes[..16].copy_from_slice(&head.to_be_bytes());
        bytes[16..].copy_from_slice(&tail.to_be_bytes());
        Self {
            bytes,
            length: u8::try_from(length).unwrap_or_default(),
        }
    }

    /// Two numbers that order as the code does; comparing them costs no call.
    #[inline]
    pub(crate) fn halves(&self) -> (u128, u128) {
        let (halves, _) = self.bytes.as_chunks::<16>();
        (
            u128::from_be_bytes(halves[0]),
            u128::from_be_bytes(halves[1]),
        )
    }

    /// The code's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// Whether a code may have this byte.
#[inline]
pub(crate) fn is_code_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase()
}

impl Ord for Code {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.halves().cmp(&other.halves())
    }
}

impl PartialOrd for Code {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_ref())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_ref())
    }
}

impl FromStr for Code {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        let bytes = text.as_bytes();
        if (1..=MAX_CODE).contains(&bytes.len()) && bytes.iter().copied().all(is_code_byte) {
            Ok(Self::from_checked(bytes))
        } else {
            Err(SpellingError::new("a code of 1 to 32 of 0-9 A-Z", text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_order_as_their_bytes() {
        let texts = ["1", "10", "1A", "2", "A", "AA", "B"];
        let codes: Vec<Code> = texts
            .iter()
            .map(|text| text.parse().expect("a code"))
            .collect();
        assert!(codes.is_sorted());
        assert_eq!(codes[2].as_ref(), "1A");
        assert_eq!(format!("{:?}", codes[2]), "1A");
    }

    #[test]
    fn a_code_outside_the_alphabet_is_refused() {
        for text in ["", "a", "1 ", "-", "é", &"9".repeat(33)] {
            assert!(text.parse::<Code>().is_err(), "{text}");
        }
        assert!("9".repeat(32).parse::<Code>().is_ok());
    }
}
