//! What a witness keeps of one log, as files of a folder: the latest checkpoint, every one that it
//! cosigned, and whatever speaks against the log.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use verifier::{
    log::Checkpoint,
    note::{Note, Signature, VerifierKey},
    text::Digest,
};

use super::{Declined, Submission, durable};

/// A log's folder.
pub(super) struct Kept {
    folder: PathBuf,
}

/// A checkpoint with the text that was signed.
pub(super) struct Seen {
    pub(super) note: Note,
    pub(super) checkpoint: Checkpoint,
}

/// What a submission says of a log that is kept.
#[derive(Clone, Copy)]
pub(super) enum Against {
    /// Two checkpoints of one size with different roots, both signed by the log.
    Fork,
    /// A checkpoint that was not shown to continue the latest one.
    Unproven,
}

impl Kept {
    /// Opens or makes the folder of a log below `logs`. Refused where checkpoints were cosigned that the
    /// latest one does not cover: a witness that forgot must not cosign.
    pub(super) fn open(logs: &Path, origin: &str) -> Result<Self, Declined> {
        // An origin has slashes and may have anything; the file `origin` says whose folder it is.
        let folder = logs.join(&Digest::of(origin.as_bytes()).to_string()[..16]);
        let kept = Self { folder };
        let made = durable::make_folder(&kept.cosigned_folder())
            .and_then(|()| durable::make_folder(&kept.folder))
            .and_then(|()| {
                durable::replace(
                    &kept.folder.join("origin"),
                    format!("{origin}\n").as_bytes(),
                )
            });
        made.map_err(|error| Declined::memory(&kept.folder, &error))?;
        let known = kept.find_latest(origin)?.map(|seen| seen.checkpoint.size);
        if let Some(largest) = kept.find_largest()?
            && known.is_none_or(|known| known < largest)
        {
            let found = format!(
                "a checkpoint of {largest} entries was cosigned, and none so large is remembered"
            );
            return Err(Declined::memory(&kept.latest(), &found));
        }
        Ok(kept)
    }

    fn latest(&self) -> PathBuf {
        self.folder.join("latest.note")
    }

    fn cosigned_folder(&self) -> PathBuf {
        self.folder.join("cosigned")
    }

    fn cosigned(&self, size: u64) -> PathBuf {
        // As wide as the largest size, so that a list of the folder is in order.
        self.cosigned_folder().join(format!("{size:020}.note"))
    }

    fn find_largest(&self) -> Result<Option<u64>, Declined> {
        let folder = self.cosigned_folder();
        let read = || -> io::Result<Option<u64>> {
            let mut largest = None;
            for entry in fs::read_dir(&folder)? {
                let name = entry?.file_name();
                let size = name.to_str().and_then(|name| name.strip_suffix(".note"));
                largest = largest.max(size.and_then(|size| size.parse().ok()));
            }
            Ok(largest)
        };
        read().map_err(|error| Declined::memory(&folder, &error))
    }

    /// The latest checkpoint that was taken down, cosigned or about to be.
    pub(super) fn find_latest(&self, origin: &str) -> Result<Option<Seen>, Declined> {
        read(&self.latest(), origin)
    }

    /// The checkpoint of this size that was cosigned.
    pub(super) fn find_cosigned(&self, origin: &str, size: u64) -> Result<Option<Seen>, Declined> {
        read(&self.cosigned(size), origin)
    }

    /// Takes a checkpoint down as the latest. When this has succeeded it survives a power cut.
    pub(super) fn put_latest(&self, note: &Note) -> Result<(), Declined> {
        let path = self.latest();
        durable::replace(&path, note.to_string().as_bytes())
            .map_err(|error| Declined::memory(&path, &error))
    }

    /// Keeps a checkpoint with the witness's own line, for ever.
    pub(super) fn put_cosigned(&self, size: u64, note: &Note) -> Result<(), Declined> {
        let path = self.cosigned(size);
        durable::replace(&path, note.to_string().as_bytes())
            .map_err(|error| Declined::memory(&path, &error))
    }

    /// Keeps what speaks against the log: the whole request, and the checkpoint that it does not fit.
    /// The same finding again is kept once; since only the log can sign a checkpoint, nobody else can
    /// fill the folder.
    pub(super) fn put_evidence(
        &self,
        against: Against,
        submission: &Submission,
        submitted: &Checkpoint,
        known: &Seen,
    ) -> Result<PathBuf, Declined> {
        let word = match against {
            Against::Fork => "fork",
            Against::Unproven => "unproven",
        };
        let (size, from) = (submitted.size, known.checkpoint.size);
        let root = &submitted.root.to_string()[..16];
        let folder = self
            .folder
            .join(format!("{word}-{size:020}-{root}-against-{from}"));
        let submitted = folder.join("submitted.note");
        let write = || {
            if submitted.exists() {
                return Ok(());
            }
            durable::make_folder(&folder)?;
            durable::replace(
                &folder.join("request.txt"),
                submission.to_string().as_bytes(),
            )?;
            durable::replace(
                &folder.join("known.note"),
                known.note.to_string().as_bytes(),
            )?;
            durable::replace(&submitted, submission.checkpoint.to_string().as_bytes())
        };
        write().map_err(|error: io::Error| Declined::memory(&folder, &error))?;
        Ok(folder)
    }
}

/// The witness's own line under a note, if it is there and verifies.
pub(super) fn own_line(note: &Note, key: &VerifierKey) -> Option<Signature> {
    note.verify(key).ok()?;
    let mut lines = note.signatures.iter();
    lines
        .find(|line| line.name == key.name() && line.key_id == key.id())
        .cloned()
}

fn read(path: &Path, origin: &str) -> Result<Option<Seen>, Declined> {
    let damaged = |found: &dyn std::fmt::Display| Declined::memory(path, &found.to_string());
    let Some(bytes) = durable::find(path).map_err(|error| damaged(&error))? else {
        return Ok(None);
    };
    let note = Note::parse(&bytes).map_err(|error| damaged(&error))?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(|error| damaged(&error))?;
    if checkpoint.origin != origin {
        return Err(damaged(&format!("a checkpoint of {}", checkpoint.origin)));
    }
    Ok(Some(Seen { note, checkpoint }))
}
