//! The receipt (回执; V50 to V58): one text file that lets one person check one line of a pool offline.
//!
//! It holds the three records with their proofs, the beacon chain, the person's group of 256 lines
//! with its path to the pool's root, and, when they were drawn, their group of the result file with
//! its path. What can be computed again is left out, and groups are written as columns, so that a
//! receipt has at most 12,288 bytes even in a draw of millions.
//!
//! ```text
//! fairplate/v1 receipt
//! category <category>
//! code <code>
//! row <the code's line in the pool, from 0>
//! first-ticket <the first ticket of the group's first line, from 0>
//! pool-path <base64 of the hashes, the leaf's sibling first, or ->
//! rank <the code's rank in the result> only when drawn; then
//! result-path <base64 of the hashes, or ->
//! chain <period> <genesis time> <public key, base64> <genesis seed, base64 or -> <beacon id>
//! file <name> <bytes>                  and then exactly these bytes, for each of
//!     announce.note announce.tlog-proof close.note close.tlog-proof result.note
//!     result.tlog-proof pool-group, and result-group when drawn
//! ```

mod check;
mod columns;
mod group;
mod lines;
mod make;

use std::{collections::BTreeMap, fmt, io};

pub use check::{Standing, check};
pub use make::make;

use lines::Lines;

use crate::{
    beacon::Chain,
    pool::{Code, MAX_ROWS, MAX_TICKETS, PoolError},
    record::is_draw_id,
    text::{Digest, base64, decimal},
};

const HEAD: &str = "fairplate/v1 receipt";
/// The largest receipt in bytes.
const MAX_BYTES: usize = 1 << 20;
/// The files of every receipt, in order.
const FILES: [&str; 7] = [
    "announce.note",
    "announce.tlog-proof",
    "close.note",
    "close.tlog-proof",
    "result.note",
    "result.tlog-proof",
    POOL_GROUP,
];
const NOTHING: &str = "-";
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
    /// The beacon's chain.
    pub chain: Chain,
    /// Records, proofs and groups by name.
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
        let mut lines = Lines::new(text);
        if text.len() > MAX_BYTES {
            return Err(lines.refuse("at most 1048576 bytes", ""));
        }
        if lines.take() != HEAD {
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
        let listed = if lines.rest().starts_with("rank ") {
            let rank = lines.value("rank ", "`rank <number from 1>`", |text| {
                decimal(text).filter(|rank| *rank > 0)
            })?;
            let path = lines.path("result-path ")?;
            Some(Listed { rank, path })
        } else {
            None
        };
        let chain = lines.chain()?;
        let mut receipt = Self {
            category,
            code,
            row,
            first_ticket,
            pool_path,
            listed,
            chain,
            files: BTreeMap::new(),
        };
        let names: Vec<&str> = receipt.names().collect();
        for name in names {
            let bytes = lines.file(name)?;
            receipt.files.insert(name.to_owned(), bytes);
        }
        if lines.rest().is_empty() {
            Ok(receipt)
        } else {
            Err(lines.refuse("the end of the receipt", lines.rest()))
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
        writeln!(f, "pool-path {}", spelled_path(&self.pool_path))?;
        if let Some(listed) = &self.listed {
            writeln!(f, "rank {}", listed.rank)?;
            writeln!(f, "result-path {}", spelled_path(&listed.path))?;
        }
        let Chain {
            period_secs,
            genesis,
            public_key,
            genesis_seed,
            beacon_id,
            ..
        } = &self.chain;
        write!(
            f,
            "chain {period_secs} {} {}",
            genesis.0,
            base64(public_key)
        )?;
        writeln!(f, " {} {beacon_id}", spelled(genesis_seed))?;
        for name in self.names() {
            let text = String::from_utf8_lossy(self.file(name));
            write!(f, "file {name} {}\n{text}", text.len())?;
        }
        Ok(())
    }
}

fn spelled_path(path: &[Digest]) -> String {
    let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
    spelled(&bytes)
}

/// Base64, and a dash for no bytes, so that every word of a line is there.
fn spelled(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        NOTHING.to_owned()
    } else {
        base64(bytes)
    }
}
