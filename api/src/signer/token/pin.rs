//! The PIN that opens a token.

use std::{fmt, path::Path};

use zeroize::Zeroizing;

use crate::signer::{KeyError, passphrase};

/// A PIN; wiped from memory when dropped, and shown by no formatter.
pub struct Pin {
    text: Zeroizing<String>,
}

impl Pin {
    /// The PIN as configured.
    ///
    /// # Errors
    ///
    /// [`KeyError::EmptyPin`] for an empty one.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyError> {
        let text = Zeroizing::new(text.into());
        if text.is_empty() {
            return Err(KeyError::EmptyPin);
        }
        Ok(Self { text })
    }

    /// The first line of a file, without its line end. The file must not be open to everybody.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let whole = passphrase::read_closed(path)?;
        Self::new(whole.lines().next().unwrap_or_default())
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(hidden)")
    }
}
