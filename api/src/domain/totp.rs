//! Authenticator codes: RFC 6238 over HMAC-SHA-1, six digits, thirty seconds, which is what every
//! authenticator app does.
//!
//! SHA-1's collisions have no bearing on HMAC (RFC 6194, section 3.3); other hashes are in the
//! standard, and apps do not agree on them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Bytes of a secret: as many as the hash gives (RFC 4226, section 4, R6).
pub const SECRET_BYTES: usize = 20;

/// Seconds of a time step.
const STEP_SECS: i64 = 30;

/// How many steps a clock may be ahead or behind (RFC 6238, section 5.2).
const DRIFT: i64 = 1;

/// Digits of a code.
const DIGITS: u32 = 6;

/// The time step of a typed code, where it is right now and no code of this step or a later one was
/// taken before: the step that is to be remembered as the last one.
#[must_use]
pub fn accept(secret: &[u8], typed: &str, unix_secs: i64, last: Option<i64>) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let is_code = typed.len() == DIGITS as usize && typed.bytes().all(|byte| byte.is_ascii_digit());
    let typed = if is_code { typed.parse().ok() } else { None };
    let now = unix_secs.div_euclid(STEP_SECS);
    // All of them are computed, so that the time it takes says nothing about the clock's drift.
    let right = (now - DRIFT..=now + DRIFT).rev();
    let right = right.filter(|step| typed == Some(code_of_step(secret, *step)));
    let step = right.fold(None, |found, step| found.or(Some(step)));
    step.filter(|step| last.is_none_or(|last| last < *step))
}

/// The code of a moment, as an app shows it.
#[must_use]
pub fn code_at(secret: &[u8], unix_secs: i64) -> String {
    let code = code_of_step(secret, unix_secs.div_euclid(STEP_SECS));
    format!("{code:06}")
}

/// The code of a time step (RFC 4226, section 5.3).
fn code_of_step(secret: &[u8], step: i64) -> u32 {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[hash.len() - 1] & 0xf);
    let piece = [hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]];
    u32::from_be_bytes(piece) % 10_u32.pow(DIGITS)
}

/// Bytes in base 32 (RFC 4648) without padding, as apps take a secret that is typed.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut buffer, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        buffer = (buffer << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while 5 <= bits {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits & 31) as usize]));
        }
    }
    if 0 < bits {
        text.push(char::from(ALPHABET[(buffer << (5 - bits) & 31) as usize]));
    }
    text
}

/// What an app reads from a QR code or a link, for this name at this city.
#[must_use]
pub fn uri(issuer: &str, name: &str, secret: &[u8]) -> String {
    let secret = base32(secret);
    let (issuer, name) = (escaped(issuer), escaped(name));
    format!("otpauth://totp/{issuer}:{name}?secret={secret}&issuer={issuer}")
}

/// A text as part of an address (RFC 3986, section 2.1).
fn escaped(text: &str) -> String {
    let bytes = text.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret of the SHA-1 rows, of which apps show the last six digits.
    const SECRET: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        for (unix_secs, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, unix_secs), code, "{unix_secs}");
        }
    }

    #[test]
    fn a_code_is_good_for_a_step_before_and_after_its_own_and_after_no_later_one() {
        let at = 1_111_111_111;
        let code = code_at(SECRET, at);
        let step = at / 30;
        for late in [-30, 0, 30] {
            assert_eq!(accept(SECRET, &code, at + late, None), Some(step), "{late}");
        }
        for late in [-60, 60] {
            assert_eq!(accept(SECRET, &code, at + late, None), None, "{late}");
        }
        assert_eq!(accept(SECRET, &code, at, Some(step - 1)), Some(step));
        assert_eq!(accept(SECRET, &code, at, Some(step)), None);
        assert_eq!(accept(SECRET, &code, at, Some(step + 1)), None);
        assert_eq!(accept(SECRET, " 050 471", at, None), Some(step));
        for wrong in ["", "05047", "0504711", "+50471", "050472", "０５０４７１"] {
            assert_eq!(accept(SECRET, wrong, at, None), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_spelt_as_apps_read_it() {
        // RFC 4648, section 10.
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(
            uri("hangzhou", "周li-1", b"foobar"),
            "otpauth://totp/hangzhou:%E5%91%A8li-1?secret=MZXW6YTBOI&issuer=hangzhou"
        );
    }
}
