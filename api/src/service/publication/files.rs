//! Files that are either whole and durable, or not there.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::ids;

/// Writes a file: temporary name, fsync, rename, fsync of the folder.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let temporary = temporary_name(path);
    let mut file = File::create_new(&temporary)
        .with_context(|| format!("creating {}", temporary.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename_durably(&temporary, path)
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
    if let Some(parent) = to.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// Two processes that write the same file must not share a temporary one.
fn temporary_name(path: &Path) -> PathBuf {
    let unique = u64::from_le_bytes(ids::random());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{unique:016x}"))
}
