//! The `.tlog-proof` file (C2SP tlog-proof): an entry's place in the log, the path to the root, and
//! the checkpoint that witnesses cosigned.

use std::fmt;

use crate::{
    log::{Checkpoint, LogError, check_inclusion, checkpoint::parse_hash, leaf_hash},
    note::Note,
    text::{Digest, base64, decimal, excerpt},
};

const HEAD: &str = "c2sp.org/tlog-proof@v1";
/// No tree of fewer than 2^64 entries has a longer path.
const MAX_PATH: usize = 64;

/// Everything needed to see offline that an entry is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionBundle {
    /// The entry's place, from 0.
    pub index: u64,
    /// The path, the leaf's sibling first.
    pub proof: Vec<Digest>,
    /// The checkpoint with its signatures.
    pub checkpoint: Note,
}

impl InclusionBundle {
    /// Reads the file. No signature is checked here. Extra lines, which the format allows, are
    /// refused: nothing would authenticate them.
    pub fn parse(bytes: &[u8]) -> Result<Self, LogError> {
        let refuse = |line, expected, found: &str| LogError::Line {
            line,
            expected,
            found: excerpt(found),
        };
        let text =
            std::str::from_utf8(bytes).map_err(|_| refuse(1, "text in UTF-8", "other bytes"))?;
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or_else(|| refuse(1, "an empty line before the checkpoint", text))?;
        let mut lines = (1..).zip(head.split('\n'));
        let mut next = || lines.next().unwrap_or((2, ""));
        let (line, found) = next();
        if found != HEAD {
            return Err(refuse(line, "c2sp.org/tlog-proof@v1", found));
        }
        let (line, found) = next();
        let index = found.strip_prefix("index ").and_then(decimal);
        let index = index.ok_or_else(|| refuse(line, "`index <whole number>`", found))?;
        let mut proof = Vec::new();
        for (line, found) in lines {
            let hash = parse_hash(found).filter(|_| proof.len() < MAX_PATH);
            proof.push(hash.ok_or_else(|| refuse(line, "32 bytes in base64", found))?);
        }
        let checkpoint = Note::parse(checkpoint.as_bytes())?;
        Ok(Self {
            index,
            proof,
            checkpoint,
        })
    }

    /// Succeeds when the path leads from the entry to the checkpoint's root.
    pub fn check(&self, entry: &[u8], checkpoint: &Checkpoint) -> Result<(), LogError> {
        let Checkpoint { size, root, .. } = checkpoint;
        check_inclusion(leaf_hash(entry), self.index, *size, &self.proof, *root)
    }
}

/// The bytes of the file.
impl fmt::Display for InclusionBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "index {}", self.index)?;
        for hash in &self.proof {
            writeln!(f, "{}", base64(&hash.0))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
