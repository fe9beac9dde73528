//! Files that are either whole and durable, or not there.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{error::Error, ids};

/// Writes a file: temporary name, fsync, rename, fsync of the folder.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    make_durably(path, |temporary| {
        let mut file = File::create_new(temporary)
            .with_context(|| format!("creating {}", temporary.display()))?;
        file.write_all(bytes)
            .and_then(|()| file.sync_all())
            .with_context(|| format!("writing {}", temporary.display()))
    })
}

/// The same for a file that is written piece by piece: `write` is given its temporary name, and
/// makes what it writes there durable.
pub(super) fn make_durably<T>(
    path: &Path,
    write: impl FnOnce(&Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let temporary = temporary_name(path);
    let written = write(&temporary).and_then(|written| {
        rename_durably(&temporary, path)?;
        Ok(written)
    });
    if written.is_err() {
        // What is half-written is of no use to anybody; the cause is what matters.
        drop(fs::remove_file(&temporary));
    }
    written
}

/// Moves a finished file to its public name, and makes the move durable.
pub(super) fn rename_durably(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::rename(from, to).with_context(|| format!("moving a file to {}", to.display()))?;
    to.parent().map_or(Ok(()), settle)
}

/// Makes durable that what is in a folder is there: whoever put it there may not have come to that.
pub(super) fn settle(folder: &Path) -> anyhow::Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("making {} durable", folder.display()))
}

/// Makes a folder below another one, durably, with those between them.
pub(super) fn make_folder(top: &Path, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let above = folder.ancestors().skip(1);
    above
        .take_while(|above| above.starts_with(top))
        .try_for_each(settle)
}

/// What is told of files that could not be written. A disk without room is for the operator to see to,
/// and asking again helps then.
pub(super) fn unwritten(cause: anyhow::Error) -> Error {
    let is_full = cause.chain().any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| {
            matches!(
                cause.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem
            )
        })
    });
    if is_full {
        tracing::error!("a public file cannot be written: {cause:#}");
        return Error::Unavailable {
            what: "the disk of the data folder",
            reason: "it has no room for the public files; make room and ask again".to_owned(),
        };
    }
    Error::internal(cause)
}

/// Two processes that write the same file must not share a temporary one.
fn temporary_name(path: &Path) -> PathBuf {
    let unique = u64::from_le_bytes(ids::random());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{unique:016x}"))
}
