//! The key with which a witness says when it saw a checkpoint.

use std::{fmt, path::Path};

use verifier::{
    note::{Note, Signature, VerifierKey, cosigned_message},
    text::Time,
};

use super::{KeyError, Kind, Passphrase, pair::Pair};

/// Makes `cosignature/v1` lines (C2SP tlog-cosignature). What deserves one is for
/// `crate::witness` to decide.
pub struct Cosigner {
    pair: Pair,
}

impl Cosigner {
    /// Makes `witness.key` and `witness.vkey` in the folder.
    pub fn create(folder: &Path, name: &str, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let pair = Pair::create(folder, Kind::Witness, name, passphrase)?;
        Ok(Self { pair })
    }

    /// Opens the folder's `witness.key`.
    pub fn open(folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let pair = Pair::open(folder, Kind::Witness, passphrase)?;
        Ok(Self { pair })
    }

    /// The public half.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.pair.key
    }

    /// Cosigns a checkpoint as seen at this time.
    #[must_use]
    pub fn cosign(&self, checkpoint: &Note, time: Time) -> Signature {
        let message = cosigned_message(&checkpoint.text, time);
        Signature::cosignature(self.key(), time, self.pair.sign(&message))
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({})", self.key())
    }
}
