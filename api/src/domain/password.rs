//! Which passwords are good enough.
//!
//! Length and nothing that everybody would try first; no rules about which characters to mix, which
//! make passwords worse (NIST SP 800-63B, 5.1.1.2).

use std::collections::BTreeSet;

/// Fewest characters.
pub const LENGTH_MIN: usize = 10;

/// Most characters: more adds nothing, and hashing has to end.
pub const LENGTH_MAX: usize = 128;

/// Fewest different characters.
const DIFFERENT_MIN: usize = 4;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("expected at least 10 characters; a sentence is easy to remember")]
    Short,
    /// Too long.
    #[error("expected at most 128 characters")]
    Long,
    /// Nearly always the same character, or digits counted up.
    #[error("expected a password that cannot be guessed; choose other words")]
    Guessable,
    /// It holds the phone number.
    #[error("expected a password without the phone number; choose other words")]
    HoldsPhone,
}

/// Refuses a password that is not good enough for the account of a phone.
pub fn check(password: &str, phone: &str) -> Result<(), PasswordFault> {
    let length = password.chars().count();
    if length < LENGTH_MIN {
        return Err(PasswordFault::Short);
    }
    if LENGTH_MAX < length {
        return Err(PasswordFault::Long);
    }
    let different = password.chars().collect::<BTreeSet<_>>().len();
    if different < DIFFERENT_MIN || is_counted(password) {
        return Err(PasswordFault::Guessable);
    }
    if !phone.is_empty() && password.contains(phone) {
        return Err(PasswordFault::HoldsPhone);
    }
    Ok(())
}

/// Whether every character follows from the one before it, as in `1234567890` and `abcdefghij`.
fn is_counted(password: &str) -> bool {
    let characters: Vec<i64> = password.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps: BTreeSet<i64> = characters
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).rem_euclid(10))
        .collect();
    steps.len() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_not_the_first_that_anybody_would_try() {
        for (password, answer) in [
            ("seven grey herons", Ok(())),
            ("七只灰鹭站在水边等鱼", Ok(())),
            ("k3-Vq9.zL0", Ok(())),
            ("k3-Vq9.zL", Err(PasswordFault::Short)),
            ("", Err(PasswordFault::Short)),
            ("aaaaaaaaaaaa", Err(PasswordFault::Guessable)),
            ("abcabcabcabc", Err(PasswordFault::Guessable)),
            ("1234567890", Err(PasswordFault::Guessable)),
            ("9876543210", Err(PasswordFault::Guessable)),
            ("x13700000001y", Err(PasswordFault::HoldsPhone)),
        ] {
            assert_eq!(check(password, "13700000001"), answer, "{password}");
        }
        let longest = "heron 7 ".repeat(16);
        assert_eq!(check(&longest, "13700000001"), Ok(()));
        assert_eq!(
            check(&format!("{longest}s"), "13700000001"),
            Err(PasswordFault::Long)
        );
    }
}
