//! The same result in small pieces, for a store that several nodes share.
//!
//! A bucket holds the codes whose hash falls to it, about a hundred, behind the head of the index, so
//! that a node which has nothing else can answer from it. All buckets together hold all of the index:
//! a node without the file makes it of them, and believes the outcome by its digest.
//!
//! ```text
//! ...         the head of the index, as it stands in the file
//! rows        category (u8, in the order of the head), code, weight, rank as in the file, and where
//!             the rank is not 0 the place: serial, score
//! ```

use sha2::{Digest as _, Sha256};
use verifier::pool::MAX_CODE;

use super::{
    Entry, Index, IndexError, PLACE_BYTES, Place, RANK_BYTES, WEIGHT_BYTES,
    header::{Category, Header},
};

/// Bytes of an index that go into a bucket, on average: 128 codes of thirteen digits.
const INDEX_BYTES: u64 = 12 * 128;

/// How many buckets an index of this length has. The length is public before anything of the index
/// is at hand.
#[must_use]
pub fn count(index_bytes: u64) -> u32 {
    u32::try_from(index_bytes / INDEX_BYTES)
        .unwrap_or(u32::MAX)
        .max(1)
}

/// The bucket, out of so many, that a code falls to.
#[must_use]
pub fn bucket_of(code: &str, count: u32) -> u32 {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(code.as_bytes()).into();
    // Taken as a fraction of the whole range, which is even for every count.
    let fraction = u64::from(u32::from_be_bytes([a, b, c, d]));
    u32::try_from((fraction * u64::from(count)) >> 32).unwrap_or_default()
}

/// One bucket.
#[derive(Debug)]
pub struct Bucket {
    header: Header,
    bytes: Vec<u8>,
    rows_at: usize,
}

/// A row of a bucket.
struct Row<'a> {
    category: usize,
    code: &'a [u8],
    weight: u16,
    rank: u32,
    /// Serial and score, where it was placed.
    place: Option<&'a [u8]>,
}

impl Bucket {
    /// Reads a bucket. Whether it is the right one is for the caller to know.
    ///
    /// # Errors
    ///
    /// [`IndexError`] for bytes that no bucket has.
    pub fn read(bytes: Vec<u8>) -> Result<Self, IndexError> {
        let (header, rows_at) = Header::parse(&bytes)?;
        let bucket = Self {
            header,
            bytes,
            rows_at,
        };
        let mut rest = &bucket.bytes[rows_at..];
        while !rest.is_empty() {
            (_, rest) = bucket
                .row(rest)
                .ok_or(IndexError::Malformed("a row of a bucket is cut short"))?;
        }
        Ok(bucket)
    }

    /// The draw's public id.
    #[must_use]
    pub fn draw(&self) -> &str {
        &self.header.draw
    }

    /// What the draw made of a code that falls to this bucket; nothing where it was not in the pool.
    #[must_use]
    pub fn look_up(&self, code: &str) -> Option<Entry<'_>> {
        let keys = self.header.categories.iter().map(|category| {
            let mut key = [0; MAX_CODE];
            category.spelling.write(code, &mut key).map(|()| key)
        });
        let keys: Vec<_> = keys.collect();
        let mut rest = &self.bytes[self.rows_at..];
        while let Some((row, after)) = self.row(rest) {
            let key = &keys[row.category];
            if key.is_some_and(|key| key[..row.code.len()] == *row.code) {
                return self.entry(&row);
            }
            rest = after;
        }
        None
    }

    fn entry(&self, row: &Row<'_>) -> Option<Entry<'_>> {
        let category = &self.header.categories[row.category];
        let place = match row.place {
            None => None,
            Some(bytes) => Some(Place::read(row.rank, category.winners, bytes)?),
        };
        Some(Entry {
            category: &category.name,
            weight: row.weight,
            place,
        })
    }

    /// Splits the first row off.
    fn row<'a>(&self, bytes: &'a [u8]) -> Option<(Row<'a>, &'a [u8])> {
        let (category, rest) = bytes.split_first()?;
        let category = usize::from(*category);
        let spelling = self.header.categories.get(category)?.spelling;
        let (code, rest) = rest.split_at_checked(spelling.bytes())?;
        let (weight, rest) = rest.split_first_chunk::<WEIGHT_BYTES>()?;
        let (rank, rest) = rest.split_first_chunk::<RANK_BYTES>()?;
        let rank = u32::from_be_bytes(*rank);
        let length = if rank == 0 { 0 } else { PLACE_BYTES };
        let (place, rest) = rest.split_at_checked(length)?;
        let row = Row {
            category,
            code,
            weight: u16::from_be_bytes(*weight),
            rank,
            place: (0 < rank).then_some(place),
        };
        Some((row, rest))
    }
}

/// Cuts an index into its buckets.
pub struct Buckets<'a> {
    index: &'a Index,
    head: String,
    /// Every row, by bucket.
    order: Vec<(u32, u8, u32)>,
    count: u32,
    next: u32,
    at: usize,
}

impl<'a> Buckets<'a> {
    /// All buckets of an index, from the first.
    #[must_use]
    pub fn of(index: &'a Index) -> Self {
        let count = count(index.bytes.len() as u64);
        let mut order = Vec::new();
        for (place, section) in (0u8..).zip(&index.sections) {
            let Category { rows, spelling, .. } = section.category;
            order.reserve(rows);
            for (row, bytes) in (0u32..).zip(section.rows(&index.bytes)) {
                let bucket = bucket_of(&spelling.read(bytes), count);
                order.push((bucket, place, row));
            }
        }
        order.sort_unstable();
        let categories = index.sections.iter().map(|one| one.category.clone());
        let header = Header {
            draw: index.draw.clone(),
            result: index.result,
            categories: categories.collect(),
        };
        Self {
            index,
            head: header.text(),
            order,
            count,
            next: 0,
            at: 0,
        }
    }
}

impl Iterator for Buckets<'_> {
    type Item = (u32, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        let number = self.next;
        if number == self.count {
            return None;
        }
        self.next += 1;
        let mut bytes = self.head.clone().into_bytes();
        while let Some((bucket, category, row)) = self.order.get(self.at).copied() {
            if bucket != number {
                break;
            }
            self.at += 1;
            let section = &self.index.sections[usize::from(category)];
            bytes.push(category);
            section.write_row(&self.index.bytes, row as usize, &mut bytes);
        }
        Some((number, bytes))
    }
}

/// Makes the file of an index of all its buckets. The digest of what comes out tells whether it is
/// the one.
///
/// # Errors
///
/// [`IndexError::Malformed`] where they are of several indexes, or are not as many rows as the head
/// says.
pub fn assemble(buckets: &[Bucket]) -> Result<Vec<u8>, IndexError> {
    let first = buckets.first().ok_or(IndexError::Malformed("no buckets"))?;
    let header = &first.header;
    let mut rows: Vec<Vec<(&[u8], u16, u32)>> = header
        .categories
        .iter()
        .map(|category| Vec::with_capacity(category.rows))
        .collect();
    let mut places: Vec<Vec<u8>> = header
        .categories
        .iter()
        .map(|category| vec![0; category.places() * PLACE_BYTES])
        .collect();
    for bucket in buckets {
        if bucket.header != *header {
            return Err(IndexError::Malformed("its buckets are of several indexes"));
        }
        let mut rest = &bucket.bytes[bucket.rows_at..];
        while let Some((row, after)) = bucket.row(rest) {
            rest = after;
            rows[row.category].push((row.code, row.weight, row.rank));
            let Some(place) = row.place else { continue };
            let at = (row.rank as usize - 1) * PLACE_BYTES;
            let slot = places[row.category].get_mut(at..at + PLACE_BYTES);
            let slot = slot.ok_or(IndexError::Malformed("a rank is beyond the places"))?;
            slot.copy_from_slice(place);
        }
    }
    let mut bytes = header.text().into_bytes();
    for ((category, mut rows), places) in header.categories.iter().zip(rows).zip(places) {
        if rows.len() != category.rows {
            return Err(IndexError::Malformed("rows are missing in its buckets"));
        }
        rows.sort_unstable();
        for (code, weight, rank) in rows {
            bytes.extend_from_slice(code);
            bytes.extend_from_slice(&weight.to_be_bytes());
            bytes.extend_from_slice(&rank.to_be_bytes());
        }
        bytes.extend_from_slice(&places);
    }
    Ok(bytes)
}
