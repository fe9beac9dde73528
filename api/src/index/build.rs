//! Writing an index.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use verifier::{
    draw::{Outcome, Place},
    pool::{Code, MAX_CODE, PoolReader},
    record::Announce,
    root::FileSummary,
    text::Digest,
};

use super::{
    IndexError,
    header::{Category, Header, Spelling},
};

/// A draw with a result, as its public files have it.
pub struct Source<'a> {
    /// The terms of the draw.
    pub announce: &'a Announce,
    /// Hash of its result record.
    pub result: Digest,
    /// Where the pool files are, and the places of each, in the order of the terms' categories.
    pub categories: Vec<(PathBuf, Outcome)>,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Built {
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
}

/// Writes the index of a draw, durably. The same draw gives the same bytes on every node.
///
/// # Errors
///
/// [`IndexError::Source`] where a pool is not the announced one, or holds not everybody who was
/// placed.
pub fn build(path: &Path, source: &Source<'_>) -> Result<Built, IndexError> {
    let sources = || source.announce.pools.iter().zip(&source.categories);
    let mut categories = Vec::with_capacity(source.categories.len());
    for (line, (pool, outcome)) in sources() {
        categories.push(Category {
            name: line.category.clone(),
            spelling: spelling(pool)?,
            rows: usize::try_from(line.file.rows).map_err(unusable)?,
            winners: usize::try_from(outcome.winners).map_err(unusable)?,
            reserves: usize::try_from(outcome.reserves).map_err(unusable)?,
        });
    }
    let header = Header {
        draw: source.announce.draw.clone(),
        result: source.result,
        categories,
    };
    let mut writer = Summing {
        inner: BufWriter::with_capacity(256 * 1024, File::create(path)?),
        digest: Sha256::new(),
        bytes: 0,
    };
    writer.write_all(header.text().as_bytes())?;
    for (category, (line, (pool, outcome))) in header.categories.iter().zip(sources()) {
        if write_rows(&mut writer, category, pool, &outcome.places)? != line.file {
            return Err(unusable(format!(
                "the public pool of {} is not the announced one",
                category.name
            )));
        }
        for place in &outcome.places {
            let serial = u32::try_from(place.serial).map_err(unusable)?;
            writer.write_all(&serial.to_be_bytes())?;
            writer.write_all(&place.score.to_be_bytes())?;
        }
    }
    writer.finish()
}

/// How a pool's codes are written.
fn spelling(pool: &Path) -> Result<Spelling, IndexError> {
    let mut reader = PoolReader::new(File::open(pool)?);
    let mut key = [0; MAX_CODE];
    while let Some(row) = reader.next_row().map_err(unusable)? {
        if Spelling::Digits
            .write(row.code.as_ref(), &mut key)
            .is_none()
        {
            return Ok(Spelling::Letters);
        }
    }
    Ok(Spelling::Digits)
}

fn write_rows(
    writer: &mut impl Write,
    category: &Category,
    pool: &Path,
    places: &[Place],
) -> Result<FileSummary, IndexError> {
    let ranks: HashMap<Code, u32> = places
        .iter()
        .map(|place| Ok((place.code, u32::try_from(place.rank).map_err(unusable)?)))
        .collect::<Result<_, IndexError>>()?;
    let mut count = 0;
    let mut reader = PoolReader::new(BufReader::new(File::open(pool)?));
    while let Some(row) = reader.next_row().map_err(unusable)? {
        let mut key = [0; MAX_CODE];
        let written = category.spelling.write(row.code.as_ref(), &mut key);
        written.ok_or_else(|| unusable("a code cannot be written"))?;
        let rank = ranks.get(&row.code).copied().unwrap_or_default();
        count += usize::from(0 < rank);
        writer.write_all(&key[..category.spelling.bytes()])?;
        writer.write_all(&row.weight.to_be_bytes())?;
        writer.write_all(&rank.to_be_bytes())?;
    }
    if count != places.len() {
        return Err(unusable("a placed code is not in the pool"));
    }
    Ok(reader.finish())
}

/// Sums up what is written.
struct Summing {
    inner: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

impl Summing {
    /// Makes the file durable, and gives its digest and its length.
    fn finish(self) -> Result<Built, IndexError> {
        let file = self
            .inner
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(Built {
            sha256: Digest(self.digest.finalize().into()),
            bytes: self.bytes,
        })
    }
}

impl Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.digest.update(bytes);
        self.inner.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` hands errors over by value"
)]
fn unusable(cause: impl ToString) -> IndexError {
    IndexError::Source(cause.to_string())
}
