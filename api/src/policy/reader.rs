//! Reads TOML strictly and remembers the lines.
//!
//! A getter that does not find what it wants notes a fault and gives nothing; its caller reads on,
//! so that all faults of a file come out at once, and gives up at the end.

use std::{cell::RefCell, collections::BTreeSet, ops::RangeInclusive};

use chrono::NaiveDate;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Fault, Rule, Text};

/// A file being read: its faults and rules so far.
pub(super) struct Reading<'a> {
    file: &'a str,
    text: &'a str,
    faults: RefCell<Vec<Fault>>,
    rules: RefCell<Vec<Rule>>,
}

/// A table of the file, and which of its keys have been asked for.
pub(super) struct Section<'a> {
    reading: &'a Reading<'a>,
    table: &'a DeTable<'a>,
    path: String,
    line: usize,
    asked: RefCell<BTreeSet<String>>,
}

/// Reads a file: parses it, gives its root to `read`, and refuses it if anything was at fault.
pub(super) fn read<T>(
    file: &str,
    text: &str,
    read: impl FnOnce(&Section<'_>) -> Option<T>,
) -> Result<(T, Vec<Rule>), Vec<Fault>> {
    let reading = Reading {
        file,
        text,
        faults: RefCell::default(),
        rules: RefCell::default(),
    };
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        reading.note(
            reading.line_at(at),
            "",
            error.message().trim_end_matches('.'),
        );
    }
    if !reading.faults.borrow().is_empty() {
        return Err(reading.faults.into_inner());
    }
    let section = Section {
        reading: &reading,
        table: root.get_ref(),
        path: String::new(),
        line: 1,
        asked: RefCell::default(),
    };
    let value = read(&section);
    section.refuse_unknown_keys();
    drop(section);
    let mut faults = reading.faults.into_inner();
    faults.sort_by(|one, other| (one.line, &one.field).cmp(&(other.line, &other.field)));
    match value {
        Some(value) if faults.is_empty() => {
            let mut rules = reading.rules.into_inner();
            rules.sort_by_key(|rule| rule.line);
            Ok((value, rules))
        }
        _ => Err(faults),
    }
}

impl Reading<'_> {
    fn line_at(&self, offset: usize) -> usize {
        let ends = self.text.match_indices('\n');
        ends.take_while(|(end, _)| *end < offset).count() + 1
    }

    fn note(&self, line: usize, field: &str, message: impl Into<String>) {
        self.faults.borrow_mut().push(Fault {
            file: self.file.to_owned(),
            line,
            field: field.to_owned(),
            message: message.into(),
        });
    }
}

impl<'a> Section<'a> {
    /// The dotted path of the table; empty for the file itself.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The line the table starts on, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Whether the key is there. Asking makes it one of the keys that may be.
    pub(super) fn has(&self, key: &str) -> bool {
        self.asked.borrow_mut().insert(key.to_owned());
        self.table.contains_key(key)
    }

    /// Notes a fault at a key of this table, or at the table where it has no such key.
    pub(super) fn fault(&self, key: &str, message: impl Into<String>) {
        let line = self.key_line(key).unwrap_or(self.line);
        self.reading.note(line, &self.path_of(key), message);
    }

    /// Keeps a rule that was read in full.
    pub(super) fn note_rule(&self, rule: Rule) {
        self.reading.rules.borrow_mut().push(rule);
    }

    /// A required text that is not blank.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match self.required(key)?.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.fault(key, "expected a text, found an empty one");
                None
            }
            DeValue::String(text) => Some(text.to_string()),
            other => self.wrong_type(key, "a text", other),
        }
    }

    /// A required list of distinct texts, not empty, each with its place for messages.
    pub(super) fn texts(&self, key: &str) -> Option<Vec<String>> {
        let list = self.list(key)?;
        let texts: Option<Vec<String>> = list
            .iter()
            .map(|value| match value.get_ref() {
                DeValue::String(text) if !text.trim().is_empty() => Some(text.to_string()),
                other => self.wrong_type(key, "a list of texts", other),
            })
            .collect();
        let texts = texts?;
        if texts.iter().collect::<BTreeSet<_>>().len() < texts.len() {
            self.fault(key, "expected distinct texts, found one twice");
            return None;
        }
        Some(texts)
    }

    /// A required whole number within a range.
    pub(super) fn number(&self, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let DeValue::Integer(integer) = self.required(key)?.get_ref() else {
            let found = self.table.get(key)?.get_ref();
            return self.wrong_type(key, "a whole number", found);
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|number| u32::try_from(number).ok());
        let within = number.filter(|number| range.contains(number));
        if within.is_none() {
            let (low, high) = range.into_inner();
            self.fault(
                key,
                format!(
                    "expected a whole number from {low} to {high}, found {}",
                    integer.as_str()
                ),
            );
        }
        within
    }

    /// A required `true` or `false`.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.required(key)?.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => self.wrong_type(key, "true or false", other),
        }
    }

    /// A required date.
    pub(super) fn date(&self, key: &str) -> Option<NaiveDate> {
        let value = self.required(key)?.get_ref();
        let date = date_in(value);
        if date.is_none() {
            return self.wrong_type(key, "a date such as 2018-11-26", value);
        }
        date
    }

    /// A list of dates, possibly empty.
    pub(super) fn dates(&self, key: &str) -> Option<Vec<NaiveDate>> {
        let value = self.required(key)?.get_ref();
        let DeValue::Array(list) = value else {
            return self.wrong_type(key, "a list of dates", value);
        };
        list.iter()
            .map(|value| {
                let date = date_in(value.get_ref());
                if date.is_none() {
                    return self.wrong_type(key, "a list of dates", value.get_ref());
                }
                date
            })
            .collect()
    }

    /// A required word out of a closed set.
    pub(super) fn choice<T: Clone>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let found = self.text(key)?;
        let chosen = words.iter().find(|(word, _)| *word == found);
        if chosen.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.fault(
                key,
                format!("expected {}, found `{found}`", words.join(" or ")),
            );
        }
        chosen.map(|(_, value)| value.clone())
    }

    /// A required sentence in both languages: a table of `zh` and `en`.
    pub(super) fn bilingual(&self, key: &str) -> Option<Text> {
        let section = self.section(key)?;
        let (zh, en) = (section.text("zh"), section.text("en"));
        section.refuse_unknown_keys();
        Some(Text { zh: zh?, en: en? })
    }

    /// A required table.
    pub(super) fn section(&self, key: &str) -> Option<Section<'a>> {
        match self.required(key)?.get_ref() {
            DeValue::Table(table) => {
                let line = self.key_line(key).unwrap_or(self.line);
                Some(self.child(table, self.path_of(key), line))
            }
            other => self.wrong_type(key, "a table", other),
        }
    }

    /// A table that may be left out.
    pub(super) fn find_section(&self, key: &str) -> Option<Section<'a>> {
        if self.has(key) {
            self.section(key)
        } else {
            None
        }
    }

    /// A required list of tables, not empty.
    pub(super) fn sections(&self, key: &str) -> Option<Vec<Section<'a>>> {
        let list = self.list(key)?;
        list.iter()
            .enumerate()
            .map(|(place, value)| match value.get_ref() {
                DeValue::Table(table) => {
                    let path = format!("{}[{place}]", self.path_of(key));
                    let line = self.reading.line_at(value.span().start);
                    Some(self.child(table, path, line))
                }
                other => self.wrong_type(key, "a list of tables", other),
            })
            .collect()
    }

    /// To be called when all keys were asked for: every other key is a fault.
    pub(super) fn refuse_unknown_keys(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            if !asked.contains(key.get_ref().as_ref()) {
                let known: Vec<&str> = asked.iter().map(String::as_str).collect();
                self.fault(
                    key.get_ref(),
                    format!("unknown key; expected only {}", known.join(", ")),
                );
            }
        }
    }

    fn child(&self, table: &'a DeTable<'a>, path: String, line: usize) -> Section<'a> {
        Section {
            reading: self.reading,
            table,
            path,
            line,
            asked: RefCell::default(),
        }
    }

    fn list(&self, key: &str) -> Option<&'a [Spanned<DeValue<'a>>]> {
        match self.required(key)?.get_ref() {
            DeValue::Array(list) if list.is_empty() => {
                self.fault(key, "expected at least one, found an empty list");
                None
            }
            DeValue::Array(list) => Some(list),
            other => self.wrong_type(key, "a list", other),
        }
    }

    fn required(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key.to_owned());
        let value = self.table.get(key);
        if value.is_none() {
            self.fault(key, "missing; add it");
        }
        value
    }

    fn wrong_type<T>(&self, key: &str, expected: &str, found: &DeValue<'_>) -> Option<T> {
        self.fault(
            key,
            format!("expected {expected}, found {}", found.type_str()),
        );
        None
    }

    fn path_of(&self, key: &str) -> String {
        match (self.path.as_str(), key) {
            ("", key) => key.to_owned(),
            (path, "") => path.to_owned(),
            (path, key) => format!("{path}.{key}"),
        }
    }

    fn key_line(&self, key: &str) -> Option<usize> {
        let (key, _) = self.table.get_key_value(key)?;
        Some(self.reading.line_at(key.span().start))
    }
}

fn date_in(value: &DeValue<'_>) -> Option<NaiveDate> {
    let DeValue::Datetime(datetime) = value else {
        return None;
    };
    if datetime.time.is_some() || datetime.offset.is_some() {
        return None;
    }
    let date = datetime.date?;
    NaiveDate::from_ymd_opt(
        i32::from(date.year),
        u32::from(date.month),
        u32::from(date.day),
    )
}
