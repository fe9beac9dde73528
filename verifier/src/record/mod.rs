//! The records of a draw: what the city signs, one canonical text each (R10 to R14).
//!
//! A record is the text of a signed note. Its first line names the protocol's version and the
//! record's kind; then come `key value` lines in a fixed order. `Display` of a record writes
//! exactly the text that `parse` accepts.

mod amend;
mod announce;
mod close;
mod keys;
pub(crate) mod lines;
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
    trail::TrailHead,
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

    /// Where the city's audit trail ended when the record was made, if it says so (R15).
    #[must_use]
    pub fn trail(&self) -> Option<TrailHead> {
        match self {
            Self::Announce(record) => record.trail,
            Self::Close(record) => record.trail,
            Self::Result(record) => record.trail,
            Self::Void(record) => record.trail,
            Self::Amend(record) => record.trail,
            Self::Keys(record) => record.trail,
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

/// Writes the line of the audit trail, where a record has one.
fn write_trail(f: &mut fmt::Formatter<'_>, trail: Option<TrailHead>) -> fmt::Result {
    trail.map_or(Ok(()), |head| writeln!(f, "trail {head}"))
}

/// The line, counted from 1, of the audit trail's head in a record's text.
pub(crate) fn find_trail_line(text: &str) -> Option<u64> {
    let line = text.lines().position(|line| line.starts_with("trail "))?;
    Some(line as u64 + 1)
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
pub(crate) fn is_name(text: &str) -> bool {
    is_key_name(text)
}

/// A sentence of one line for people, without spaces round it.
#[must_use]
pub fn is_sentence(text: &str) -> bool {
    (1..=1_000).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUED: &str = "issued 2026-01-01T00:00:00Z\n";
    const RECORDS: &str = include_str!("../../vectors/accept/example/records.vkey");

    fn example(note: &[u8]) -> String {
        crate::note::Note::parse(note).expect("a note").text
    }

    /// One record of each kind, and the log it is for.
    fn records() -> [(String, &'static str); 6] {
        let zeros = Digest::ZERO;
        let head = "origin a.example\n";
        let city = "hangzhou.example/draws";
        let announce = include_bytes!("../../vectors/accept/example/announce.note");
        let close = include_bytes!("../../vectors/accept/example/close.note");
        let result = include_bytes!("../../vectors/accept/example/result.note");
        let void =
            format!("{VERSION} void\n{head}draw 1\nannounce {zeros}\n{ISSUED}reason 停电，改期\n");
        let amend = format!(
            "{VERSION} amend\n{head}draw 1\nresult {zeros}\n{ISSUED}drop c 1 A1 too late\n"
        );
        let keys = format!("{VERSION} keys\n{head}epoch 2\n{ISSUED}vkey {RECORDS}");
        [
            (example(announce), city),
            (example(close), city),
            (example(result), city),
            (void, "a.example"),
            (amend, "a.example"),
            (keys, "a.example"),
        ]
    }

    #[test]
    fn a_record_says_for_which_log_it_was_written() {
        for (text, origin) in records() {
            let record = Record::parse(&text).expect("a record");
            assert_eq!(record.origin(), origin, "{text}");
            assert_eq!(record.to_string(), text);
        }
    }

    #[test]
    fn an_origin_that_is_no_key_name_is_refused() {
        for (text, origin) in records() {
            for other in ["a+b.example", "a b.example", "a\u{a0}b.example", ""] {
                let other = text.replacen(
                    &format!("origin {origin}\n"),
                    &format!("origin {other}\n"),
                    1,
                );
                let refused = Record::parse(&other).map_err(|error| error.line);
                assert_eq!(refused, Err(2), "{other}");
            }
        }
    }

    #[test]
    fn a_reason_is_one_sentence_without_spaces_round_it() {
        let [_, _, _, (void, _), (amend, _), _] = records();
        let longest = "x".repeat(1_000);
        for (reason, accepted) in [
            ("停电", true),
            (longest.as_str(), true),
            (&(longest.clone() + "x"), false),
            ("", false),
            (" 停电", false),
            ("停电 ", false),
            ("停\t电", false),
            ("停\u{7f}电", false),
        ] {
            let void = void.replace("停电，改期", reason);
            assert_eq!(Void::parse(&void).is_ok(), accepted, "{reason}");
            let amend = amend.replace("too late", reason);
            assert_eq!(Amend::parse(&amend).is_ok(), accepted, "{reason}");
        }
    }

    #[test]
    fn a_record_that_would_be_written_otherwise_is_refused_at_its_first_other_line() {
        let same = same_text(&"a\nb\nc\n", "a\nb\nc\n");
        assert_eq!(same, Ok(()));
        for (text, line, found) in [
            ("a\nB\nc\n", 2, "B"),
            ("a\nb\nC\n", 3, "C"),
            ("A\n", 1, "A"),
        ] {
            let error = same_text(&"a\nb\nc\n", text).expect_err("another text");
            let expected = ["a", "b", "c"][line - 1];
            let shown = (error.line, error.expected.as_str(), error.found.as_str());
            assert_eq!(shown, (line, expected, found));
        }
    }
}
