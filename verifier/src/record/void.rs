//! `void` (R47): an announced draw that will not take place. It counts only when it was witnessed before
//! the beacon's round, because afterwards the outcome could have been known.

use std::fmt;

use crate::{
    record::{RecordError, is_draw_id, is_name, is_sentence, lines::Lines, same_text, write_trail},
    text::{Digest, Time},
    trail::TrailHead,
};

/// Calls an announced draw off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Void {
    /// The log this record goes to.
    pub origin: String,
    /// The draw's id.
    pub draw: String,
    /// Hash of the draw's announce.
    pub announce: Digest,
    /// When the operator says it was signed; trusted for nothing.
    pub issued: Time,
    /// Where the city's audit trail ended then; none in records that were made before R15.
    pub trail: Option<TrailHead>,
    /// Why, in one line for people.
    pub reason: String,
}

const HEAD: &str = "fairplate/v1 void";

impl Void {
    /// Reads the record's text.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let mut lines = Lines::new(text, HEAD)?;
        let record = Self {
            origin: lines.checked("origin", "<log origin>", is_name)?,
            draw: lines.checked("draw", "<1 to 64 of 0-9 A-Z a-z ->", is_draw_id)?,
            announce: lines.parsed("announce", "<64 hex digits>")?,
            issued: lines.parsed("issued", "<time>")?,
            trail: lines.trail()?,
            reason: lines.checked("reason", "<one line, at most 1000 bytes>", is_sentence)?,
        };
        lines.end()?;
        same_text(&record, text).map(|()| record)
    }
}

/// The record's text.
impl fmt::Display for Void {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "origin {}", self.origin)?;
        writeln!(f, "draw {}", self.draw)?;
        writeln!(f, "announce {}", self.announce)?;
        writeln!(f, "issued {}", self.issued)?;
        write_trail(f, self.trail)?;
        writeln!(f, "reason {}", self.reason)
    }
}
