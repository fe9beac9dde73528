//! `keys` (R49): which keys sign records from here on. Signed by the old keys and by the new.

use std::fmt;

use crate::{
    key::{KeyKind, VerifierKey},
    record::{RecordError, is_name, lines::Lines, same_text, write_trail},
    text::Time,
    trail::TrailHead,
};

const MAX_KEYS: usize = 8;

/// Replaces the record keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The log this record goes to.
    pub origin: String,
    /// Counts the changes of keys from 1.
    pub epoch: u64,
    /// When the operator says it was signed; trusted for nothing.
    pub issued: Time,
    /// Where the city's audit trail ended then; none in records that were made before R15.
    pub trail: Option<TrailHead>,
    /// The new keys, 1 to 8, each once.
    pub keys: Vec<VerifierKey>,
}

const HEAD: &str = "fairplate/v1 keys";

impl Keys {
    /// Reads the record's text.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let mut lines = Lines::new(text, HEAD)?;
        let origin = lines.checked("origin", "<log origin>", is_name)?;
        let epoch = lines.number("epoch")?;
        let issued = lines.parsed("issued", "<time>")?;
        let trail = lines.trail()?;
        let mut keys: Vec<VerifierKey> = Vec::new();
        while keys.is_empty() || lines.find_value("vkey") {
            let key: VerifierKey = lines.parsed("vkey", "<verifier key>")?;
            let known = keys.iter().any(|other| other.public() == key.public());
            if known || key.kind() != KeyKind::Ed25519 || keys.len() == MAX_KEYS {
                return Err(lines.refuse("at most 8 Ed25519 keys, each once"));
            }
            keys.push(key);
        }
        lines.end()?;
        let record = Self {
            origin,
            epoch,
            issued,
            trail,
            keys,
        };
        same_text(&record, text).map(|()| record)
    }
}

/// The record's text.
impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "origin {}", self.origin)?;
        writeln!(f, "epoch {}", self.epoch)?;
        writeln!(f, "issued {}", self.issued)?;
        write_trail(f, self.trail)?;
        self.keys
            .iter()
            .try_for_each(|key| writeln!(f, "vkey {key}"))
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn key(secret: u8, name: &str, kind: KeyKind) -> VerifierKey {
        let secret = SigningKey::from_bytes(&[secret; 32]);
        VerifierKey::new(name, kind, secret.verifying_key().to_bytes()).expect("a key")
    }

    fn change(keys: Vec<VerifierKey>) -> Result<Keys, RecordError> {
        let record = Keys {
            origin: "linan.example/draws".to_owned(),
            epoch: 1,
            issued: Time(0),
            trail: None,
            keys,
        };
        Keys::parse(&record.to_string())
    }

    #[test]
    fn keys_change_to_one_to_eight_different_ed25519_keys() {
        let several = |count: u8| {
            let keys = (0..count).map(|secret| key(secret, "a", KeyKind::Ed25519));
            keys.collect::<Vec<_>>()
        };
        for count in [1, 2, 8] {
            let record = change(several(count)).expect("a change of keys");
            assert_eq!(record.keys, several(count));
        }
        assert!(change(several(0)).is_err());
        assert_eq!(change(several(9)).expect_err("too many keys").line, 13);
    }

    #[test]
    fn a_key_stands_once_whatever_it_is_called_and_signs_records() {
        let first = key(1, "a", KeyKind::Ed25519);
        for second in [
            first.clone(),
            key(1, "b", KeyKind::Ed25519),
            key(2, "a", KeyKind::CosignatureV1),
        ] {
            let refused = change(vec![first.clone(), second]).expect_err("no such key");
            assert_eq!(refused.line, 6);
        }
    }
}
