//! The receipt (回执; V50 to V58): one text file that lets one person check one line of a pool offline.
//!
//! It holds the three records with their proofs, the beacon chain, the person's group of 256 lines
//! with its path to the pool's root, and, when they were drawn, their group of the result file with
//! its path. What can be computed again is left out of that group: ranks count up, and a score
//! follows from its serial.
//!
//! ```text
//! fairplate/v1 receipt
//! category <category>
//! code <code>
//! row <the code's line in the pool, from 0>
//! first-ticket <the first ticket of the group's first line, from 0>
//! pool-path <64 hex digits>            one a level, the leaf's sibling first
//! rank <the code's rank in the result> only when drawn; then
//! result-path <64 hex digits>          one a level
//! file <name> <bytes>                  and then exactly these bytes, for each of
//!     announce.note announce.tlog-proof close.note close.tlog-proof result.note
//!     result.tlog-proof chain.json pool-group, and result-group when drawn
//! ```

mod check;
mod group;
mod make;

use std::{collections::BTreeMap, fmt, io};

pub use check::{Standing, check};
pub use make::make;

use crate::{
    pool::{Code, MAX_ROWS, MAX_TICKETS, PoolError},
    record::is_draw_id,
    text::{Digest, decimal, excerpt},
};

const HEAD: &str = "fairplate/v1 receipt";
/// The largest receipt in bytes.
const MAX_BYTES: usize = 1 << 20;
/// The files of every receipt, in order.
const FILES: [&str; 8] = [
    "announce.note",
    "announce.tlog-proof",
    "close.note",
    "close.tlog-proof",
    "result.note",
    "result.tlog-proof",
    "chain.json",
    POOL_GROUP,
];
const POOL_GROUP: &str = "pool-group";
const RESULT_GROUP: &str = "result-group";

/// Why a receipt cannot be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The text is not a receipt.
    #[error("line {line}: expected {expected}, found `{found}`")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What would have been accepted.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// Nobody of this code is in the pools of the folder.
    #[error("expected a code of the draw's pools, found {0} in none of them")]
    Nobody(Code),
    /// The folder lacks a file or has one that does not fit its record.
    #[error("expected {0} as the records have it; verify the draw first")]
    Folder(String),
    /// A file is not a pool.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// A file cannot be read.
    #[error("a file of the draw cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// A receipt's contents. None of it is believed: see [`check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The category.
    pub category: String,
    /// Whose receipt it is.
    pub code: Code,
    /// Their line in the pool, from 0.
    pub row: u64,
    /// The first ticket of their group, from 0; 0 with `rank-v1`.
    pub first_ticket: u64,
    /// From their group's leaf to the pool's root.
    pub pool_path: Vec<Digest>,
    /// Their place in the result, if they were drawn.
    pub listed: Option<Listed>,
    /// Records, proofs, chain and groups by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A place in a result file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// From 1.
    pub rank: u64,
    /// From the group's leaf to the result's root.
    pub path: Vec<Digest>,
}

impl Receipt {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        let result = self.listed.is_some().then_some(RESULT_GROUP);
        FILES.into_iter().chain(result)
    }

    fn file(&self, name: &str) -> &[u8] {
        self.files.get(name).map_or(&[], Vec::as_slice)
    }

    /// Reads a receipt.
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        let mut lines = Lines {
            rest: text,
            line: 0,
        };
        if text.len() > MAX_BYTES {
            return Err(lines.refuse("at most 1048576 bytes", ""));
        }
        if lines.next() != HEAD {
            return Err(lines.refuse("fairplate/v1 receipt", text));
        }
        let category = lines.value("category ", "`category <category>`", |text| {
            is_draw_id(text).then(|| text.to_owned())
        })?;
        let code = lines.value("code ", "`code <code>`", |text| text.parse().ok())?;
        let row = lines.value("row ", "`row <number below 134217728>`", |text| {
            decimal(text).filter(|row| *row < MAX_ROWS)
        })?;
        let ticket = "`first-ticket <number up to 4294967295>`";
        let first_ticket = lines.value("first-ticket ", ticket, |text| {
            decimal(text).filter(|ticket| *ticket <= MAX_TICKETS)
        })?;
        let pool_path = lines.path("pool-path ")?;
        let listed = if lines.rest.starts_with("rank ") {
            let rank = lines.value("rank ", "`rank <number from 1>`", |text| {
                decimal(text).filter(|rank| *rank > 0)
            })?;
            let path = lines.path("result-path ")?;
            Some(Listed { rank, path })
        } else {
            None
        };
        let mut receipt = Self {
            category,
            code,
            row,
            first_ticket,
            pool_path,
            listed,
            files: BTreeMap::new(),
        };
        let names: Vec<&str> = receipt.names().collect();
        for name in names {
            let bytes = lines.file(name)?;
            receipt.files.insert(name.to_owned(), bytes);
        }
        if lines.rest.is_empty() {
            Ok(receipt)
        } else {
            Err(lines.refuse("the end of the receipt", lines.rest))
        }
    }
}

/// The receipt's text. Its files are texts, as [`make()`] and [`Receipt::parse`] give them.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "category {}", self.category)?;
        writeln!(f, "code {}", self.code)?;
        writeln!(f, "row {}", self.row)?;
        writeln!(f, "first-ticket {}", self.first_ticket)?;
        for hash in &self.pool_path {
            writeln!(f, "pool-path {hash}")?;
        }
        if let Some(listed) = &self.listed {
            writeln!(f, "rank {}", listed.rank)?;
            for hash in &listed.path {
                writeln!(f, "result-path {hash}")?;
            }
        }
        for name in self.names() {
            let text = String::from_utf8_lossy(self.file(name));
            write!(f, "file {name} {}\n{text}", text.len())?;
        }
        Ok(())
    }
}

/// What is still to be read.
struct Lines<'a> {
    rest: &'a str,
    /// The line that was read last, from 1.
    line: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> &'a str {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.line += 1;
        self.rest = rest;
        line
    }

    fn value<T>(
        &mut self,
        key: &str,
        expected: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, ReceiptError> {
        let line = self.next();
        let value = line.strip_prefix(key).and_then(read);
        value.ok_or_else(|| self.refuse(expected, line))
    }

    fn path(&mut self, key: &str) -> Result<Vec<Digest>, ReceiptError> {
        let mut path = Vec::new();
        while self.rest.starts_with(key) {
            path.push(self.value(key, "64 hex digits", |text| text.parse().ok())?);
        }
        Ok(path)
    }

    fn file(&mut self, name: &str) -> Result<Vec<u8>, ReceiptError> {
        let length = self.value("file ", "`file <name> <bytes>`", |text| {
            let (found, length) = text.split_once(' ')?;
            decimal(length).filter(|_| found == name)
        })?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some((bytes, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.refuse("as many bytes as the line above says", self.rest));
        };
        self.line += bytes.matches('\n').count();
        self.rest = rest;
        Ok(bytes.as_bytes().to_vec())
    }

    fn refuse(&self, expected: &'static str, found: &str) -> ReceiptError {
        let found = found.lines().next().unwrap_or_default();
        ReceiptError::Line {
            line: self.line,
            expected,
            found: excerpt(found),
        }
    }
}
