//! Why a witness gave no cosignature.

use std::path::{Path, PathBuf};

use crate::beacon::Fault;

/// Why there is no cosignature.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The witness last cosigned a smaller log than the submission says.
    #[error(
        "the witness knows the log at size {size}, less than submitted; send a proof from there"
    )]
    Behind {
        /// The size it knows; 0 when it knows nothing of the log.
        size: u64,
    },
    /// The witness last cosigned a larger log than the submission says.
    #[error(
        "the witness knows the log at size {size}, more than submitted; send a proof from there"
    )]
    Ahead {
        /// The size it knows.
        size: u64,
    },
    /// The checkpoint is smaller than one already cosigned: history would be taken back.
    #[error(
        "expected a checkpoint of at least {known} entries, found {found}; a log is never rolled back, restore its latest state"
    )]
    RolledBack {
        /// The size the witness knows.
        known: u64,
        /// The size of the submitted checkpoint.
        found: u64,
    },
    /// The checkpoint does not continue the one already cosigned.
    #[error(
        "the checkpoint of {found} entries does not continue the one of {known} entries that was cosigned before; keep both as evidence"
    )]
    Inconsistent {
        /// The size the witness knows.
        known: u64,
        /// The size of the submitted checkpoint.
        found: u64,
    },
    /// Not a checkpoint signed by the log that the witness watches.
    #[error("expected a checkpoint signed by {log}: {found}")]
    NotOfTheLog {
        /// The log's name.
        log: String,
        /// What is wrong with the checkpoint.
        found: String,
    },
    /// The witness could not be asked, or its answer could not be read.
    #[error("the witness at {url} {fault}")]
    Failed {
        /// Its address.
        url: String,
        /// What was wrong.
        fault: Fault,
    },
    /// The witness refused in its own words.
    #[error("the witness at {url} refused with HTTP status {status}: {text}")]
    Refused {
        /// Its address.
        url: String,
        /// 403: unknown signature; 404: unknown log; 400: malformed; 422: proof not accepted.
        status: u16,
        /// The start of what it wrote.
        text: String,
    },
    /// It answered, but not with a cosignature of this checkpoint by its key.
    #[error("expected a cosignature by {key} from the witness at {url}, found {found}")]
    FalseCosignature {
        /// Its address.
        url: String,
        /// The name of its key.
        key: String,
        /// What was there.
        found: String,
    },
    /// The file that remembers the last checkpoint cannot be trusted or written.
    #[error("the witness's memory {}: {found}; restore it, a witness that forgot must not cosign", path.display())]
    Memory {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        found: String,
    },
}

impl WitnessError {
    pub(super) fn memory(path: &Path, found: &impl ToString) -> Self {
        Self::Memory {
            path: path.to_owned(),
            found: found.to_string(),
        }
    }
}
