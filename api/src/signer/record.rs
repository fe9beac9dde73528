//! The key that signs a city's records.

use std::{fmt, path::Path};

use verifier::note::{Note, Signature, VerifierKey};

use super::{KeyError, Kind, Passphrase, SignError, pair::Pair};

/// Signs records, and nothing that is not one.
pub struct RecordSigner {
    pair: Pair,
}

impl RecordSigner {
    /// Makes `record.key` and `record.vkey` in the folder. The name is a C2SP key name, such as
    /// `hangzhou.example/records`.
    pub fn create(folder: &Path, name: &str, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let pair = Pair::create(folder, Kind::Record, name, passphrase)?;
        Ok(Self { pair })
    }

    /// Opens the folder's `record.key`.
    pub fn open(folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let pair = Pair::open(folder, Kind::Record, passphrase)?;
        Ok(Self { pair })
    }

    /// The public half.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.pair.key
    }

    /// Signs a record's text. The same text gives the same note: Ed25519 is deterministic.
    pub fn sign(&self, text: String) -> Result<Note, SignError> {
        if !text.starts_with("fairplate/v1 ") {
            return Err(SignError::NotARecord);
        }
        let mut note = Note::new(text)?;
        let signature = self.pair.sign(note.text.as_bytes());
        note.signatures
            .push(Signature::ed25519(self.key(), signature));
        Ok(note)
    }
}

impl fmt::Debug for RecordSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordSigner({})", self.key())
    }
}
