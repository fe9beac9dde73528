//! Reading a record line by line: keys in a fixed order, one space, nothing unknown.

use std::str::FromStr;

use crate::{
    record::RecordError,
    text::{decimal, excerpt},
    trail::TrailHead,
    trust::TrustError,
};

/// The lines of a record that are still to be read.
pub(crate) struct Lines<'a> {
    rest: &'a str,
    /// The line that was read last, counted from 1.
    line: usize,
    last: &'a str,
}

impl<'a> Lines<'a> {
    /// Starts below the first line, which must name the version and the record's kind.
    pub(crate) fn new(text: &'a str, head: &str) -> Result<Self, RecordError> {
        let mut lines = Self {
            rest: text,
            line: 0,
            last: "",
        };
        if !text.ends_with('\n') {
            lines.line = text.lines().count().max(1);
            return Err(lines.refuse("a newline at the end of the last line"));
        }
        lines.advance();
        if lines.last == head {
            Ok(lines)
        } else {
            Err(lines.refuse(head))
        }
    }

    fn advance(&mut self) {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.line += 1;
        (self.last, self.rest) = (line, rest);
    }

    /// The value of the next line, which must have this key.
    pub(crate) fn value(&mut self, key: &str) -> Result<&'a str, RecordError> {
        if self.find_value(key) {
            self.advance();
            Ok(&self.last[key.len() + 1..])
        } else {
            self.advance();
            Err(self.refuse(&format!("`{key} <value>`")))
        }
    }

    /// Whether the next line has this key.
    pub(crate) fn find_value(&self, key: &str) -> bool {
        self.rest
            .strip_prefix(key)
            .is_some_and(|rest| rest.starts_with(' '))
    }

    /// The next line's value in the one spelling of its type.
    pub(crate) fn parsed<T: FromStr>(
        &mut self,
        key: &str,
        expected: &str,
    ) -> Result<T, RecordError> {
        let value = self.value(key)?;
        value
            .parse()
            .map_err(|_| self.refuse(&format!("`{key} {expected}`")))
    }

    /// The next line's value as a whole number.
    pub(crate) fn number(&mut self, key: &str) -> Result<u64, RecordError> {
        let value = self.value(key)?;
        decimal(value).ok_or_else(|| self.refuse(&format!("`{key} <whole number>`")))
    }

    /// The head of the audit trail, where the next line is one (R15).
    pub(super) fn trail(&mut self) -> Result<Option<TrailHead>, RecordError> {
        if !self.find_value("trail") {
            return Ok(None);
        }
        self.parsed("trail", "<rows> <64 hex digits>").map(Some)
    }

    /// The next line's value if the rule allows it.
    pub(crate) fn checked(
        &mut self,
        key: &str,
        expected: &str,
        rule: fn(&str) -> bool,
    ) -> Result<String, RecordError> {
        let value = self.value(key)?;
        if rule(value) {
            Ok(value.to_owned())
        } else {
            Err(self.refuse(&format!("`{key} {expected}`")))
        }
    }

    /// The next line's value cut at single spaces into exactly `N` words, none empty.
    pub(crate) fn words<const N: usize>(
        &mut self,
        key: &str,
        expected: &str,
    ) -> Result<[&'a str; N], RecordError> {
        let value = self.value(key)?;
        let mut words = [""; N];
        let mut given = value.split(' ');
        for word in &mut words {
            *word = given.next().unwrap_or_default();
        }
        if given.next().is_none() && words.iter().all(|word| !word.is_empty()) {
            Ok(words)
        } else {
            Err(self.refuse(&format!("`{key} {expected}`")))
        }
    }

    /// The lines that are left, as one text; there is at least one, which counts as the last that was
    /// read.
    pub(super) fn rest<T: FromStr<Err = TrustError>>(&mut self) -> Result<T, RecordError> {
        let (read, rest) = (self.line, self.rest);
        self.advance();
        self.rest = "";
        rest.parse().map_err(|error: TrustError| RecordError {
            line: read + error.line,
            expected: error.expected,
            found: error.found,
        })
    }

    /// Succeeds when every line has been read.
    pub(crate) fn end(mut self) -> Result<(), RecordError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            self.advance();
            Err(self.refuse("the end of the record"))
        }
    }

    /// The line that was read last is not what it should be.
    pub(crate) fn refuse(&self, expected: &str) -> RecordError {
        RecordError {
            line: self.line,
            expected: expected.to_owned(),
            found: excerpt(self.last),
        }
    }
}
