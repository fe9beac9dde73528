//! The head of an index: text, so that a person with `head` sees what a file is.

use std::fmt::Write as _;

use verifier::{pool::MAX_CODE, text::Digest};

use super::{IndexError, RANK_BYTES, WEIGHT_BYTES};

const VERSION: &str = "fairplate results/1";

/// Longer than any head: a file of another kind is not searched for its end.
const HEAD_MAX: usize = 64 * 1024;

/// Digits of a code that is written as a number.
const DIGITS: usize = 13;

/// Bytes of such a number: ten to the thirteenth is less than two to the 44th.
const NUMBER_BYTES: usize = 6;

/// What an index is of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) draw: String,
    /// Hash of the draw's result record.
    pub(super) result: Digest,
    pub(super) categories: Vec<Category>,
}

/// One category of a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) name: String,
    pub(super) spelling: Spelling,
    pub(super) rows: usize,
    pub(super) winners: usize,
    pub(super) reserves: usize,
}

impl Category {
    pub(super) fn row_bytes(&self) -> usize {
        self.spelling.bytes() + WEIGHT_BYTES + RANK_BYTES
    }

    pub(super) fn places(&self) -> usize {
        self.winners + self.reserves
    }
}

/// How the codes of a category are written. Either way they order as they do in the pool file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// All are of thirteen digits, written as a number.
    Digits,
    /// Up to 32 characters, filled up with zeros.
    Letters,
}

impl Spelling {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Digits => NUMBER_BYTES,
            Self::Letters => MAX_CODE,
        }
    }

    /// Writes a code to the beginning of `key`; nothing for a code that cannot be written so, and
    /// so is in no row.
    pub(super) fn write(self, code: &str, key: &mut [u8; MAX_CODE]) -> Option<()> {
        match self {
            Self::Digits => {
                let is_number =
                    code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
                let number: u64 = is_number.then(|| code.parse().ok())??;
                key[..NUMBER_BYTES].copy_from_slice(&number.to_be_bytes()[8 - NUMBER_BYTES..]);
            }
            Self::Letters => {
                let fits = (1..=MAX_CODE).contains(&code.len());
                let code: verifier::pool::Code = fits.then(|| code.parse().ok())??;
                key[..code.as_ref().len()].copy_from_slice(code.as_ref().as_bytes());
            }
        }
        Some(())
    }

    /// The code that stands at the beginning of a row.
    pub(super) fn read(self, row: &[u8]) -> String {
        match self {
            Self::Digits => {
                let digits = row.iter().take(NUMBER_BYTES);
                let number = digits.fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
                format!("{number:0DIGITS$}")
            }
            Self::Letters => {
                let letters = row[..MAX_CODE].split(|byte| *byte == 0).next();
                String::from_utf8_lossy(letters.unwrap_or_default()).into_owned()
            }
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Letters => "letters",
        }
    }
}

impl Header {
    /// Reads the head of a file, and says where its rows begin.
    pub(super) fn parse(bytes: &[u8]) -> Result<(Self, usize), IndexError> {
        let head = &bytes[..bytes.len().min(HEAD_MAX)];
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if first != VERSION.as_bytes() {
            let shown: String = String::from_utf8_lossy(first).chars().take(40).collect();
            return Err(IndexError::Version(shown.escape_default().to_string()));
        }
        let end = head.windows(2).position(|pair| pair == b"\n\n");
        let end = end.ok_or(IndexError::Malformed("its head has no end"))?;
        let text = std::str::from_utf8(&head[..end]);
        let text = text.map_err(|_| IndexError::Malformed("its head is no text"))?;
        let header = Self::read(text).ok_or(IndexError::Malformed(
            "its head is not that of this version",
        ))?;
        Ok((header, end + 2))
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines().skip(1);
        let draw = lines.next()?.strip_prefix("draw ")?.to_owned();
        let result = lines.next()?.strip_prefix("result ")?.parse().ok()?;
        let categories = lines.map(category).collect::<Option<Vec<_>>>()?;
        Some(Self {
            draw,
            result,
            categories,
        })
    }

    /// The head as it stands in a file.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{VERSION}\ndraw {}\nresult {}\n", self.draw, self.result);
        for category in &self.categories {
            let Category {
                name,
                spelling,
                rows,
                winners,
                reserves,
            } = category;
            let spelling = spelling.word();
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "category {name} {spelling} {rows} {winners} {reserves}"
            );
        }
        text.push('\n');
        text
    }
}

fn category(line: &str) -> Option<Category> {
    let mut words = line.strip_prefix("category ")?.split(' ');
    let name = words.next()?.to_owned();
    let spelling = match words.next()? {
        "digits" => Spelling::Digits,
        "letters" => Spelling::Letters,
        _ => return None,
    };
    let mut number = || words.next()?.parse().ok();
    let category = Category {
        name,
        spelling,
        rows: number()?,
        winners: number()?,
        reserves: number()?,
    };
    let is_possible = category.winners.checked_add(category.reserves)? <= category.rows
        && category.rows <= usize::try_from(verifier::pool::MAX_ROWS).ok()?;
    (is_possible && words.next().is_none()).then_some(category)
}
