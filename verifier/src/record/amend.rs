//! `amend` (R48): winners who were dropped after the draw, and the reserves who moved up.

use std::fmt;

use crate::{
    pool::Code,
    record::{RecordError, is_draw_id, is_name, is_sentence, lines::Lines, same_text, write_trail},
    text::{Digest, Time, decimal},
    trail::TrailHead,
};

/// Changes who holds a plate, never what was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amend {
    /// The log this record goes to.
    pub origin: String,
    /// The draw's id.
    pub draw: String,
    /// Hash of the draw's result.
    pub result: Digest,
    /// When the operator says it was signed; trusted for nothing.
    pub issued: Time,
    /// Where the city's audit trail ended then; none in records that were made before R15.
    pub trail: Option<TrailHead>,
    /// At least one, in the order of the record.
    pub changes: Vec<Change>,
}

/// One line of an amend; rank and code are those of the result file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Somebody drawn loses their place.
    Drop {
        /// The category.
        category: String,
        /// Their rank in the result file.
        rank: u64,
        /// Their code in the result file.
        code: Code,
        /// Why, in one line for people.
        reason: String,
    },
    /// A reserve gets a plate.
    Promote {
        /// The category.
        category: String,
        /// Their rank in the result file.
        rank: u64,
        /// Their code in the result file.
        code: Code,
    },
}

const HEAD: &str = "fairplate/v1 amend";

impl Amend {
    /// Reads the record's text.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let mut lines = Lines::new(text, HEAD)?;
        let origin = lines.checked("origin", "<log origin>", is_name)?;
        let draw = lines.checked("draw", "<1 to 64 of 0-9 A-Z a-z ->", is_draw_id)?;
        let result = lines.parsed("result", "<64 hex digits>")?;
        let issued = lines.parsed("issued", "<time>")?;
        let trail = lines.trail()?;
        let mut changes = Vec::new();
        loop {
            if lines.find_value("promote") {
                let words = lines.words("promote", "<category> <rank> <code>")?;
                let (category, rank, code) = parse_place(&lines, words)?;
                changes.push(Change::Promote {
                    category,
                    rank,
                    code,
                });
            } else if changes.is_empty() || lines.find_value("drop") {
                changes.push(parse_drop(&mut lines)?);
            } else {
                break;
            }
        }
        lines.end()?;
        let record = Self {
            origin,
            draw,
            result,
            issued,
            trail,
            changes,
        };
        same_text(&record, text).map(|()| record)
    }
}

fn parse_drop(lines: &mut Lines<'_>) -> Result<Change, RecordError> {
    let value = lines.value("drop")?;
    let refuse = || lines.refuse("`drop <category> <rank> <code> <reason>`");
    let mut parts = value.splitn(4, ' ');
    let mut next = || parts.next().ok_or_else(refuse);
    let words = [next()?, next()?, next()?];
    let reason = next()?;
    if !is_sentence(reason) {
        return Err(refuse());
    }
    let (category, rank, code) = parse_place(lines, words)?;
    Ok(Change::Drop {
        category,
        rank,
        code,
        reason: reason.to_owned(),
    })
}

fn parse_place(
    lines: &Lines<'_>,
    [category, rank, code]: [&str; 3],
) -> Result<(String, u64, Code), RecordError> {
    let refuse = || lines.refuse("a category, a rank from 1 and a code");
    let rank = decimal(rank).filter(|rank| *rank > 0 && is_draw_id(category));
    let rank = rank.ok_or_else(refuse)?;
    let code = code.parse().map_err(|_| refuse())?;
    Ok((category.to_owned(), rank, code))
}

/// The record's text.
impl fmt::Display for Amend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "origin {}", self.origin)?;
        writeln!(f, "draw {}", self.draw)?;
        writeln!(f, "result {}", self.result)?;
        writeln!(f, "issued {}", self.issued)?;
        write_trail(f, self.trail)?;
        for change in &self.changes {
            match change {
                Change::Drop {
                    category,
                    rank,
                    code,
                    reason,
                } => writeln!(f, "drop {category} {rank} {code} {reason}")?,
                Change::Promote {
                    category,
                    rank,
                    code,
                } => writeln!(f, "promote {category} {rank} {code}")?,
            }
        }
        Ok(())
    }
}
