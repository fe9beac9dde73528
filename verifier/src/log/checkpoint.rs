//! Checkpoints (C2SP tlog-checkpoint): the note text by which a log commits to its entries.

use std::fmt;

use crate::{
    key::is_key_name,
    log::LogError,
    text::{Digest, base64, decimal, excerpt, unbase64},
};

/// A log's size and root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, which is also the name of its key.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

impl Checkpoint {
    /// Reads the note text. Extension lines are refused: our logs write none.
    pub fn parse(text: &str) -> Result<Self, LogError> {
        let lines: Vec<&str> = text.split('\n').collect();
        let refuse = |index: usize, expected| LogError::Line {
            line: index + 1,
            expected,
            found: excerpt(lines.get(index).copied().unwrap_or_default()),
        };
        let [origin, size, root, ""] = lines.as_slice() else {
            return Err(refuse(3, "three lines: origin, size and root"));
        };
        if !is_key_name(origin) {
            return Err(refuse(0, "an origin"));
        }
        let size = decimal(size).ok_or_else(|| refuse(1, "a whole number of entries"))?;
        Ok(Self {
            origin: (*origin).to_owned(),
            size,
            root: parse_hash(root).ok_or_else(|| refuse(2, "32 bytes in base64"))?,
        })
    }
}

pub(super) fn parse_hash(text: &str) -> Option<Digest> {
    unbase64(text)?.try_into().ok().map(Digest)
}

/// The note text.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.origin)?;
        writeln!(f, "{}", self.size)?;
        writeln!(f, "{}", base64(&self.root.0))
    }
}
