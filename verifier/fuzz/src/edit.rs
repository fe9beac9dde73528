//! Edits as bytes: a fuzzer that turns one byte moves, repeats or replaces a piece of a file that
//! is otherwise sound, and so reaches what lies behind the first check.

/// A fuzzer's bytes, taken one after the other; zeros follow the last.
pub struct Script<'a> {
    rest: &'a [u8],
}

impl<'a> Script<'a> {
    /// From the first byte on.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether every byte has been taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been taken yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        *first
    }

    /// A number below the limit, which is at least 1, from as many bytes as it needs.
    pub fn below(&mut self, limit: usize) -> usize {
        let mut number = usize::from(self.byte());
        if limit > 1 << 8 {
            number = number << 8 | usize::from(self.byte());
        }
        if limit > 1 << 16 {
            number = number << 8 | usize::from(self.byte());
        }
        number % limit.max(1)
    }

    /// The next eight bytes as a number, little-endian.
    pub fn number(&mut self) -> u64 {
        (0..8).fold(0, |number, at| number | u64::from(self.byte()) << (8 * at))
    }

    /// The next bytes, at most this many.
    pub fn take(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(most.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Changes the bytes once; pieces may come from the other bytes.
    pub fn edit(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        match self.byte() % 10 {
            0 => {
                let at = self.below(bytes.len() + 1);
                let length = self.below(64);
                drop(bytes.splice(at..at, self.take(length).iter().copied()));
            }
            1 => {
                let range = self.range(bytes);
                let length = self.below(64);
                drop(bytes.splice(range, self.take(length).iter().copied()));
            }
            2 => drop(bytes.drain(self.range(bytes))),
            3 => {
                let piece = bytes[self.range(bytes)].to_vec();
                let at = self.below(bytes.len() + 1);
                drop(bytes.splice(at..at, piece));
            }
            4 => bytes.truncate(self.below(bytes.len() + 1)),
            5 => {
                let at = self.below(bytes.len());
                let bit = self.byte() % 8;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            6 => {
                let piece = other[self.range(other)].to_vec();
                let range = self.range(bytes);
                drop(bytes.splice(range, piece));
            }
            7 => *bytes = other.to_vec(),
            _ => self.edit_lines(bytes),
        }
    }

    /// A short piece of the bytes.
    fn range(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(bytes.len() + 1);
        let end = start + self.below(256);
        start..end.min(bytes.len())
    }

    /// Moves, repeats, drops or rewrites a line.
    fn edit_lines(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        if lines.is_empty() {
            return;
        }
        let (one, other) = (self.below(lines.len()), self.below(lines.len()));
        match self.byte() % 4 {
            0 => lines.swap(one, other),
            1 => lines.insert(other, lines[one].clone()),
            2 => drop(lines.remove(one)),
            _ => {
                let mut words: Vec<&[u8]> = lines[one].split(|byte| b" ,".contains(byte)).collect();
                let word = self.below(words.len());
                let length = self.below(24);
                words[word] = self.take(length);
                lines[one] = words.join(&b' ');
            }
        }
        *bytes = lines.concat();
    }
}
