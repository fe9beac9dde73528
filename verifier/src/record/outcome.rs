//! `result` (R45, R46): the beacon's signature, the seed it makes, and the files of those who were drawn.

use std::fmt;

use crate::{
    record::{RecordError, is_draw_id, is_name, lines::Lines, same_text, write_trail},
    root::FileSummary,
    text::{Digest, Time, decimal, hex, unhex},
    trail::TrailHead,
};

/// What came out; anybody could have computed it from the beacon's round on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRecord {
    /// The log this record goes to.
    pub origin: String,
    /// The draw's id.
    pub draw: String,
    /// Hash of the draw's announce.
    pub announce: Digest,
    /// Hash of the draw's close.
    pub close: Digest,
    /// When the operator says it was signed; trusted for nothing.
    pub issued: Time,
    /// Where the city's audit trail ended then; none in records that were made before R15.
    pub trail: Option<TrailHead>,
    /// Hash of the beacon chain.
    pub chain: Digest,
    /// The beacon's round.
    pub round: u64,
    /// The beacon's signature of the round.
    pub signature: [u8; 48],
    /// The draw's seed.
    pub seed: Digest,
    /// One line a category, in the announce's order.
    pub outcomes: Vec<OutcomeLine>,
}

/// What came out in one category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeLine {
    /// The category's name; the file is `result-<category>.csv`.
    pub category: String,
    /// How many won.
    pub winners: u64,
    /// How many are ordered reserves.
    pub reserves: u64,
    /// The last winner's ticket; none when nobody won or no chance was involved.
    pub cut_off: Option<CutOff>,
    /// The result's file. Its rows are winners and reserves; it has no tickets.
    pub file: FileSummary,
}

/// The last winner's best ticket: whoever has a lower score has won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// The ticket's public number, counted from 1.
    pub serial: u64,
    /// The ticket's score.
    pub score: u64,
}

const HEAD: &str = "fairplate/v1 result";

impl ResultRecord {
    /// Reads the record's text.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let mut lines = Lines::new(text, HEAD)?;
        let origin = lines.checked("origin", "<log origin>", is_name)?;
        let draw = lines.checked("draw", "<1 to 64 of 0-9 A-Z a-z ->", is_draw_id)?;
        let announce = lines.parsed("announce", "<64 hex digits>")?;
        let close = lines.parsed("close", "<64 hex digits>")?;
        let issued = lines.parsed("issued", "<time>")?;
        let trail = lines.trail()?;
        let expected = "drand <chain hash> <round> <96 hex digits>";
        let [network, chain, round, signature] = lines.words("beacon", expected)?;
        let refuse = || lines.refuse(&format!("`beacon {expected}`"));
        let chain = chain.parse().map_err(|_| refuse())?;
        let round = decimal(round).filter(|round| *round > 0);
        let round = round.filter(|_| network == "drand").ok_or_else(refuse)?;
        let signature = unhex(signature).ok_or_else(refuse)?;
        let seed = lines.parsed("seed", "<64 hex digits>")?;
        let mut outcomes = Vec::new();
        while outcomes.is_empty() || lines.find_value("outcome") {
            outcomes.push(parse_outcome(&mut lines)?);
        }
        lines.end()?;
        let record = Self {
            origin,
            draw,
            announce,
            close,
            issued,
            trail,
            chain,
            round,
            signature,
            seed,
            outcomes,
        };
        same_text(&record, text).map(|()| record)
    }
}

fn parse_outcome(lines: &mut Lines<'_>) -> Result<OutcomeLine, RecordError> {
    let words: [&str; 8] = lines.words(
        "outcome",
        "<category> <winners> <reserves> <cut-off serial> <cut-off score> <bytes> <root> <sha256>",
    )?;
    let [
        category,
        winners,
        reserves,
        serial,
        score,
        bytes,
        root,
        sha256,
    ] = words;
    if !is_draw_id(category) {
        return Err(lines.refuse("a category of 1 to 64 of 0-9 A-Z a-z -"));
    }
    let number = |word, what: &str| decimal(word).ok_or_else(|| lines.refuse(what));
    let hash = |word: &str, what: &str| word.parse().map_err(|_| lines.refuse(what));
    let winners = number(winners, "a whole number of winners")?;
    let reserves = number(reserves, "a whole number of reserves")?;
    let serial = number(serial, "a whole number as the cut-off's serial")?;
    let cut_off = match (serial, score) {
        (1.., score) => unhex::<8>(score).map(|score| CutOff {
            serial,
            score: u64::from_be_bytes(score),
        }),
        _ => None,
    };
    if cut_off.is_none() && (serial, score) != (0, "-") {
        return Err(lines.refuse("a serial from 1 and 16 hex digits, or `0 -`, as the cut-off"));
    }
    let rows = winners
        .checked_add(reserves)
        .ok_or_else(|| lines.refuse("fewer winners and reserves"))?;
    Ok(OutcomeLine {
        category: category.to_owned(),
        winners,
        reserves,
        cut_off,
        file: FileSummary {
            rows,
            tickets: 0,
            bytes: number(bytes, "a whole number of bytes")?,
            root: hash(root, "64 hex digits as the root")?,
            sha256: hash(sha256, "64 hex digits as the SHA-256")?,
        },
    })
}

/// The record's text.
impl fmt::Display for ResultRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "origin {}", self.origin)?;
        writeln!(f, "draw {}", self.draw)?;
        writeln!(f, "announce {}", self.announce)?;
        writeln!(f, "close {}", self.close)?;
        writeln!(f, "issued {}", self.issued)?;
        write_trail(f, self.trail)?;
        write!(f, "beacon drand {} {}", self.chain, self.round)?;
        writeln!(f, " {}", hex(&self.signature))?;
        writeln!(f, "seed {}", self.seed)?;
        for outcome in &self.outcomes {
            writeln!(f, "{outcome}")?;
        }
        Ok(())
    }
}

/// The line without its newline.
impl fmt::Display for OutcomeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "outcome {}", self.category)?;
        write!(f, " {} {}", self.winners, self.reserves)?;
        match self.cut_off {
            Some(CutOff { serial, score }) => write!(f, " {serial} {score:016x}")?,
            None => f.write_str(" 0 -")?,
        }
        let file = &self.file;
        write!(f, " {} {} {}", file.bytes, file.root, file.sha256)
    }
}
