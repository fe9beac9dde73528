//! Signed notes (C2SP signed-note; R5 to R9): a text, an empty line, and one line a signature.

use std::{fmt, str::FromStr};

pub use crate::key::{KeyKind, VerifierKey};
use crate::{
    key::is_key_name,
    text::{Time, base64, excerpt, unbase64, visible},
};

/// The largest note in bytes: what a log's entry bundle can carry with its two-byte length.
pub const MAX_BYTES: usize = 65_535;
/// The most signature lines a note may have.
pub const MAX_SIGNATURES: usize = 16;

/// Why something is not a note, a key or a signature that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// More bytes than a log entry can have.
    #[error("expected a note of at most 65535 bytes, found {found}")]
    TooLong {
        /// The note's length in bytes.
        found: usize,
    },
    /// More signature lines than a verifier has to read.
    #[error("expected at most 16 signature lines, found {found}")]
    TooManySignatures {
        /// The number of lines.
        found: usize,
    },
    /// Not text, or text without the empty line that parts it from the signatures.
    #[error("expected {expected}")]
    Shape {
        /// What a note has there.
        expected: &'static str,
    },
    /// A line under the empty line that is no signature line.
    #[error("line {line}: expected `— <name> <base64>`, found `{found}`")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What was there.
        found: String,
    },
    /// A key that is not one.
    #[error("expected a verifier key, found `{found}`: {why}")]
    Key {
        /// What was there.
        found: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No line by the key.
    #[error("expected a signature by {}, found none", visible(.key))]
    Unsigned {
        /// The key's name.
        key: String,
    },
    /// A line by the key that does not verify.
    #[error("the signature line by {} does not verify", visible(.key))]
    BadSignature {
        /// The key's name.
        key: String,
    },
    /// Two lines by one key: there would be two times, or two spellings of one note.
    #[error("expected one signature line by {}, found several", visible(.key))]
    SignedTwice {
        /// The key's name.
        key: String,
    },
}

/// A text with the signatures under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The signed text, its last newline included.
    pub text: String,
    /// The lines under the empty line, in the order of the file.
    pub signatures: Vec<Signature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The signing key's name.
    pub name: String,
    /// The signing key's short identifier.
    pub key_id: u32,
    /// What follows the identifier: for Ed25519 the 64 bytes of the signature, for
    /// `cosignature/v1` the time in eight big-endian bytes before them.
    pub bytes: Vec<u8>,
}

impl Note {
    /// A note that nobody has signed yet.
    pub fn new(text: String) -> Result<Self, NoteError> {
        check_text(&text)?;
        let signatures = Vec::new();
        Ok(Self { text, signatures })
    }

    /// Reads a note; it needs at least one signature line. No signature is checked here.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_BYTES {
            return Err(NoteError::TooLong { found: bytes.len() });
        }
        let shape = |expected| NoteError::Shape { expected };
        let all = std::str::from_utf8(bytes).map_err(|_| shape("text in UTF-8"))?;
        let parting = all
            .rfind("\n\n")
            .ok_or_else(|| shape("a text, an empty line, and signature lines"))?;
        let (text, lines) = (&all[..=parting], &all[parting + 2..]);
        check_text(text)?;
        let lines = lines
            .strip_suffix('\n')
            .ok_or_else(|| shape("a newline after the last signature line"))?;
        let first_line = text.lines().count() + 2;
        let signatures = lines
            .split('\n')
            .enumerate()
            .map(|(index, line)| {
                line.parse().map_err(|_| NoteError::Line {
                    line: first_line + index,
                    found: excerpt(line),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            let found = signatures.len();
            return Err(NoteError::TooManySignatures { found });
        }
        let text = text.to_owned();
        Ok(Self { text, signatures })
    }

    /// Succeeds when the note has one line by this key and it verifies. For a witness key, see
    /// [`Note::cosigned_at`].
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        let unsigned = || NoteError::Unsigned {
            key: key.name().to_owned(),
        };
        match key.kind() {
            KeyKind::Ed25519 => {
                let line = self.find_line(key)?.ok_or_else(unsigned)?;
                let accepted = <&[u8; 64]>::try_from(line.bytes.as_slice())
                    .is_ok_and(|signature| key.accepts(self.text.as_bytes(), signature));
                accepted
                    .then_some(())
                    .ok_or_else(|| NoteError::BadSignature {
                        key: key.name().to_owned(),
                    })
            }
            KeyKind::CosignatureV1 => self.cosigned_at(key)?.map(drop).ok_or_else(unsigned),
        }
    }

    /// When the witness says it saw this note; none when it left no line.
    pub fn cosigned_at(&self, key: &VerifierKey) -> Result<Option<Time>, NoteError> {
        let Some(line) = self.find_line(key)? else {
            return Ok(None);
        };
        let bad = || NoteError::BadSignature {
            key: key.name().to_owned(),
        };
        let (time, signature) = line.bytes.split_first_chunk::<8>().ok_or_else(bad)?;
        let time = Time(i64::try_from(u64::from_be_bytes(*time)).map_err(|_| bad())?);
        let signature = <&[u8; 64]>::try_from(signature).map_err(|_| bad())?;
        if key.kind() == KeyKind::CosignatureV1
            && key.accepts(&cosigned_message(&self.text, time), signature)
        {
            Ok(Some(time))
        } else {
            Err(bad())
        }
    }

    fn find_line(&self, key: &VerifierKey) -> Result<Option<&Signature>, NoteError> {
        let id = key.id();
        let mut lines = self
            .signatures
            .iter()
            .filter(|line| line.name == key.name() && line.key_id == id);
        let line = lines.next();
        if lines.next().is_some() {
            let key = key.name().to_owned();
            return Err(NoteError::SignedTwice { key });
        }
        Ok(line)
    }
}

/// The bytes of the file.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl Signature {
    /// The line of a plain Ed25519 signature over the note text.
    #[must_use]
    pub fn ed25519(key: &VerifierKey, signature: [u8; 64]) -> Self {
        Self {
            name: key.name().to_owned(),
            key_id: key.id(),
            bytes: signature.to_vec(),
        }
    }

    /// The line of a witness; the signature is over [`cosigned_message`].
    #[must_use]
    pub fn cosignature(key: &VerifierKey, time: Time, signature: [u8; 64]) -> Self {
        let mut bytes = time.0.to_be_bytes().to_vec();
        bytes.extend_from_slice(&signature);
        Self {
            name: key.name().to_owned(),
            key_id: key.id(),
            bytes,
        }
    }
}

/// The line, without its newline.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.key_id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.bytes);
        write!(f, "— {} {}", self.name, base64(&bytes))
    }
}

/// Reads one line without its newline.
impl FromStr for Signature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        let refuse = || NoteError::Line {
            line: 1,
            found: excerpt(line),
        };
        let (name, encoded) = line
            .strip_prefix("— ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or_else(refuse)?;
        let bytes = unbase64(encoded).ok_or_else(refuse)?;
        let (key_id, bytes) = bytes.split_first_chunk::<4>().ok_or_else(refuse)?;
        if !is_key_name(name) || bytes.is_empty() {
            return Err(refuse());
        }
        Ok(Self {
            name: name.to_owned(),
            key_id: u32::from_be_bytes(*key_id),
            bytes: bytes.to_vec(),
        })
    }
}

/// What a `cosignature/v1` signs: its own header, the time in seconds, and the checkpoint's text.
#[must_use]
pub fn cosigned_message(checkpoint_text: &str, time: Time) -> Vec<u8> {
    format!("cosignature/v1\ntime {}\n{checkpoint_text}", time.0).into_bytes()
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.len() > MAX_BYTES {
        return Err(NoteError::TooLong { found: text.len() });
    }
    let allowed = |byte: u8| byte == b'\n' || byte >= b' ';
    if !text.ends_with('\n') || !text.bytes().all(allowed) {
        let expected = "a text that ends with a newline and has no other control character";
        return Err(NoteError::Shape { expected });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
