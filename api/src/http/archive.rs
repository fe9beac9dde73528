//! A draw's folder as one file.
//!
//! The archive is a function of the files' names and contents: no times, no owners, one order. It
//! is written while it is sent, so that it never lies in memory as a whole.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

use futures_util::stream;
use poem::Body;
use tokio::sync::mpsc;

use crate::service::publication::published::Published;

/// Bytes sent at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Pieces that may wait for a slow reader.
const PIECES_WAITING: usize = 8;

/// The archive of these files of a folder, each under the archive's own name as folder.
pub(super) fn stream(folder: PathBuf, name: String, files: Vec<Published>) -> Body {
    let (sender, receiver) = mpsc::channel(PIECES_WAITING);
    tokio::task::spawn_blocking(move || {
        let sending = Sending {
            pieces: Vec::new(),
            sender: sender.clone(),
        };
        if let Err(cause) = write(sending, &folder, &name, &files) {
            // The reader sees a transfer that breaks off, and not a shorter archive.
            tracing::warn!(archive.name = %name, "the archive {name} was not sent whole: {cause}");
            drop(sender.blocking_send(Err(cause)));
        }
    });
    let pieces = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    Body::from_bytes_stream(pieces)
}

fn write(
    sending: Sending,
    folder: &std::path::Path,
    name: &str,
    files: &[Published],
) -> io::Result<()> {
    let mut builder = tar::Builder::new(sending);
    for file in files {
        let content = File::open(folder.join(&file.name))?;
        let mut header = tar::Header::new_ustar();
        header.set_size(file.bytes);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        builder.append_data(&mut header, format!("{name}/{}", file.name), content)?;
    }
    builder.into_inner()?.flush()
}

/// Hands what is written over, piece by piece.
struct Sending {
    pieces: Vec<u8>,
    sender: mpsc::Sender<io::Result<Vec<u8>>>,
}

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pieces.extend_from_slice(bytes);
        if PIECE_BYTES <= self.pieces.len() {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pieces.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.pieces);
        self.sender
            .blocking_send(Ok(piece))
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::publication::published;

    #[tokio::test]
    async fn the_same_files_give_the_same_archive_and_nothing_else_is_in_it() {
        let mut archives = Vec::new();
        for names in [["b.csv", "a.note"], ["a.note", "b.csv"]] {
            let folder = tempfile::tempdir().expect("a folder");
            for name in names {
                std::fs::write(folder.path().join(name), name.repeat(40_000)).expect("written");
            }
            std::fs::write(folder.path().join(".b.csv.7"), "half").expect("written");
            let files = published::list(folder.path()).expect("listed");
            let body = stream(folder.path().to_owned(), "202606".to_owned(), files);
            archives.push(body.into_vec().await.expect("the archive"));
        }
        assert_eq!(archives[0], archives[1]);
        let mut names = Vec::new();
        for entry in tar::Archive::new(&archives[0][..])
            .entries()
            .expect("an archive")
        {
            let entry = entry.expect("an entry");
            names.push((
                entry.path().expect("a path").display().to_string(),
                entry.size(),
            ));
        }
        assert_eq!(
            names,
            [
                ("202606/a.note".to_owned(), 240_000),
                ("202606/b.csv".to_owned(), 200_000)
            ]
        );
    }
}
