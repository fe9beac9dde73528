//! Reading and writing the lines of pool and result files in constant memory, summing them up on
//! the way.

use std::io::{self, Read, Write};

use crate::{
    hasher::Hasher,
    root::{FileSummary, GROUP_ROWS, GroupStart, Hashing},
    text::excerpt,
};

/// Longer than any line of any file, its newline included.
const MAX_LINE: usize = 128;
const BUFFER: usize = 256 * 1024;

/// Why a pool or result file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// A line is not what it should be.
    #[error("line {line}: expected {expected}, found `{found}`")]
    Line {
        /// The line, counted from 1.
        line: u64,
        /// What would have been accepted.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// The bytes could not be read or written.
    #[error("the file could not be read or written: {0}")]
    Io(#[from] io::Error),
}

/// How much of a file has gone by.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) rows: u64,
    pub(crate) tickets: u64,
}

impl Count {
    /// Whether the next row begins a group.
    #[inline]
    fn at_group_start(self) -> bool {
        self.rows.is_multiple_of(GROUP_ROWS)
    }
}

/// The lines of a file, one after the other.
pub(crate) struct Rows<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The groups that begin in the buffer.
    starts: Vec<GroupStart>,
    /// The first byte of the next line; what is before it waits to be hashed.
    next: usize,
    /// The end of what has been read.
    end: usize,
    ended: bool,
    count: Count,
    hasher: Hasher,
}

impl<R: Read> Rows<R> {
    /// Hashes on this thread, or on one of its own.
    pub(crate) fn new(reader: R, apart: bool) -> Self {
        Self {
            reader,
            buffer: vec![0; BUFFER],
            starts: Vec::new(),
            next: 0,
            end: 0,
            ended: false,
            count: Count::default(),
            hasher: Hasher::new(apart),
        }
    }

    #[inline]
    pub(crate) fn count(&self) -> Count {
        self.count
    }

    /// The unread bytes: more than the longest line has, unless the file ends before.
    #[inline]
    pub(crate) fn window(&mut self) -> io::Result<&[u8]> {
        if self.end - self.next < MAX_LINE && !self.ended {
            self.refill()?;
        }
        Ok(&self.buffer[self.next..self.end])
    }

    /// Steps over a line of this length in bytes, which brings this many tickets.
    #[inline]
    pub(crate) fn step(&mut self, length: usize, tickets: u64) {
        if self.count.at_group_start() {
            self.starts.push(GroupStart {
                offset: self.next,
                row: self.count.rows,
                ticket: self.count.tickets,
            });
        }
        self.count.rows += 1;
        self.count.tickets += tickets;
        self.next += length;
    }

    fn take(&mut self) {
        self.hasher
            .update(&self.buffer[..self.next], &mut self.starts);
    }

    #[cold]
    fn refill(&mut self) -> io::Result<()> {
        self.take();
        self.buffer.copy_within(self.next..self.end, 0);
        self.end -= self.next;
        self.next = 0;
        while self.end < MAX_LINE && !self.ended {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(length) => self.end += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The next line is not what it should be.
    #[cold]
    pub(crate) fn refuse(&self, expected: &'static str) -> PoolError {
        let rest = &self.buffer[self.next..self.end];
        let ends = |byte: &u8| *byte == b'\n';
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let mut found = excerpt(&String::from_utf8_lossy(&rest[..length]));
        if length == rest.len() {
            found.push_str(" (without a newline)");
        }
        PoolError::Line {
            line: self.count.rows + 1,
            expected,
            found,
        }
    }

    pub(crate) fn finish(mut self) -> FileSummary {
        self.take();
        let Count { rows, tickets } = self.count;
        self.hasher.finish().finish(rows, tickets)
    }
}

/// Writes lines group by group.
pub(crate) struct RowWriter<W> {
    writer: W,
    group: Vec<u8>,
    starts: Vec<GroupStart>,
    count: Count,
    hashing: Hashing,
}

impl<W: Write> RowWriter<W> {
    pub(crate) fn new(writer: W) -> Self {
        Self {
            writer,
            group: Vec::new(),
            starts: Vec::new(),
            count: Count::default(),
            hashing: Hashing::default(),
        }
    }

    pub(crate) fn count(&self) -> Count {
        self.count
    }

    /// Where to write the next line, which brings this many tickets.
    pub(crate) fn line(&mut self, tickets: u64) -> io::Result<&mut Vec<u8>> {
        if self.count.at_group_start() {
            self.take()?;
            self.starts.push(GroupStart {
                offset: 0,
                row: self.count.rows,
                ticket: self.count.tickets,
            });
        }
        self.count.rows += 1;
        self.count.tickets += tickets;
        Ok(&mut self.group)
    }

    fn take(&mut self) -> io::Result<()> {
        self.hashing.update(&self.group, &self.starts);
        self.starts.clear();
        self.writer.write_all(&self.group)?;
        self.group.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<(W, FileSummary)> {
        self.take()?;
        self.writer.flush()?;
        let Count { rows, tickets } = self.count;
        Ok((self.writer, self.hashing.finish(rows, tickets)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::read_pool;

    /// Gives a byte at a time, and stops at one place for one reason.
    struct Halting<'a> {
        bytes: &'a [u8],
        left: usize,
        reason: Option<io::ErrorKind>,
    }

    impl Read for Halting<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.bytes.len() == self.left
                && let Some(reason) = self.reason.take()
            {
                return Err(reason.into());
            }
            let length = buffer.len().min(1);
            self.bytes.read(&mut buffer[..length])
        }
    }

    #[test]
    fn reading_goes_on_after_an_interruption_and_ends_with_a_fault() {
        let bytes = b"A,1\nB,2\nC,3\n";
        let plain = read_pool(&bytes[..]).expect("a pool");
        let read = |reason| {
            read_pool(Halting {
                bytes,
                left: 6,
                reason: Some(reason),
            })
        };
        let summary = read(io::ErrorKind::Interrupted).expect("a pool");
        assert_eq!(summary, plain);
        let fault = read(io::ErrorKind::ConnectionReset);
        assert!(matches!(fault, Err(PoolError::Io(_))), "{fault:?}");
    }
}
