//! Where a draw's folder is put together before it is public, and what crashes leave there.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    app::App,
    error::{Error, Result},
    ids,
};

/// A folder of one publication. As long as its process lives it holds the lock beside it.
pub(super) struct Place {
    path: PathBuf,
    lock: PathBuf,
    _held: File,
}

impl Place {
    /// A new folder for a draw.
    pub(super) fn make(app: &App, draw: &str) -> anyhow::Result<Self> {
        let staging = app.layout.staging();
        fs::create_dir_all(&staging).context("making the staging folder")?;
        let unique = u64::from_le_bytes(ids::random());
        let path = staging.join(format!("{draw}-{unique:016x}"));
        let lock = path.with_extension("lock");
        // The lock comes first and goes last: a folder without a held lock belongs to nobody.
        let held = File::create_new(&lock).context("making a staging lock")?;
        held.lock().context("taking a staging lock")?;
        let place = Self {
            path,
            lock,
            _held: held,
        };
        fs::create_dir(&place.path).context("making a folder in staging")?;
        Ok(place)
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the folder away, with whatever is left in it.
    pub(super) fn remove(self) -> anyhow::Result<()> {
        remove(&self.path, &self.lock)
    }
}

/// What comes to no publication takes no room: the disk may be full, and the next try needs it.
impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed now is cleared at the next start.
        drop(remove(&self.path, &self.lock));
    }
}

/// Removes what a crash left in the staging folder, and nothing that a living process uses.
pub fn clear(app: &App) -> Result<()> {
    let clear = || -> anyhow::Result<()> {
        let Ok(entries) = fs::read_dir(app.layout.staging()) else {
            return Ok(());
        };
        for entry in entries {
            let lock = entry?.path();
            let is_abandoned = lock
                .extension()
                .is_some_and(|extension| extension == "lock")
                && File::open(&lock).is_ok_and(|file| file.try_lock().is_ok());
            if is_abandoned {
                remove(&lock.with_extension(""), &lock)?;
            }
        }
        Ok(())
    };
    clear().map_err(Error::internal)
}

fn remove(path: &Path, lock: &Path) -> anyhow::Result<()> {
    for removed in [fs::remove_dir_all(path), fs::remove_file(lock)] {
        match removed {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(cause).context("removing a folder in staging");
            }
            _ => {}
        }
    }
    Ok(())
}
