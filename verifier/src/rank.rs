//! The pool file of method `rank-v1` (D17): `code,points,time` lines, strictly ascending by code. There
//! is no chance in it: more points first, then the earlier time, then the lower code.

use std::{
    cmp::Reverse,
    io::{Read, Write},
};

use crate::{
    code::Code,
    pool::{MAX_ROWS, PoolError},
    root::FileSummary,
    rows::{RowWriter, Rows},
    text::{decimal, excerpt},
};

const EXPECTED: &str = "`<code>,<points>,<time>` with a code of 1 to 32 of 0-9 A-Z, points up to \
                        4294967295 and milliseconds since 1970 up to 9223372036854775807, ended \
                        by a newline";
const EXPECTED_ORDER: &str = "codes in strictly ascending order";
const EXPECTED_LIMIT: &str = "at most 134217728 lines";

/// One applicant of a queue; the lower standing is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// More is better; 0 for everybody makes a plain queue.
    pub points: Reverse<u32>,
    /// Since when they have waited, in milliseconds since 1970 UTC.
    pub time_millis: u64,
    /// The applicant's code.
    pub code: Code,
}

/// Reads a queue line by line; any deviation from its one spelling is an error.
pub struct RankReader<R> {
    rows: Rows<R>,
    previous: Option<Code>,
}

impl<R: Read> RankReader<R> {
    /// Reads from the start of a queue's file.
    pub fn new(reader: R) -> Self {
        let rows = Rows::new(reader, false);
        let previous = None;
        Self { rows, previous }
    }

    /// The next applicant in the order of codes; none at the end of the file.
    pub fn next_row(&mut self) -> Result<Option<Standing>, PoolError> {
        let window = self.rows.window()?;
        if window.is_empty() {
            return Ok(None);
        }
        let Some((length, standing)) = scan(window) else {
            return Err(self.rows.refuse(EXPECTED));
        };
        if self
            .previous
            .is_some_and(|previous| standing.code <= previous)
        {
            return Err(self.rows.refuse(EXPECTED_ORDER));
        }
        if self.rows.count().rows >= MAX_ROWS {
            return Err(self.rows.refuse(EXPECTED_LIMIT));
        }
        self.previous = Some(standing.code);
        self.rows.step(length, 0);
        Ok(Some(standing))
    }

    /// What a record must say of the file, once every line has been read.
    pub fn finish(self) -> FileSummary {
        self.rows.finish()
    }
}

fn scan(window: &[u8]) -> Option<(usize, Standing)> {
    let length = window.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&window[..length]).ok()?;
    let (code, rest) = line.split_once(',')?;
    let (points, time) = rest.split_once(',')?;
    let time_millis = decimal(time).filter(|time| i64::try_from(*time).is_ok())?;
    let standing = Standing {
        points: Reverse(u32::try_from(decimal(points)?).ok()?),
        time_millis,
        code: code.parse().ok()?,
    };
    Some((length + 1, standing))
}

/// Writes a queue line by line and sums it up on the way.
pub struct RankWriter<W> {
    rows: RowWriter<W>,
    previous: Option<Code>,
}

impl<W: Write> RankWriter<W> {
    /// Writes from the start of a file.
    pub fn new(writer: W) -> Self {
        let rows = RowWriter::new(writer);
        let previous = None;
        Self { rows, previous }
    }

    /// Appends an applicant; codes must come in strictly ascending order.
    pub fn push(&mut self, code: &str, points: u32, time_millis: u64) -> Result<(), PoolError> {
        let refuse = |expected| PoolError::Line {
            line: self.rows.count().rows + 1,
            expected,
            found: excerpt(&format!("{code},{points},{time_millis}")),
        };
        let code: Code = code.parse().map_err(|_| refuse(EXPECTED))?;
        if i64::try_from(time_millis).is_err() {
            return Err(refuse(EXPECTED));
        }
        if self.previous.is_some_and(|previous| code <= previous) {
            return Err(refuse(EXPECTED_ORDER));
        }
        if self.rows.count().rows >= MAX_ROWS {
            return Err(refuse(EXPECTED_LIMIT));
        }
        self.previous = Some(code);
        writeln!(self.rows.line(0)?, "{code},{points},{time_millis}")?;
        Ok(())
    }

    /// Writes what is left and says what a record must say of the file.
    pub fn finish(self) -> Result<(W, FileSummary), PoolError> {
        self.rows.finish().map_err(PoolError::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::draw_ranked;

    #[test]
    fn more_points_then_the_earlier_time_then_the_lower_code_goes_first() {
        let mut writer = RankWriter::new(Vec::new());
        for (code, points, time) in [
            ("A", 5, 200),
            ("B", 5, 100),
            ("C", 9, 900),
            ("D", 5, 100),
            ("E", 0, 1),
        ] {
            writer.push(code, points, time).expect("a row");
        }
        let (file, written) = writer.finish().expect("memory does not fail");
        let (outcome, read) = draw_ranked(file.as_slice(), 3, 1).expect("a queue");
        let order: Vec<&str> = outcome
            .places
            .iter()
            .map(|place| place.code.as_ref())
            .collect();
        assert_eq!(order, ["C", "B", "D", "A"]);
        assert_eq!(
            (outcome.winners, outcome.reserves, outcome.cut_off),
            (3, 1, None)
        );
        assert_eq!(read, written);
        let mut result = Vec::new();
        outcome.write(&mut result).expect("memory does not fail");
        assert_eq!(result, b"1,C,-,-\n2,B,-,-\n3,D,-,-\n4,A,-,-\n");
    }

    #[test]
    fn a_writer_names_the_line_that_it_refuses() {
        let mut writer = RankWriter::new(Vec::new());
        writer.push("B", 5, 100).expect("a row");
        writer.push("C", 5, 100).expect("a row");
        for (code, time) in [("A", 1), ("C", 1), ("c", 1), ("D", u64::MAX)] {
            let refused = writer.push(code, 7, time).expect_err("no such row");
            let written = format!("`{code},7,{time}`");
            assert!(refused.to_string().starts_with("line 3: "), "{refused}");
            assert!(refused.to_string().ends_with(&written), "{refused}");
        }
        let (file, _) = writer.finish().expect("memory does not fail");
        assert_eq!(file, b"B,5,100\nC,5,100\n");
    }

    #[test]
    fn a_line_in_another_spelling_is_refused() {
        for text in [
            "A,1\n",
            "A,01,1\n",
            "A,1,1",
            "A,4294967296,1\n",
            "A,1,9223372036854775808\n",
            "A,1,1\nA,1,1\n",
        ] {
            assert!(draw_ranked(text.as_bytes(), 1, 0).is_err(), "{text:?}");
        }
    }
}
