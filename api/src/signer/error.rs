//! Why a key cannot be made, opened or used; each sentence says what to do.

use std::{
    io,
    path::{Path, PathBuf},
};

use verifier::note::NoteError;

use super::{Kind, TokenError};
use crate::error::Error;

/// Why a key file cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No key of this kind in the folder.
    #[error(
        "expected the {kind} key at {}, found no file; make one with `fairplate key new` or restore it from its backup",
        path.display()
    )]
    Missing {
        /// The kind of key.
        kind: Kind,
        /// Where it should be.
        path: PathBuf,
    },
    /// There is a key already; it is left as it is.
    #[error(
        "expected no file at {}, found one; a key is never overwritten: move it away or choose another folder",
        path.display()
    )]
    Exists {
        /// The file in the way.
        path: PathBuf,
    },
    /// Other users of the machine can read the file.
    #[error(
        "expected {} to be closed to other users, found mode {mode:04o}; run `chmod 600` on it, and replace the secret if somebody may have read it",
        path.display()
    )]
    ReadableByOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The passphrase is empty.
    #[error(
        "expected a passphrase{}, found an empty one; choose one of several words",
        file.as_deref().map(|path| format!(" in the first line of {}", path.display())).unwrap_or_default()
    )]
    EmptyPassphrase {
        /// The file it was to come from, when from a file.
        file: Option<PathBuf>,
    },
    /// The passphrase does not open the key.
    #[error("the passphrase does not open {}; try the one it was made with", path.display())]
    WrongPassphrase {
        /// The key file.
        path: PathBuf,
    },
    /// The file holds a key for another purpose.
    #[error("expected a {expected} key in {}, found {found}; keys of different kinds are never exchanged", path.display())]
    AnotherKind {
        /// The key file.
        path: PathBuf,
        /// What was asked for.
        expected: Kind,
        /// What the file says it is.
        found: String,
    },
    /// The private half in the file does not belong to the public half written beside it.
    #[error(
        "expected {} to hold the public half of {}, found another key; restore the pair that was made together",
        public.display(), private.display()
    )]
    Mismatch {
        /// The file with the private half.
        private: PathBuf,
        /// Where the public half stands.
        public: PathBuf,
    },
    /// The file is damaged or was not written by this program.
    #[error("expected an encrypted private key in {}, found {found}; restore it from its backup", path.display())]
    Malformed {
        /// The key file.
        path: PathBuf,
        /// What was there.
        found: String,
    },
    /// A key for something else is named as the one that signs records.
    #[error(
        "expected the public half of a record key, found {key}; give the line that `fairplate key new-record` has printed"
    )]
    NotARecordKey {
        /// What was given.
        key: String,
    },
    /// The name cannot be a key's name.
    #[error(transparent)]
    Name(#[from] NoteError),
    /// The PIN of a token is empty.
    #[error(
        "expected the PIN of the token in FAIRPLATE_TOKEN_PIN or in the first line of the file of [keys.token] pin_file, found none"
    )]
    EmptyPin,
    /// The key is in a token that the settings do not name.
    #[error(
        "{} says that the {kind} key is in a token, and the settings name none; add [keys.token] with its module, label and pin_file",
        path.display()
    )]
    NoToken {
        /// The kind of key.
        kind: Kind,
        /// The file that says so.
        path: PathBuf,
    },
    /// The key is in two places.
    #[error(
        "expected the {kind} key in one place, a file, a token or off line, found both {} and another; move away the one that is not meant",
        path.display()
    )]
    Twice {
        /// The kind of key.
        kind: Kind,
        /// The file that says that it is in a token or off line.
        path: PathBuf,
    },
    /// The token did not do what it was asked.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl KeyError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Io {
            action,
            path,
            source,
        }
    }
}

/// Why a signer refuses to sign a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// A record key signs records alone.
    #[error("expected a record, a text that begins with `fairplate/v1 `, found another text")]
    NotARecord,
    /// A log key signs checkpoints alone.
    #[error("expected a checkpoint of a log, found another text")]
    NotACheckpoint,
    /// A log key signs its own log's checkpoints alone.
    #[error("expected a checkpoint of {expected}, found one of {found}")]
    AnotherLog {
        /// The key's name.
        expected: String,
        /// The checkpoint's origin.
        found: String,
    },
    /// The text cannot be a note's.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The key is on a machine without network.
    #[error(
        "the private half of {key} is on a machine without network; carry the record there with `fairplate draw export`, sign it, and import it"
    )]
    OffLine {
        /// The public half.
        key: String,
    },
    /// The token that holds the key did not sign.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// A token is for people to mend; what else a signer refuses is our own mistake.
impl From<SignError> for Error {
    fn from(cause: SignError) -> Self {
        match cause {
            SignError::Token(cause) if cause.is_passing() => Self::Unavailable {
                what: "the token of the keys",
                reason: cause.to_string(),
            },
            SignError::Token(cause) => Self::NotSetUp(cause.to_string()),
            SignError::OffLine { .. } => Self::NotSetUp(cause.to_string()),
            other => Self::internal(other),
        }
    }
}
