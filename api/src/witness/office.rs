//! A witness for others: it watches several logs, cosigns what continues what it saw before, and keeps
//! every checkpoint that it cosigned and whatever speaks against a log (C2SP tlog-witness).
//!
//! A new checkpoint is written down, durably, before it is signed: after a crash the witness either
//! does not know it and has not signed it, or knows it and signs it when it is asked again. It therefore
//! never signs two roots of one size, nor a smaller log behind a larger one, whatever happens in
//! between.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use verifier::{
    log::{Checkpoint, check_consistency},
    note::{KeyKind, Note, Signature, VerifierKey},
    text::{Digest, Time},
};

use super::{
    Submission, durable,
    kept::{Against, Kept, Seen, own_line},
};
use crate::{clock::Clock, signer::Cosigner};

/// Why there is no cosignature, as the caller is told.
#[derive(Debug, thiserror::Error)]
pub enum Declined {
    /// Not a checkpoint, or one that is smaller than the size it is said to continue.
    #[error("{0}")]
    Malformed(String),
    /// A log that this witness does not watch.
    #[error("this witness does not watch the log {0}")]
    UnknownLog(String),
    /// None of the log's known keys has signed it.
    #[error("no known key of the log {0} has signed this checkpoint")]
    NotSigned(String),
    /// The caller thinks of another size than the latest one cosigned, or sends another root for it.
    #[error("the latest checkpoint of this log has {size} entries")]
    Conflict {
        /// The size of the latest one; 0 where there is none.
        size: u64,
    },
    /// The proof does not lead from the latest checkpoint to this one.
    #[error("the proof does not lead from the latest checkpoint, of {size} entries, to this one")]
    Unproven {
        /// The size of the latest one.
        size: u64,
    },
    /// Another process has the witness's folder.
    #[error("another process serves the witness in {}; stop it first", .0.display())]
    Taken(PathBuf),
    /// What is kept cannot be trusted or written.
    #[error("the witness's memory {}: {found}; restore it, a witness that forgot must not cosign", path.display())]
    Memory {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        found: String,
    },
}

impl Declined {
    pub(super) fn memory(path: &Path, found: &impl ToString) -> Self {
        Self::Memory {
            path: path.to_owned(),
            found: found.to_string(),
        }
    }
}

/// A log that is watched.
struct Log {
    keys: Vec<VerifierKey>,
    /// Held from the look at the latest checkpoint until the next one is written: one request at a time.
    kept: Mutex<Kept>,
}

/// A witness of several logs.
pub struct Office {
    cosigner: Cosigner,
    logs: BTreeMap<String, Log>,
    clock: Arc<dyn Clock>,
    /// Keeps a second process away from the folder.
    _lock: File,
}

/// A checkpoint that is written down as the latest, and may be signed.
pub(super) struct Recorded<'a> {
    kept: std::sync::MutexGuard<'a, Kept>,
    size: u64,
    /// The checkpoint with the log's lines alone.
    note: Note,
    /// The witness's line, where it was signed before.
    line: Option<Signature>,
}

impl Office {
    /// Opens a witness's folder, for the logs of these keys; a log is named by its key, and may have
    /// several.
    ///
    /// # Errors
    ///
    /// [`Declined::Taken`] where another process has the folder; [`Declined::Memory`] where what it holds
    /// is damaged.
    pub fn open(
        folder: &Path,
        cosigner: Cosigner,
        keys: Vec<VerifierKey>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Declined> {
        let folder = folder.join("logs");
        durable::make_folder(&folder).map_err(|error| Declined::memory(&folder, &error))?;
        let lock = lock(&folder)?;
        let mut logs: BTreeMap<String, Log> = BTreeMap::new();
        for key in keys {
            let origin = key.name().to_owned();
            if let Some(log) = logs.get_mut(&origin) {
                log.keys.push(key);
                continue;
            }
            let kept = Mutex::new(Kept::open(&folder, &origin)?);
            let keys = vec![key];
            logs.insert(origin, Log { keys, kept });
        }
        Ok(Self {
            cosigner,
            logs,
            clock,
            _lock: lock,
        })
    }

    /// The key that the cosignatures verify with.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        self.cosigner.key()
    }

    /// The names of the logs that are watched.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// The witness's line for a checkpoint that continues what it saw before. Asked again about the
    /// latest one, it gives the same line again, with the time at which it was first seen.
    ///
    /// # Errors
    ///
    /// [`Declined`], and then nothing is remembered but what speaks against the log.
    pub fn cosign(&self, submission: &Submission) -> Result<Signature, Declined> {
        self.sign(self.record(submission)?)
    }

    /// Writes a checkpoint down as the latest one, before anything is signed.
    pub(super) fn record(&self, submission: &Submission) -> Result<Recorded<'_>, Declined> {
        let (checkpoint, log, note) = self.read(submission)?;
        let kept = log.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = kept.find_latest(&checkpoint.origin)?;
        decide(&kept, latest.as_ref(), submission, &checkpoint)?;
        let is_new = latest.is_none_or(|seen| seen.note.text != note.text);
        if is_new {
            kept.put_latest(&note)?;
        }
        let cosigned = kept.find_cosigned(&checkpoint.origin, checkpoint.size)?;
        let line = cosigned.and_then(|seen| own_line(&seen.note, self.key()));
        Ok(Recorded {
            kept,
            size: checkpoint.size,
            note,
            line,
        })
    }

    /// Signs what was written down, and keeps it with the signature before anybody is given it.
    pub(super) fn sign(&self, recorded: Recorded<'_>) -> Result<Signature, Declined> {
        let Recorded {
            kept,
            size,
            note,
            line,
        } = recorded;
        if let Some(line) = line {
            return Ok(line);
        }
        let time = Time(self.clock.now().timestamp());
        let line = self.cosigner.cosign(&note, time);
        let mut cosigned = note;
        cosigned.signatures.push(line.clone());
        kept.put_cosigned(size, &cosigned)?;
        Ok(line)
    }

    /// The checkpoint, its log, and the note with the lines of that log's known keys alone.
    fn read(&self, submission: &Submission) -> Result<(Checkpoint, &Log, Note), Declined> {
        let note = &submission.checkpoint;
        let checkpoint = Checkpoint::parse(&note.text)
            .map_err(|error| Declined::Malformed(format!("the checkpoint: {error}")))?;
        let origin = &checkpoint.origin;
        let log = self.logs.get(origin);
        let log = log.ok_or_else(|| Declined::UnknownLog(origin.clone()))?;
        let signed: Vec<_> = log
            .keys
            .iter()
            .filter(|key| note.verify(key).is_ok())
            .collect();
        if signed.is_empty() {
            return Err(Declined::NotSigned(origin.clone()));
        }
        if submission.old_size > checkpoint.size {
            return Err(Declined::Malformed(format!(
                "expected an old size of at most the checkpoint's {}, found {}",
                checkpoint.size, submission.old_size
            )));
        }
        let mut note = note.clone();
        note.signatures.retain(|line| {
            let mut keys = signed.iter();
            keys.any(|key| line.name == key.name() && line.key_id == key.id())
        });
        Ok((checkpoint, log, note))
    }
}

/// Succeeds when the checkpoint continues the latest one, or is it.
fn decide(
    kept: &Kept,
    latest: Option<&Seen>,
    submission: &Submission,
    checkpoint: &Checkpoint,
) -> Result<(), Declined> {
    let Some(known) = latest else {
        if submission.old_size != 0 {
            return Err(Declined::Conflict { size: 0 });
        }
        let is_empty = checkpoint.size > 0 || checkpoint.root == Digest::of(b"");
        if !submission.proof.is_empty() || !is_empty {
            return Err(Declined::Unproven { size: 0 });
        }
        return Ok(());
    };
    keep_fork(kept, known, submission, checkpoint)?;
    let size = known.checkpoint.size;
    if submission.old_size != size {
        return Err(Declined::Conflict { size });
    }
    let continued = check_consistency(
        size,
        known.checkpoint.root,
        checkpoint.size,
        checkpoint.root,
        &submission.proof,
    );
    if continued.is_ok() {
        return Ok(());
    }
    if checkpoint.size == size && checkpoint.root != known.checkpoint.root {
        return Err(Declined::Conflict { size });
    }
    if checkpoint.size == size {
        // Hashes too many for nothing to prove: that says nothing about the log.
        return Err(Declined::Unproven { size });
    }
    let evidence = kept.put_evidence(Against::Unproven, submission, checkpoint, known)?;
    tracing::warn!(
        "a checkpoint of {} was not shown to continue the one of {size} entries; kept in {}",
        checkpoint.origin,
        evidence.display()
    );
    Err(Declined::Unproven { size })
}

/// Keeps a checkpoint that contradicts one of the same size. Nothing else is needed to show that the
/// log has two histories: the log has signed both.
fn keep_fork(
    kept: &Kept,
    latest: &Seen,
    submission: &Submission,
    checkpoint: &Checkpoint,
) -> Result<(), Declined> {
    let cosigned;
    let known = if latest.checkpoint.size == checkpoint.size {
        Some(latest)
    } else {
        cosigned = kept.find_cosigned(&checkpoint.origin, checkpoint.size)?;
        cosigned.as_ref()
    };
    let Some(known) = known.filter(|known| known.checkpoint.root != checkpoint.root) else {
        return Ok(());
    };
    let evidence = kept.put_evidence(Against::Fork, submission, checkpoint, known)?;
    tracing::error!(
        "the log {} has signed two roots of {} entries; both are kept in {}",
        checkpoint.origin,
        checkpoint.size,
        evidence.display()
    );
    Ok(())
}

fn lock(folder: &Path) -> Result<File, Declined> {
    let path = folder.join("lock");
    let opened = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path);
    let file = opened.map_err(|error| Declined::memory(&path, &error))?;
    file.try_lock()
        .map_err(|_| Declined::Taken(folder.to_owned()))?;
    Ok(file)
}

/// Reads which logs are watched: a line `log <vkey>` each, as in a city's `trust.policy`, empty lines,
/// and comments that begin with `#`. A log whose key changes has two lines for a while.
///
/// # Errors
///
/// A sentence that names the line.
pub fn parse_logs(text: &str) -> Result<Vec<VerifierKey>, String> {
    let mut keys: Vec<VerifierKey> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let refuse = |why: &str| format!("line {number}: expected `log <verifier key>`, {why}");
        let key = line
            .strip_prefix("log ")
            .ok_or_else(|| refuse("found another line"))?;
        let key: VerifierKey = key.parse().map_err(|error| refuse(&format!("{error}")))?;
        if key.kind() != KeyKind::Ed25519 {
            return Err(refuse("found the key of a witness"));
        }
        if keys.contains(&key) {
            return Err(refuse("found a key twice"));
        }
        keys.push(key);
    }
    if keys.is_empty() {
        return Err(
            "expected a line `log <verifier key>` for each log to watch, found none".to_owned(),
        );
    }
    Ok(keys)
}

#[cfg(test)]
mod tests;
