//! The key that signs the checkpoints of a city's log.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use verifier::{
    log::Checkpoint,
    note::{Note, VerifierKey},
};

use super::{Access, KeyError, Kind, Passphrase, SignError, Token, Wanted, custody::Custody, file};

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

    /// Opens the folder's newest log key: `log.key`, or the one of the last `log-<n>`.
    pub fn open<'a>(folder: &Path, access: impl Into<Access<'a>>) -> Result<Self, KeyError> {
        let custody = Custody::open(&newest(folder)?.0, Kind::Log, access.into())?;
        Ok(Self { custody })
    }

    /// The file of the newest public half.
    pub fn public_half(folder: &Path) -> Result<PathBuf, KeyError> {
        Ok(newest(folder)?.0.join(PUBLIC))
    }

    /// Makes the key that is to take the place of the newest one, in a folder `log-<n>` of its own.
    pub fn add(&self, folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let next = next(folder)?;
        file::make_folder(&next)?;
        Self::create(&next, self.key().name(), passphrase)
    }

    /// The same in a token.
    pub fn add_in_token(
        &self,
        folder: &Path,
        token: &Token,
        wanted: Wanted<'_>,
    ) -> Result<Self, KeyError> {
        let next = next(folder)?;
        file::make_folder(&next)?;
        Self::create_in_token(&next, self.key().name(), token, wanted)
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

const PUBLIC: &str = "log.vkey";

/// The folder of the newest key, with its generation, counted from 1.
fn newest(folder: &Path) -> Result<(PathBuf, u32), KeyError> {
    let (mut found, mut generation) = (folder.to_owned(), 1);
    loop {
        let later = folder.join(format!("log-{}", generation + 1));
        let path = later.join(PUBLIC);
        let is_there = fs::exists(&path).map_err(|source| KeyError::io("read", &path, source))?;
        if !is_there {
            return Ok((found, generation));
        }
        (found, generation) = (later, generation + 1);
    }
}

/// The folder of the key that comes next.
fn next(folder: &Path) -> Result<PathBuf, KeyError> {
    let (_, generation) = newest(folder)?;
    Ok(folder.join(format!("log-{}", generation + 1)))
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({})", self.key())
    }
}
