//! The pool file of method `score-v1` (D11 to D16): `code,weight` lines, strictly ascending.

use std::io::{self, Read, Write};

pub use crate::{
    code::{Code, MAX_CODE},
    rows::PoolError,
};
use crate::{
    line::{Line, scan, scan_short},
    root::FileSummary,
    rows::{Count, RowWriter, Rows},
};

/// The most lines a pool may have.
pub const MAX_ROWS: u64 = 1 << 27;
/// The most tickets a pool may have.
pub const MAX_TICKETS: u64 = (1 << 32) - 1;

const EXPECTED: &str = "`<code>,<weight>` with a code of 1 to 32 of 0-9 A-Z and a weight of \
                        1 to 65535, ended by a newline";
const EXPECTED_ORDER: &str = "codes in strictly ascending order";
const EXPECTED_LIMITS: &str = "at most 134217728 lines and 4294967295 tickets";

/// One applicant of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The applicant's code.
    pub code: Code,
    /// How many consecutive tickets they own.
    pub weight: u16,
    /// The first of them, counted from 0; its serial is one more.
    pub first_ticket: u64,
}

/// Reads a pool line by line; any deviation from its one spelling is an error.
pub struct PoolReader<R> {
    rows: Rows<R>,
    /// The line that was read last; before the first, zeros, which every code is above.
    last: Line,
}

impl<R: Read> PoolReader<R> {
    /// Reads from the start of a pool; a buffer of its own makes another round it needless.
    pub fn new(reader: R) -> Self {
        Self::with_hasher(reader, false)
    }

    /// Reads like [`PoolReader::new`], and hashes on another thread meanwhile.
    pub fn new_apart(reader: R) -> Self {
        Self::with_hasher(reader, true)
    }

    fn with_hasher(reader: R, apart: bool) -> Self {
        let rows = Rows::new(reader, apart);
        let last = Line::default();
        Self { rows, last }
    }

    /// The next applicant; none at the end of the file.
    #[inline]
    pub fn next_row(&mut self) -> Result<Option<Row>, PoolError> {
        let row = self.advance()?.map(|first_ticket| Row {
            code: self.last_code(),
            weight: self.last.weight,
            first_ticket,
        });
        Ok(row)
    }

    /// Steps to the next line and gives its first ticket; none at the end of the file.
    #[expect(
        clippy::inline_always,
        reason = "measured: a call and a copy a line cost a tenth of a whole verification"
    )]
    #[inline(always)]
    pub(crate) fn advance(&mut self) -> Result<Option<u64>, PoolError> {
        let window = self.rows.window()?;
        let line = if let Some(line) = scan_short(window) {
            line
        } else {
            if window.is_empty() {
                return Ok(None);
            }
            let Some(line) = scan(window) else {
                return Err(self.rows.refuse(EXPECTED));
            };
            line
        };
        if line.code <= self.last.code {
            return Err(self.rows.refuse(EXPECTED_ORDER));
        }
        let count = self.rows.count();
        if !fits(count, line.weight) {
            return Err(self.rows.refuse(EXPECTED_LIMITS));
        }
        self.last = line;
        self.rows.step(line.length, u64::from(line.weight));
        Ok(Some(count.tickets))
    }

    /// The code of the line that was read last.
    pub(crate) fn last_code(&self) -> Code {
        let (head, tail) = self.last.code;
        Code::from_halves(head, tail, self.last.code_length)
    }

    /// The weight of the line that was read last.
    #[inline]
    pub(crate) fn last_weight(&self) -> u16 {
        self.last.weight
    }

    /// What a record must say of the file, once every line has been read.
    pub fn finish(self) -> FileSummary {
        self.rows.finish()
    }
}

#[inline]
fn fits(count: Count, weight: u16) -> bool {
    count.rows < MAX_ROWS && count.tickets + u64::from(weight) <= MAX_TICKETS
}

/// Writes a pool line by line and sums it up on the way, in constant memory.
pub struct PoolWriter<W> {
    rows: RowWriter<W>,
    previous: Option<Code>,
}

impl<W: Write> PoolWriter<W> {
    /// Writes from the start of a file.
    pub fn new(writer: W) -> Self {
        let rows = RowWriter::new(writer);
        let previous = None;
        Self { rows, previous }
    }

    /// Appends an applicant; codes must come in strictly ascending order.
    pub fn push(&mut self, code: &str, weight: u16) -> Result<(), PoolError> {
        let refuse = |expected| PoolError::Line {
            line: self.rows.count().rows + 1,
            expected,
            found: crate::text::excerpt(&format!("{code},{weight}")),
        };
        let code: Code = code.parse().map_err(|_| refuse(EXPECTED))?;
        if weight == 0 {
            return Err(refuse(EXPECTED));
        }
        if self.previous.is_some_and(|previous| code <= previous) {
            return Err(refuse(EXPECTED_ORDER));
        }
        if !fits(self.rows.count(), weight) {
            return Err(refuse(EXPECTED_LIMITS));
        }
        self.previous = Some(code);
        let line = self.rows.line(u64::from(weight))?;
        line.extend_from_slice(code.as_bytes());
        writeln!(line, ",{weight}")?;
        Ok(())
    }

    /// Writes what is left and says what a record must say of the file. It is on disk only when
    /// the caller has synced it.
    pub fn finish(self) -> Result<(W, FileSummary), PoolError> {
        self.rows.finish().map_err(PoolError::from)
    }
}

/// Sums up a whole pool after checking every line.
pub fn read_pool<R: Read>(pool: R) -> Result<FileSummary, PoolError> {
    let mut pool = PoolReader::new(pool);
    while pool.next_row()?.is_some() {}
    Ok(pool.finish())
}

impl From<PoolError> for io::Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Io(error) => error,
            line @ PoolError::Line { .. } => Self::new(io::ErrorKind::InvalidData, line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &[u8] = include_bytes!("../vectors/accept/example/pool-unit.csv");

    /// Hands out a few bytes at a time, so that lines are cut everywhere.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    #[test]
    fn the_example_is_summed_up_however_it_arrives() {
        let summary = read_pool(UNIT).expect("the example's pool");
        assert_eq!(
            (summary.rows, summary.tickets, summary.bytes),
            (600, 1800, 8400)
        );
        let root = "5659fe2fafb41c486728a2160e6d9b38ecedd6d1f6cfba8abff1ad302bfa23c1";
        assert_eq!(summary.root.to_string(), root);
        for piece in [1, 2, 7, 127, 128, 129, 4096] {
            let dripped = read_pool(Drip(UNIT, piece)).expect("the example's pool");
            assert_eq!(dripped, summary, "{piece} bytes at a time");
        }
    }

    #[test]
    fn a_pool_is_written_as_it_was_read() {
        let mut reader = PoolReader::new(UNIT);
        let mut writer = PoolWriter::new(Vec::new());
        while let Some(row) = reader.next_row().expect("the example's pool") {
            writer.push(row.code.as_ref(), row.weight).expect("a row");
        }
        let (bytes, summary) = writer.finish().expect("memory does not fail");
        assert_eq!(bytes, UNIT);
        assert_eq!(summary, reader.finish());
    }

    #[test]
    fn a_refusal_names_the_line() {
        for (text, line) in [
            ("A,0\n", 1),
            ("A,1\nB,65536\n", 2),
            ("A,1\nB,01\n", 2),
            ("A,1\nB,+1\n", 2),
            ("A,1\nB,1", 2),
            ("A,1\n\n", 2),
            ("A,1\r\n", 1),
            ("\u{feff}A,1\n", 1),
            ("A,1\nA,1\n", 2),
            ("B,1\nA,1\n", 2),
            ("a,1\n", 1),
            (",1\n", 1),
            ("A\n", 1),
            ("A,\n", 1),
            ("A,1,\n", 1),
            ("A, 1\n", 1),
            ("A,100000\n", 1),
            ("A", 1),
        ] {
            match read_pool(text.as_bytes()) {
                Err(PoolError::Line { line: found, .. }) => assert_eq!(found, line, "{text:?}"),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
        let long = format!("{},1\n", "A".repeat(33));
        assert!(read_pool(long.as_bytes()).is_err());
        let longest = format!("{},65535\n", "A".repeat(32));
        assert_eq!(
            read_pool(longest.as_bytes()).expect("a pool").tickets,
            65_535
        );
    }

    #[test]
    fn a_refusal_shows_the_line_and_whether_it_is_whole() {
        for (text, shown) in [
            ("A,1\nB,0\nC,1\n", "B,0"),
            ("A,1\n\nC,1\n", ""),
            ("A,1\nB,1", "B,1 (without a newline)"),
        ] {
            match read_pool(text.as_bytes()) {
                Err(PoolError::Line { found, .. }) => assert_eq!(found, shown, "{text:?}"),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn rows_number_at_most_two_to_the_twenty_seventh() {
        for (rows, tickets, weight, expected) in [
            (MAX_ROWS - 1, MAX_ROWS, 1, true),
            (MAX_ROWS, MAX_ROWS, 1, false),
            (MAX_ROWS + 1, MAX_ROWS, 1, false),
            (1, MAX_TICKETS - 9, 9, true),
            (1, MAX_TICKETS - 9, 10, false),
        ] {
            assert_eq!(fits(Count { rows, tickets }, weight), expected, "{rows}");
        }
    }

    #[test]
    fn tickets_number_fewer_than_two_to_the_thirty_second() {
        // 65,537 · 65,535 = 2³² − 1.
        let mut writer = PoolWriter::new(Vec::new());
        for row in 0..65_537 {
            writer.push(&format!("{row:05}"), u16::MAX).expect("a row");
        }
        assert!(writer.push("A", 1).is_err());
        let (mut bytes, summary) = writer.finish().expect("memory does not fail");
        assert_eq!(summary.tickets, MAX_TICKETS);
        assert_eq!(read_pool(bytes.as_slice()).expect("a pool"), summary);
        bytes.extend_from_slice(b"A,1\n");
        assert!(read_pool(bytes.as_slice()).is_err());
    }

    #[test]
    fn a_writer_refuses_what_a_reader_would() {
        let mut writer = PoolWriter::new(Vec::new());
        writer.push("B", 2).expect("a row");
        for (code, weight) in [("A", 1), ("B", 1), ("C", 0), ("c", 1), ("", 1)] {
            match writer.push(code, weight) {
                Err(PoolError::Line { line, found, .. }) => {
                    assert_eq!((line, found), (2, format!("{code},{weight}")));
                }
                other => panic!("{code},{weight} gave {other:?}"),
            }
        }
        let (bytes, summary) = writer.finish().expect("memory does not fail");
        assert_eq!(bytes, b"B,2\n");
        assert_eq!((summary.rows, summary.tickets), (1, 2));
    }
}
