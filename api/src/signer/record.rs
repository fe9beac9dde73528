//! The key that signs a city's records.

use std::{fmt, path::Path};

use verifier::note::{KeyKind, Note, VerifierKey};

use super::{Access, KeyError, Kind, Passphrase, SignError, Token, Wanted, custody::Custody};

/// Signs records, and nothing that is not one.
pub struct RecordSigner {
    custody: Custody,
}

impl RecordSigner {
    /// Makes `record.key` and `record.vkey` in the folder. The name is a C2SP key name, such as
    /// `hangzhou.example/records`.
    pub fn create(folder: &Path, name: &str, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let custody = Custody::create(folder, Kind::Record, name, passphrase)?;
        Ok(Self { custody })
    }

    /// Opens the folder's `record.key`.
    pub fn open<'a>(folder: &Path, access: impl Into<Access<'a>>) -> Result<Self, KeyError> {
        let custody = Custody::open(folder, Kind::Record, access.into())?;
        Ok(Self { custody })
    }

    /// Makes the key in a token, or takes one that is there, and writes down which it is.
    pub fn create_in_token(
        folder: &Path,
        name: &str,
        token: &Token,
        wanted: Wanted<'_>,
    ) -> Result<Self, KeyError> {
        let custody = Custody::create_in_token(folder, Kind::Record, name, token, wanted)?;
        Ok(Self { custody })
    }

    /// Takes the public half of a key that signs on a machine without network.
    pub fn take_off_line(folder: &Path, key: &VerifierKey) -> Result<Self, KeyError> {
        if key.kind() != KeyKind::Ed25519 {
            let key = key.to_string();
            return Err(KeyError::NotARecordKey { key });
        }
        let custody = Custody::take_off_line(folder, Kind::Record, key)?;
        Ok(Self { custody })
    }

    /// Whether it signs elsewhere, on a machine without network.
    #[must_use]
    pub fn is_off_line(&self) -> bool {
        self.custody.is_off_line()
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

    /// Signs a record's text. The same text gives the same note: Ed25519 is deterministic.
    pub fn sign(&self, text: String) -> Result<Note, SignError> {
        if !text.starts_with("fairplate/v1 ") {
            return Err(SignError::NotARecord);
        }
        self.custody.sign(text)
    }
}

impl fmt::Debug for RecordSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordSigner({})", self.key())
    }
}
