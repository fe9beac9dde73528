//! What the command remembers between runs: the newest checkpoint of every log it has seen, so that
//! a log cannot show it another past.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use fairplate_verifier::{Digest, Trust, log::Checkpoint, note::Note};

use super::{Refusal, environment};

/// Where to remember.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// Remember the log's newest checkpoint in this folder instead of the usual one
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// Neither read nor write what was seen before
    #[arg(long, conflicts_with = "state")]
    no_state: bool,
}

impl Arguments {
    /// The file for this log; none when nothing is to be remembered.
    pub(super) fn find_file(&self, trust: &Trust) -> Option<PathBuf> {
        if self.no_state {
            return None;
        }
        let folder = self.state.clone().or_else(environment::find_state_folder)?;
        let key = trust.policy.log().to_string();
        let name = Digest::of(key.as_bytes()).to_string();
        Some(folder.join(format!("{}.checkpoint", &name[..16])))
    }
}

/// The newest checkpoint of the log that was seen before.
pub(super) fn find(file: &Path, trust: &Trust) -> Result<Option<(Note, Checkpoint)>, Refusal> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Refusal::new(format!("to read {}", file.display()), error)),
    };
    let unusable = |error: &dyn std::fmt::Display| {
        Refusal::new(
            format!(
                "a checkpoint of the pinned log in {} (delete it to start anew)",
                file.display()
            ),
            error,
        )
    };
    let note = Note::parse(&bytes).map_err(|error| unusable(&error))?;
    trust.verify_log(&note).map_err(|error| unusable(&error))?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(|error| unusable(&error))?;
    Ok(Some((note, checkpoint)))
}

/// Remembers a checkpoint that was found consistent with the one before; whole or not at all.
pub(super) fn save(file: &Path, note: &Note) -> Result<(), Refusal> {
    let write = || {
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let temporary = file.with_extension(format!("{}.new", std::process::id()));
        fs::write(&temporary, note.to_string())?;
        fs::rename(temporary, file)
    };
    write().map_err(|error: io::Error| {
        let expected = format!(
            "to remember the log's checkpoint in {} (or --no-state)",
            file.display()
        );
        Refusal::new(expected, error)
    })
}
