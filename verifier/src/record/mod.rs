//! The records of a draw: what the city signs, one canonical text each (R10 to R14).
//!
//! A record is the text of a signed note. Its first line names the protocol's version and the
//! record's kind; then come `key value` lines in a fixed order. `Display` of a record writes
//! exactly the text that `parse` accepts.

mod amend;
mod announce;
mod close;
mod keys;
mod lines;
mod outcome;
mod void;

use std::fmt;

pub use amend::{Amend, Change};
pub use announce::{Announce, Method, PoolLine, Sealed, commitment};
pub use close::{Close, Contribution, OpenValue, is_open_value};
pub use keys::Keys;
pub use outcome::{CutOff, OutcomeLine, ResultRecord};
pub use void::Void;

use crate::{
    key::is_key_name,
    text::{Digest, excerpt},
};

/// The version of the protocol that this crate reads and writes.
pub const VERSION: &str = "fairplate/v1";

/// Why a text is not the record it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected {expected}, found `{found}`")]
pub struct RecordError {
    /// The line, counted from 1.
    pub line: usize,
    /// What would have been accepted there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

/// Any record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The frozen pools, before any randomness exists.
    Announce(Announce),
    /// The contributions, before the beacon's round.
    Close(Close),
    /// The seed and what came out.
    Result(ResultRecord),
    /// The draw will not take place.
    Void(Void),
    /// Winners dropped and reserves promoted after the draw.
    Amend(Amend),
    /// The record keys from here on.
    Keys(Keys),
}

impl Record {
    /// Reads a record of any kind.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let head = text.lines().next().unwrap_or_default();
        match head.strip_prefix(VERSION).unwrap_or_default() {
            " announce" => Announce::parse(text).map(Self::Announce),
            " close" => Close::parse(text).map(Self::Close),
            " result" => ResultRecord::parse(text).map(Self::Result),
            " void" => Void::parse(text).map(Self::Void),
            " amend" => Amend::parse(text).map(Self::Amend),
            " keys" => Keys::parse(text).map(Self::Keys),
            _ => Err(RecordError {
                line: 1,
                expected: format!("`{VERSION}` and announce, close, result, void, amend or keys"),
                found: excerpt(head),
            }),
        }
    }

    /// What other records name this one by: SHA-256 of the note's text, never of its signatures,
    /// which are not unique for the key's holder.
    #[must_use]
    pub fn hash(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    /// The word of its first line: announce, close, result, void, amend or keys.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Announce(_) => "announce",
            Self::Close(_) => "close",
            Self::Result(_) => "result",
            Self::Void(_) => "void",
            Self::Amend(_) => "amend",
            Self::Keys(_) => "keys",
        }
    }

    /// The draw's id; a change of keys belongs to no draw.
    #[must_use]
    pub fn draw(&self) -> Option<&str> {
        match self {
            Self::Announce(record) => Some(&record.draw),
            Self::Close(record) => Some(&record.draw),
            Self::Result(record) => Some(&record.draw),
            Self::Void(record) => Some(&record.draw),
            Self::Amend(record) => Some(&record.draw),
            Self::Keys(_) => None,
        }
    }

    /// The log the record was written for.
    #[must_use]
    pub fn origin(&self) -> &str {
        match self {
            Self::Announce(record) => &record.origin,
            Self::Close(record) => &record.origin,
            Self::Result(record) => &record.origin,
            Self::Void(record) => &record.origin,
            Self::Amend(record) => &record.origin,
            Self::Keys(record) => &record.origin,
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Announce(record) => record.fmt(f),
            Self::Close(record) => record.fmt(f),
            Self::Result(record) => record.fmt(f),
            Self::Void(record) => record.fmt(f),
            Self::Amend(record) => record.fmt(f),
            Self::Keys(record) => record.fmt(f),
        }
    }
}

/// Whether a text names a record of a later version of the protocol, which this crate cannot
/// judge.
#[must_use]
pub fn is_later_version(text: &str) -> bool {
    let version = text
        .strip_prefix("fairplate/v")
        .and_then(|rest| rest.split(' ').next())
        .and_then(crate::text::decimal);
    version.is_some_and(|version| version > 1)
}

/// A parsed record must write the very text it was read from: the last net under the field rules.
fn same_text(record: &impl fmt::Display, text: &str) -> Result<(), RecordError> {
    let written = record.to_string();
    if written == text {
        return Ok(());
    }
    let differs = |(one, other): &(&str, &str)| one != other;
    let line = written
        .lines()
        .zip(text.lines())
        .take_while(|pair| !differs(pair))
        .count();
    Err(RecordError {
        line: line + 1,
        expected: excerpt(written.lines().nth(line).unwrap_or_default()),
        found: excerpt(text.lines().nth(line).unwrap_or_default()),
    })
}

/// Whether a text may be a draw id, a category or an open label, 1 to 64 of 0-9 A-Z a-z -: the first
/// two become file names.
#[must_use]
pub fn is_draw_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// Origins and the names of contributors: the names of C2SP keys.
fn is_name(text: &str) -> bool {
    is_key_name(text)
}

/// A sentence of one line for people, without spaces round it.
fn is_sentence(text: &str) -> bool {
    (1..=1_000).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
}
