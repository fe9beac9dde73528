//! What a city looks like before a rehearsal and after it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use ::entity::CityId;
use sha2::{Digest as _, Sha256};
use verifier::text::Digest;

use super::Reading;
use crate::{
    error::{Error, Result},
    layout::Layout,
    store,
};

/// A city's rows, the end of its audit trail, and its published files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    rows: BTreeMap<String, u64>,
    trail: Option<(i64, Vec<u8>)>,
    files: BTreeMap<PathBuf, Digest>,
}

impl State {
    /// Looks at a city.
    pub async fn of(from: &Reading, city: CityId, layout: &Layout) -> Result<Self> {
        let txn = store::begin_reading(&from.db).await?;
        let rows = store::copies::rows_of_tables(&txn).await?;
        let trail = store::trail::find_last_link(&txn, city).await?;
        txn.rollback().await?;
        let public = layout.public();
        let reading = tokio::task::spawn_blocking(move || files_under(&public));
        let files = reading.await.map_err(Error::internal)?;
        Ok(Self {
            rows,
            trail,
            files: files.map_err(Error::internal)?,
        })
    }

    /// What is another in a later state: names of tables, `trail`, and paths of published files.
    #[must_use]
    pub fn changes(&self, later: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        let tables: BTreeSet<_> = self.rows.keys().chain(later.rows.keys()).collect();
        for table in tables {
            if self.rows.get(table) != later.rows.get(table) {
                changes.push(table.clone());
            }
        }
        if self.trail != later.trail {
            changes.push("trail".to_owned());
        }
        let files: BTreeSet<_> = self.files.keys().chain(later.files.keys()).collect();
        for file in files {
            if self.files.get(file) != later.files.get(file) {
                changes.push(file.display().to_string());
            }
        }
        changes
    }

    /// How many rows there are in all tables.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.rows.values().sum()
    }

    /// How many published files there are.
    #[must_use]
    pub fn file_count(&self) -> usize {
        self.files.len()
    }
}

/// Pools are too large to be read at once.
fn digest_of(path: &Path) -> io::Result<Digest> {
    let (mut file, mut piece) = (fs::File::open(path)?, vec![0; 1 << 16]);
    let mut hasher = Sha256::new();
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(Digest(hasher.finalize().into()));
        }
        hasher.update(&piece[..read]);
    }
}

fn files_under(folder: &Path) -> io::Result<BTreeMap<PathBuf, Digest>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = match fs::read_dir(&next) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let within = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            files.insert(within, digest_of(&path)?);
        }
    }
    Ok(files)
}
