//! The published result of one draw, ready to be asked: what became of a code, without the database.
//!
//! An index is a file that follows from a draw's public pool and result files, and is built once, when
//! they have become public. It never changes. A code that is not in it was not in the pool: a miss is
//! an answer, and needs no second look elsewhere.
//!
//! ```text
//! fairplate results/1
//! draw 202606
//! result <H(result), hex>
//! category individual digits 3000000 20000 2000     how codes are written, rows, winners, reserves
//!
//! rows        code, weight (u16), rank (u32; 0 where the code was not placed), ascending by code
//! places      serial (u32), score (u64), in the order of ranks
//! ...         rows and places of the next category
//! ```
//!
//! Numbers are big-endian. `digits` codes are thirteen digits in six bytes, twelve bytes a row;
//! `letters` codes, of older systems, are 32 bytes filled up with zeros.

mod build;
mod buckets;
mod header;
mod loaded;
mod search;

use std::{fs, io, path::Path};

use sha2::{Digest as _, Sha256};
use verifier::text::Digest;

pub use buckets::{Bucket, Buckets, assemble, bucket_of, count};
pub use build::{Built, Source, build};
pub use loaded::{Loaded, Opened, Published};

use header::{Category, Header};
use search::Range;

/// Bytes of a weight and of a rank.
const WEIGHT_BYTES: usize = 2;
const RANK_BYTES: usize = 4;

/// Bytes of a place: its serial and its score.
const PLACE_BYTES: usize = 4 + 8;

/// Why a file is not used. Whoever meets one builds the index again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// It cannot be read or written.
    #[error("the index cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// Its bytes are not those that were written.
    #[error("the index is cut short or changed: its digest is {found}, expected {expected}")]
    Changed {
        /// The digest that was expected.
        expected: Digest,
        /// The digest of the file's bytes.
        found: Digest,
    },
    /// It is of another version, or not an index.
    #[error(
        "expected an index of version 1, found `{0}`; another version of the program has written it"
    )]
    Version(String),
    /// It says what no index says.
    #[error("the index is malformed: {0}")]
    Malformed(&'static str),
    /// It is another draw's, or another result's.
    #[error("the index is of draw {draw} with the result {result}")]
    Foreign {
        /// The draw.
        draw: String,
        /// Hash of its result record.
        result: Digest,
    },
    /// The files it is made from cannot be used.
    #[error("the public files give no index: {0}")]
    Source(String),
}

impl IndexError {
    /// Whether the file has the published digest all the same: it is whole, and of another version.
    #[must_use]
    pub fn is_of_the_published_file(&self) -> bool {
        matches!(
            self,
            Self::Version(_) | Self::Malformed(_) | Self::Foreign { .. }
        )
    }
}

/// What a draw made of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The category in which it was drawn.
    pub category: &'a str,
    /// How many tickets it had.
    pub weight: u16,
    /// Where it was placed, if it was.
    pub place: Option<Place>,
}

/// A place of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1; winners first, then the reserves.
    pub rank: u32,
    /// Whether it won.
    pub is_winner: bool,
    /// Public number of the ticket that placed it.
    pub serial: u32,
    /// That ticket's score.
    pub score: u64,
}

/// An index in memory.
#[derive(Debug)]
pub struct Index {
    draw: String,
    result: Digest,
    sections: Vec<Section>,
    bytes: Vec<u8>,
}

/// Where a category lies in the bytes.
#[derive(Debug)]
struct Section {
    category: Category,
    rows_at: usize,
    places_at: usize,
}

impl Index {
    /// Reads an index and believes it: its bytes have this digest, and it is of this draw and this
    /// result.
    ///
    /// # Errors
    ///
    /// [`IndexError`] with what was found instead; nothing of such a file is ever answered from.
    pub fn open(
        path: &Path,
        draw: &str,
        result: Digest,
        sha256: Digest,
    ) -> Result<Self, IndexError> {
        Self::believe(fs::read(path)?, draw, result, sha256)
    }

    /// Believes the bytes of an index, as [`Self::open`] does those of a file.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn believe(
        bytes: Vec<u8>,
        draw: &str,
        result: Digest,
        sha256: Digest,
    ) -> Result<Self, IndexError> {
        let found = Digest(Sha256::digest(&bytes).into());
        if found != sha256 {
            return Err(IndexError::Changed {
                expected: sha256,
                found,
            });
        }
        let (header, mut at) = Header::parse(&bytes)?;
        if header.draw != draw || header.result != result {
            return Err(IndexError::Foreign {
                draw: header.draw,
                result: header.result,
            });
        }
        let mut sections = Vec::with_capacity(header.categories.len());
        for category in header.categories {
            let rows_at = at;
            let places_at = rows_at + category.rows * category.row_bytes();
            at = places_at + category.places() * PLACE_BYTES;
            sections.push(Section {
                category,
                rows_at,
                places_at,
            });
        }
        if bytes.len() != at {
            return Err(IndexError::Malformed(
                "its length is not what its head says",
            ));
        }
        Ok(Self {
            draw: header.draw,
            result,
            sections,
            bytes,
        })
    }

    /// The draw's public id.
    #[must_use]
    pub fn draw(&self) -> &str {
        &self.draw
    }

    /// Its bytes, as in its file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the draw made of a code; nothing where the code was not in the pool.
    #[must_use]
    pub fn look_up(&self, code: &str) -> Option<Entry<'_>> {
        self.sections
            .iter()
            .find_map(|section| self.look_up_in(section, code))
    }

    fn look_up_in<'a>(&'a self, section: &'a Section, code: &str) -> Option<Entry<'a>> {
        let category = &section.category;
        let (mut key, length) = ([0; verifier::pool::MAX_CODE], category.spelling.bytes());
        category.spelling.write(code, &mut key)?;
        let key = &key[..length];
        let row_bytes = category.row_bytes();
        let rows = self.bytes.get(section.rows_at..section.places_at)?;
        let mut range = Range::of(category, rows);
        while let Some(at) = range.next(key) {
            let row = &rows[at * row_bytes..][..row_bytes];
            let code = &row[..length];
            match code.cmp(key) {
                std::cmp::Ordering::Less => range.is_above(at, code),
                std::cmp::Ordering::Greater => range.is_below(at, code),
                std::cmp::Ordering::Equal => return self.entry(section, &row[length..]),
            }
        }
        None
    }

    /// Reads what stands behind a row's code.
    fn entry<'a>(&'a self, section: &'a Section, rest: &[u8]) -> Option<Entry<'a>> {
        let (weight, rank) = rest.split_first_chunk::<WEIGHT_BYTES>()?;
        let rank = u32::from_be_bytes(rank.try_into().ok()?);
        let place = match usize::try_from(rank).ok()?.checked_sub(1) {
            None => None,
            Some(place) if section.category.places() <= place => return None,
            Some(place) => {
                let at = section.places_at + place * PLACE_BYTES;
                let bytes = &self.bytes[at..at + PLACE_BYTES];
                Some(Place::read(rank, section.category.winners, bytes)?)
            }
        };
        Some(Entry {
            category: &section.category.name,
            weight: u16::from_be_bytes(*weight),
            place,
        })
    }
}

impl Section {
    fn rows<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        bytes[self.rows_at..self.places_at].chunks_exact(self.category.row_bytes())
    }

    /// Writes a row as it stands, and its place behind it.
    fn write_row(&self, bytes: &[u8], row: usize, into: &mut Vec<u8>) {
        let length = self.category.row_bytes();
        let row = &bytes[self.rows_at + row * length..][..length];
        into.extend_from_slice(row);
        let rank = row.last_chunk::<RANK_BYTES>();
        let rank = rank.map_or(0, |rank| u32::from_be_bytes(*rank)) as usize;
        if 0 < rank {
            let at = self.places_at + (rank - 1) * PLACE_BYTES;
            into.extend_from_slice(&bytes[at..at + PLACE_BYTES]);
        }
    }
}

impl Place {
    fn read(rank: u32, winners: usize, bytes: &[u8]) -> Option<Self> {
        let (serial, score) = bytes.split_first_chunk::<4>()?;
        Some(Self {
            rank,
            is_winner: usize::try_from(rank).ok()? <= winners,
            serial: u32::from_be_bytes(*serial),
            score: u64::from_be_bytes(score.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests;
