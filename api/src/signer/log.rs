//! The key that signs the checkpoints of a city's log.

use std::{fmt, path::Path};

use verifier::{
    log::Checkpoint,
    note::{Note, Signature, VerifierKey},
};

use super::{KeyError, Kind, Passphrase, SignError, pair::Pair};

/// Signs checkpoints of one log, the one that its key is named after.
pub struct LogSigner {
    pair: Pair,
}

impl LogSigner {
    /// Makes `log.key` and `log.vkey` in the folder. The name is the log's origin, such as
    /// `hangzhou.example/draws`.
    pub fn create(folder: &Path, name: &str, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let pair = Pair::create(folder, Kind::Log, name, passphrase)?;
        Ok(Self { pair })
    }

    /// Opens the folder's `log.key`.
    pub fn open(folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let pair = Pair::open(folder, Kind::Log, passphrase)?;
        Ok(Self { pair })
    }

    /// The public half.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.pair.key
    }

    /// Signs a checkpoint's text (C2SP tlog-checkpoint), whose origin must be the key's name.
    pub fn sign(&self, text: String) -> Result<Note, SignError> {
        let checkpoint = Checkpoint::parse(&text).map_err(|_| SignError::NotACheckpoint)?;
        if checkpoint.origin != self.key().name() {
            return Err(SignError::AnotherLog {
                expected: self.key().name().to_owned(),
                found: checkpoint.origin,
            });
        }
        let mut note = Note::new(text)?;
        let signature = self.pair.sign(note.text.as_bytes());
        note.signatures
            .push(Signature::ed25519(self.key(), signature));
        Ok(note)
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({})", self.key())
    }
}
