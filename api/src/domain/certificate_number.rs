//! Numbers of certificates (指标确认通知书编号).
//!
//! Sixteen digits: fifteen at random and a check digit, so that a number says nothing of a person or
//! a draw, none can be guessed, and a mistyped one is "no such number". They are longer than an
//! application code and shorter than an identity number, so that none is taken for another.

use std::{fmt, str::FromStr};

use super::code::remainder;

/// A number of sixteen digits whose check digit is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateNumber([u8; CertificateNumber::LEN]);

/// Why a text is not the number of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateNumberError {
    /// Not sixteen ASCII digits.
    #[error("a certificate's number has 16 digits and nothing else: check what was typed")]
    Shape,
    /// Sixteen digits that no certificate ever got.
    #[error("the last digit does not fit the other fifteen: check the number for a typing mistake")]
    CheckDigit,
}

impl CertificateNumber {
    /// Digits of a number, the check digit included.
    pub const LEN: usize = 16;

    /// The number that 16 random bytes stand for; the caller draws them anew until it is free.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        let body = format!("{:015}", u128::from_be_bytes(bytes) % 1_000_000_000_000_000);
        let mut digits = [b'0'; Self::LEN];
        digits[..Self::LEN - 1].copy_from_slice(body.as_bytes());
        digits[Self::LEN - 1] = b'0' + remainder(&digits[..Self::LEN - 1]);
        Self(digits)
    }

    /// The sixteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for CertificateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CertificateNumber {
    type Err = CertificateNumberError;

    fn from_str(text: &str) -> Result<Self, CertificateNumberError> {
        let digits: [u8; Self::LEN] = text
            .as_bytes()
            .try_into()
            .map_err(|_| CertificateNumberError::Shape)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(CertificateNumberError::Shape);
        }
        if remainder(&digits) != 0 {
            return Err(CertificateNumberError::CheckDigit);
        }
        Ok(Self(digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_and_a_wrong_digit_is_noticed() {
        for n in 0u128..200 {
            let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let number = CertificateNumber::from_random(spread.to_be_bytes());
            let text = number.to_string();
            assert_eq!(text.len(), 16);
            assert_eq!(text.parse(), Ok(number));
            for place in 0..16 {
                let mut changed = text.clone().into_bytes();
                changed[place] = b'0' + (changed[place] - b'0' + 1) % 10;
                let changed = String::from_utf8(changed).expect("ASCII");
                let parsed = changed.parse::<CertificateNumber>();
                assert_eq!(parsed, Err(CertificateNumberError::CheckDigit));
            }
        }
    }

    #[test]
    fn an_application_code_is_no_certificate_number() {
        for text in [
            "",
            "0486106556963",
            "123456789012345",
            "１２３４",
            "123456789012345x",
        ] {
            let parsed = text.parse::<CertificateNumber>();
            assert_eq!(parsed, Err(CertificateNumberError::Shape));
        }
    }
}
