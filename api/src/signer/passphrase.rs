//! The passphrase that opens the keys of one folder.

use std::{fmt, fs, os::unix::fs::PermissionsExt as _, path::Path};

use zeroize::Zeroizing;

use super::KeyError;

/// A passphrase; wiped from memory when dropped, and shown by no formatter.
#[derive(Clone)]
pub struct Passphrase {
    text: Zeroizing<String>,
}

impl Passphrase {
    /// The passphrase as typed or configured. An empty one protects nothing and is refused.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyError> {
        let text = Zeroizing::new(text.into());
        if text.is_empty() {
            return Err(KeyError::EmptyPassphrase { file: None });
        }
        Ok(Self { text })
    }

    /// The first line of a file, without its line end. The file must not be open to everybody.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let whole = read_closed(path)?;
        match whole.lines().next() {
            None | Some("") => Err(KeyError::EmptyPassphrase {
                file: Some(path.to_owned()),
            }),
            Some(line) => Self::new(line),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(hidden)")
    }
}

/// A file with a secret, which must not be open to everybody.
pub(super) fn read_closed(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let metadata = fs::metadata(path).map_err(|source| KeyError::io("read", path, source))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o007 != 0 {
        return Err(KeyError::ReadableByOthers {
            path: path.to_owned(),
            mode,
        });
    }
    fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|source| KeyError::io("read", path, source))
}
