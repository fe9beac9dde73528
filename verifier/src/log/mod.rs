//! The append-only log (R50 to R54): RFC 6962 hashing, and the C2SP forms of its checkpoint, its proofs and its
//! static files.

mod checkpoint;
mod folder;
mod proof;
mod tiles;
mod tree;

pub use checkpoint::Checkpoint;
pub use folder::LogFolder;
pub use proof::InclusionBundle;
pub use tiles::{entry_bundle_path, read_entries, tile_path, tiles};
pub use tree::{
    check_consistency, check_inclusion, consistency_proof, inclusion_proof, leaf_hash, root_hash,
};

use crate::{note::NoteError, succession::Unpinned};

/// Why something of the log is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A line is not what it should be.
    #[error("line {line}: expected {expected}, found `{found}`")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What would have been accepted.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// A proof has too many or too few hashes for its sizes.
    #[error("expected a proof of {expected} hashes, found {found}")]
    ProofLength {
        /// How many the sizes demand.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// The entry is beyond the tree, or the older tree is the larger.
    #[error("expected a place within the {size} entries of the log, found {found}")]
    OutOfTree {
        /// The tree's size.
        size: u64,
        /// The place.
        found: u64,
    },
    /// The proof leads to another root.
    #[error("expected the root {expected}, found {found} by the proof")]
    OtherRoot {
        /// The root that was to be proven.
        expected: crate::text::Digest,
        /// Where the proof leads.
        found: crate::text::Digest,
    },
    /// A static file is missing or is not what its path says.
    #[error("{path}: expected {expected}")]
    File {
        /// Relative to the log's folder.
        path: String,
        /// What would have been accepted.
        expected: &'static str,
    },
    /// Only a trust policy that is not pinned says whose signature counts.
    #[error("to have pinned {0}")]
    Unpinned(Unpinned),
    /// The checkpoint is no note, or is not signed.
    #[error(transparent)]
    Note(#[from] NoteError),
}
