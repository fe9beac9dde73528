//! A folder as the way out: the hand-over to a modem, a gateway or a mail server on this machine.
//!
//! One file a letter, `<folder>/<id>.json`, mode 0600, there whole or not at all. Whoever delivers
//! takes the file away; a letter that is handed over twice has the same name.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use chrono::SecondsFormat;
use tokio::task::spawn_blocking;

use super::{Letter, SendError, Sending, Transport};

/// Writes letters into a folder.
pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// The spool in a folder; it is made when the first letter comes.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Transport for Spool {
    fn describe(&self) -> String {
        format!("files in {}", self.folder.display())
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        let (folder, name, content) = (self.folder.clone(), letter.id, content(letter));
        Box::pin(async move {
            spawn_blocking(move || {
                write(&folder, &name.to_string(), &content).map_err(|cause| {
                    SendError::not_now(format!("{} cannot be written: {cause}", folder.display()))
                })
            })
            .await
            .unwrap_or_else(|_| Err(SendError::not_now("writing the letter was broken off")))
        })
    }
}

fn content(letter: &Letter) -> String {
    let whole = serde_json::json!({
        "id": letter.id,
        "to": letter.to,
        "purpose": letter.purpose,
        "subject": letter.subject,
        "title": letter.title,
        "text": letter.text,
        "locale": letter.locale,
        "writtenAt": letter.written_at.to_rfc3339_opts(SecondsFormat::Secs, true),
    });
    format!("{whole:#}\n")
}

/// Beside its place, flushed, renamed, the folder flushed.
fn write(folder: &Path, name: &str, content: &str) -> io::Result<()> {
    make_private_folder(folder)?;
    let partial = folder.join(format!(".{name}.partial"));
    let mut file = private(&partial)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, folder.join(format!("{name}.json")))?;
    File::open(folder)?.sync_all()
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
