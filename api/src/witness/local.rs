//! A witness in the same process, for the demo, tests and trying out. It vouches for nothing that
//! the operator could not have made up: a real city names witnesses it does not run.

use std::{
    fs::{self, File},
    io,
    path::PathBuf,
    sync::Arc,
};

use verifier::{
    log::{Checkpoint, check_consistency},
    note::{Note, Signature, VerifierKey},
    text::Time,
};

use super::{Cosign, Submission, Witness, WitnessError, durable::replace};
use crate::{clock::Clock, signer::Cosigner};

/// Cosigns the checkpoints of one log and remembers the last one, with its own line, in a file.
/// Asked again about that checkpoint it gives the first answer again, so that a crash after the
/// cosignature changes nothing. A lock beside the file keeps processes apart.
pub struct LocalWitness {
    cosigner: Cosigner,
    log: VerifierKey,
    memory: PathBuf,
    clock: Arc<dyn Clock>,
}

impl LocalWitness {
    /// A witness of the log with this key. The folder of `memory` must exist; the file need not.
    #[must_use]
    pub fn new(
        cosigner: Cosigner,
        log: VerifierKey,
        memory: PathBuf,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            cosigner,
            log,
            memory,
            clock,
        }
    }

    fn decide(&self, submission: &Submission) -> Result<Signature, WitnessError> {
        let checkpoint = self.read(&submission.checkpoint)?;
        let _lock = self.lock()?;
        if let Some(last) = self.recall()? {
            if last.text == submission.checkpoint.text {
                return self.own_line(&last);
            }
            let known = self.checkpoint(&last)?;
            check_continues(&known, submission, &checkpoint)?;
        } else if submission.old_size != 0 {
            return Err(WitnessError::Behind { size: 0 });
        } else if !submission.proof.is_empty() {
            return Err(inconsistent(0, &checkpoint));
        }
        let time = Time(self.clock.now().timestamp());
        let line = self.cosigner.cosign(&submission.checkpoint, time);
        self.remember(&submission.checkpoint, &line)?;
        Ok(line)
    }

    /// Reads a checkpoint that the log has signed.
    fn read(&self, note: &Note) -> Result<Checkpoint, WitnessError> {
        let refuse = |found: String| WitnessError::NotOfTheLog {
            log: self.log.name().to_owned(),
            found,
        };
        note.verify(&self.log)
            .map_err(|error| refuse(error.to_string()))?;
        let checkpoint =
            Checkpoint::parse(&note.text).map_err(|error| refuse(error.to_string()))?;
        if checkpoint.origin != self.log.name() {
            return Err(refuse(format!("its origin is {}", checkpoint.origin)));
        }
        Ok(checkpoint)
    }

    /// The last checkpoint with the log's line and ours, both verified.
    fn recall(&self) -> Result<Option<Note>, WitnessError> {
        let bytes = match fs::read(&self.memory) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(WitnessError::memory(&self.memory, &error)),
        };
        let note =
            Note::parse(&bytes).map_err(|error| WitnessError::memory(&self.memory, &error))?;
        self.own_line(&note)?;
        Ok(Some(note))
    }

    /// What it cosigned last. The log's key may have changed since; its own line says that it was right.
    fn checkpoint(&self, last: &Note) -> Result<Checkpoint, WitnessError> {
        let known = Checkpoint::parse(&last.text)
            .map_err(|error| WitnessError::memory(&self.memory, &error))?;
        if known.origin != self.log.name() {
            let found = format!("the log {}", known.origin);
            return Err(WitnessError::memory(&self.memory, &found));
        }
        Ok(known)
    }

    fn own_line(&self, last: &Note) -> Result<Signature, WitnessError> {
        let key = self.cosigner.key();
        last.verify(key)
            .map_err(|error| WitnessError::memory(&self.memory, &error))?;
        last.signatures
            .iter()
            .find(|line| line.name == key.name() && line.key_id == key.id())
            .cloned()
            .ok_or_else(|| WitnessError::memory(&self.memory, &"expected our line, found none"))
    }

    /// Remembers before it answers: what was cosigned is never forgotten by a crash.
    fn remember(&self, checkpoint: &Note, line: &Signature) -> Result<(), WitnessError> {
        let mut cosigned = checkpoint.clone();
        cosigned.signatures.retain(|signature| {
            signature.name == self.log.name() && signature.key_id == self.log.id()
        });
        cosigned.signatures.push(line.clone());
        replace(&self.memory, cosigned.to_string().as_bytes())
            .map_err(|error| WitnessError::memory(&self.memory, &error))
    }

    fn lock(&self) -> Result<File, WitnessError> {
        let path = self.memory.with_extension("lock");
        File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|error| WitnessError::memory(&path, &error))
    }
}

impl Witness for LocalWitness {
    fn key(&self) -> &VerifierKey {
        self.cosigner.key()
    }

    fn cosign<'a>(&'a self, submission: &'a Submission) -> Cosign<'a> {
        Box::pin(async move { self.decide(submission) })
    }
}

fn check_continues(
    known: &Checkpoint,
    submission: &Submission,
    checkpoint: &Checkpoint,
) -> Result<(), WitnessError> {
    if checkpoint.size < known.size {
        return Err(WitnessError::RolledBack {
            known: known.size,
            found: checkpoint.size,
        });
    }
    if submission.old_size < known.size {
        return Err(WitnessError::Ahead { size: known.size });
    }
    if submission.old_size > known.size {
        return Err(WitnessError::Behind { size: known.size });
    }
    check_consistency(
        known.size,
        known.root,
        checkpoint.size,
        checkpoint.root,
        &submission.proof,
    )
    .map_err(|_| inconsistent(known.size, checkpoint))
}

fn inconsistent(known: u64, checkpoint: &Checkpoint) -> WitnessError {
    WitnessError::Inconsistent {
        known,
        found: checkpoint.size,
    }
}
