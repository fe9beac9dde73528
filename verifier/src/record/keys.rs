//! `keys` (R49): which keys sign records from here on, and where they change, which witnesses count
//! (R62). Signed by the old keys and by the new.

use std::fmt;

use crate::{
    key::{KeyKind, VerifierKey},
    record::{RecordError, is_name, lines::Lines, same_text, write_trail},
    text::Time,
    trail::TrailHead,
    trust::TrustPolicy,
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
    /// The keys from here on, 1 to 8, each once.
    pub keys: Vec<VerifierKey>,
    /// What the city asks the public to pin from here on, where other witnesses vouch for the log.
    pub policy: Option<TrustPolicy>,
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
        let policy = if lines.find_value("log") {
            Some(read_policy(&mut lines, &origin)?)
        } else {
            None
        };
        lines.end()?;
        let record = Self {
            origin,
            epoch,
            issued,
            trail,
            keys,
            policy,
        };
        same_text(&record, text).map(|()| record)
    }
}

fn read_policy(lines: &mut Lines<'_>, origin: &str) -> Result<TrustPolicy, RecordError> {
    let policy: TrustPolicy = lines.rest()?;
    if policy.log().name() == origin {
        Ok(policy)
    } else {
        Err(lines.refuse("a trust policy of this log"))
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
        for key in &self.keys {
            writeln!(f, "vkey {key}")?;
        }
        self.policy.iter().try_for_each(|policy| policy.fmt(f))
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
            policy: None,
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
    fn witnesses_change_by_a_whole_trust_policy_of_this_log() {
        let head = change(vec![key(1, "a", KeyKind::Ed25519)]).expect("a change");
        let witness = key(2, "w", KeyKind::CosignatureV1);
        let of = |origin: &str| {
            let log = key(3, origin, KeyKind::Ed25519);
            format!("log {log}\nwitness w {witness}\nquorum w\n")
        };
        let policy = of("linan.example/draws");
        let record = Keys::parse(&format!("{head}{policy}")).expect("a change of both");
        assert_eq!(record.policy, Some(policy.parse().expect("a policy")));
        assert_eq!(record.keys, head.keys);
        for (broken, line) in [
            (of("lingan.example/draws"), 6),
            (policy.replace("quorum w\n", ""), 7),
            (policy.replace("witness w", "witness  w"), 7),
            (policy.replace("quorum w", "# notary\nquorum w"), 8),
            (policy.split_once('\n').expect("lines").1.to_owned(), 6),
        ] {
            let refused = Keys::parse(&format!("{head}{broken}"));
            let refused = refused.expect_err("no such policy");
            assert_eq!(refused.line, line, "{refused}: {broken}");
        }
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
