//! `close` (R40 to R42): the contributions, fixed before the beacon's round.

use std::fmt;

use crate::{
    record::{Announce, RecordError, is_draw_id, is_name, lines::Lines, same_text, write_trail},
    text::{Digest, Time, hex, unhex},
    trail::TrailHead,
};

/// Ends the time for contributions; after it nobody but the beacon has a say in the seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
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
    /// What became of each sealed contribution, in the announce's order.
    pub sealed: Vec<Contribution>,
    /// The values drawn in the open, in the announce's order.
    pub open: Vec<OpenValue>,
}

/// What became of a sealed contribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contribution {
    /// It was opened in time.
    Reveal {
        /// The contributor.
        name: String,
        /// The secret that opens their commitment.
        secret: [u8; 32],
    },
    /// It was not; the draw goes on without it.
    Missing {
        /// The contributor.
        name: String,
    },
}

impl Contribution {
    /// The contributor.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Reveal { name, .. } | Self::Missing { name } => name,
        }
    }
}

/// A value drawn in the open, such as the digits of a ball machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenValue {
    /// The announce's label.
    pub label: String,
    /// 1 to 64 of 0-9 A-Z.
    pub value: String,
}

const HEAD: &str = "fairplate/v1 close";

impl Close {
    /// Reads the record's text. Whether it fits the announce is another question:
    /// [`Close::check_against`].
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let mut lines = Lines::new(text, HEAD)?;
        let origin = lines.checked("origin", "<log origin>", is_name)?;
        let draw = lines.checked("draw", "<1 to 64 of 0-9 A-Z a-z ->", is_draw_id)?;
        let announce = lines.parsed("announce", "<64 hex digits>")?;
        let issued = lines.parsed("issued", "<time>")?;
        let trail = lines.trail()?;
        let mut sealed = Vec::new();
        loop {
            if lines.find_value("reveal") {
                let [name, secret] = lines.words("reveal", "<name> <secret>")?;
                let secret = unhex(secret).filter(|_| is_name(name));
                let secret =
                    secret.ok_or_else(|| lines.refuse("`reveal <name> <64 hex digits>`"))?;
                let name = name.to_owned();
                sealed.push(Contribution::Reveal { name, secret });
            } else if lines.find_value("missing") {
                let name = lines.checked("missing", "<name>", is_name)?;
                sealed.push(Contribution::Missing { name });
            } else {
                break;
            }
        }
        let mut open = Vec::new();
        while lines.find_value("open") {
            let [label, value] = lines.words("open", "<label> <value>")?;
            if !is_draw_id(label) || !is_open_value(value) {
                return Err(lines.refuse("`open <label> <1 to 64 of 0-9 A-Z>`"));
            }
            let (label, value) = (label.to_owned(), value.to_owned());
            open.push(OpenValue { label, value });
        }
        lines.end()?;
        let record = Self {
            origin,
            draw,
            announce,
            issued,
            trail,
            sealed,
            open,
        };
        same_text(&record, text).map(|()| record)
    }

    /// Succeeds when every sealed name and open label of the announce stands here once and in its
    /// order. The error's line is the line of this record.
    pub fn check_against(&self, announce: &Announce) -> Result<(), RecordError> {
        let first_contribution = 6 + usize::from(self.trail.is_some());
        let here = self
            .sealed
            .iter()
            .map(|one| ("reveal or missing", one.name()));
        let here = here.chain(self.open.iter().map(|one| ("open", one.label.as_str())));
        let here: Vec<_> = here.collect();
        let there = announce.sealed.iter();
        let there = there.map(|one| ("reveal or missing", one.name.as_str()));
        let there = there.chain(announce.open.iter().map(|one| ("open", one.as_str())));
        let there: Vec<_> = there.collect();
        let lines = here.len().max(there.len());
        let Some(index) = (0..lines).find(|index| here.get(*index) != there.get(*index)) else {
            return Ok(());
        };
        let shown = |words: Option<&(&str, &str)>| {
            words.map_or("the end of the record".to_owned(), |(key, name)| {
                format!("{key} {name}")
            })
        };
        Err(RecordError {
            line: first_contribution + index,
            expected: shown(there.get(index)),
            found: shown(here.get(index)),
        })
    }
}

/// Whether an open value may be written: 1 to 64 of 0-9 A-Z.
#[must_use]
pub fn is_open_value(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// The record's text.
impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "origin {}", self.origin)?;
        writeln!(f, "draw {}", self.draw)?;
        writeln!(f, "announce {}", self.announce)?;
        writeln!(f, "issued {}", self.issued)?;
        write_trail(f, self.trail)?;
        for contribution in &self.sealed {
            match contribution {
                Contribution::Reveal { name, secret } => {
                    writeln!(f, "reveal {name} {}", hex(secret))?;
                }
                Contribution::Missing { name } => writeln!(f, "missing {name}")?,
            }
        }
        for open in &self.open {
            writeln!(f, "open {} {}", open.label, open.value)?;
        }
        Ok(())
    }
}
