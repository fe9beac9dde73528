//! `keys` (R49): which keys sign records from here on. Signed by the old keys and by the new.

use std::fmt;

use crate::{
    key::{KeyKind, VerifierKey},
    record::{RecordError, is_name, lines::Lines, same_text},
    text::Time,
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
        self.keys
            .iter()
            .try_for_each(|key| writeln!(f, "vkey {key}"))
    }
}
