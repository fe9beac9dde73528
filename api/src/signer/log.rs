//! The key that signs the checkpoints of a city's log.

use std::{fmt, path::Path};

use verifier::{
    log::Checkpoint,
    note::{Note, VerifierKey},
};

use super::{Access, KeyError, Kind, Passphrase, SignError, Token, Wanted, custody::Custody};

/// Signs checkpoints of one log, the one that its key is named after.
pub struct LogSigner {
    custody: Custody,
}

impl LogSigner {
    /// Makes `log.key` and `log.vkey` in the folder. The name is the log's origin, such as
    /// `hangzhou.example/draws`.
    pub fn create(folder: &Path, name: &str, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let custody = Custody::create(folder, Kind::Log, name, passphrase)?;
        Ok(Self { custody })
    }

    /// Opens the folder's `log.key`.
    pub fn open<'a>(folder: &Path, access: impl Into<Access<'a>>) -> Result<Self, KeyError> {
        let custody = Custody::open(folder, Kind::Log, access.into())?;
        Ok(Self { custody })
    }

    /// Makes the key in a token, or takes one that is there, and writes down which it is.
    pub fn create_in_token(
        folder: &Path,
        name: &str,
        token: &Token,
        wanted: Wanted<'_>,
    ) -> Result<Self, KeyError> {
        let custody = Custody::create_in_token(folder, Kind::Log, name, token, wanted)?;
        Ok(Self { custody })
    }

    /// Whether it could sign now: its token, where it is in one, shows the key.
    ///
    /// # Errors
    ///
    /// [`SignError::Token`] where it could not.
    pub fn reach(&self) -> Result<(), SignError> {
        self.custody.reach()
    }

    /// The public half.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        self.custody.key()
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
        self.custody.sign(text)
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({})", self.key())
    }
}
