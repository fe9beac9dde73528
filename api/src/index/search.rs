//! Finding a row.
//!
//! Codes of digits are spread about evenly, so that a code says roughly where its row is. A binary
//! search of millions of rows reads some twenty of them all over the memory; a guess reads a handful.

use super::header::{Category, Spelling};

/// Guesses before the rest is halved, as it is from the beginning where codes are not spread evenly:
/// so no search is longer than a binary one by more than this.
const GUESSES_MAX: u8 = 8;

/// The rows among which a code is, if it is anywhere.
pub(super) struct Range {
    low: usize,
    high: usize,
    /// No code among them is smaller than the one, and none is larger than the other; nothing where
    /// codes are no numbers.
    around: Option<(u64, u64)>,
    guesses: u8,
}

impl Range {
    /// All rows of a category, which begin with the codes.
    pub(super) fn of(category: &Category, rows: &[u8]) -> Self {
        let length = category.spelling.bytes();
        let last = category.rows.saturating_sub(1) * category.row_bytes();
        let code = |at: usize| rows.get(at..at + length).map(number);
        let is_number = category.spelling == Spelling::Digits;
        Self {
            low: 0,
            high: category.rows,
            around: code(0).zip(code(last)).filter(|_| is_number),
            guesses: 0,
        }
    }

    /// The row to look at next; nothing where the code is in no row.
    pub(super) fn next(&mut self, code: &[u8]) -> Option<usize> {
        let rows = self.high.checked_sub(self.low).filter(|rows| 0 < *rows)?;
        let (Some((below, above)), true) = (self.around, self.guesses < GUESSES_MAX) else {
            return Some(self.low + rows / 2);
        };
        self.guesses += 1;
        let beyond = number(code).saturating_sub(below);
        let spread = u128::from(above.saturating_sub(below)).max(1);
        let part = u128::from(beyond) * (rows - 1) as u128 / spread;
        let part = usize::try_from(part).unwrap_or(rows);
        Some(self.low + part.min(rows - 1))
    }

    /// Notes that the code comes after that of a row.
    pub(super) fn is_above(&mut self, row: usize, code: &[u8]) {
        self.low = row + 1;
        if let Some((below, _)) = &mut self.around {
            *below = number(code);
        }
    }

    /// Notes that the code comes before that of a row.
    pub(super) fn is_below(&mut self, row: usize, code: &[u8]) {
        self.high = row;
        if let Some((_, above)) = &mut self.around {
            *above = number(code);
        }
    }
}

fn number(code: &[u8]) -> u64 {
    code.iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    /// Where a code is among others, and how many rows were looked at.
    fn find(codes: &[u64], wanted: u64) -> (Option<usize>, usize) {
        let bytes = |code: u64| code.to_be_bytes()[2..].to_vec();
        let category = Category {
            name: "individual".to_owned(),
            spelling: Spelling::Digits,
            rows: codes.len(),
            winners: 0,
            reserves: 0,
        };
        let row = |code: &u64| [bytes(*code), vec![0; category.row_bytes() - 6]].concat();
        let rows: Vec<u8> = codes.iter().flat_map(row).collect();
        let (mut range, mut looks) = (Range::of(&category, &rows), 0);
        while let Some(at) = range.next(&bytes(wanted)) {
            looks += 1;
            let code = bytes(codes[at]);
            match codes[at].cmp(&wanted) {
                Ordering::Less => range.is_above(at, &code),
                Ordering::Greater => range.is_below(at, &code),
                Ordering::Equal => return (Some(at), looks),
            }
        }
        (None, looks)
    }

    #[test]
    fn a_code_is_found_wherever_it_is_and_no_other() {
        let even: Vec<u64> = (0..1000)
            .map(|number| 7 + number * 10_000_000_000 / 1000)
            .collect();
        let heap: Vec<u64> = (0..999).chain([9_999_999_999_999]).collect();
        let grown: Vec<u64> = (0..40).map(|power| 1 << power).collect();
        for codes in [even, heap, grown, vec![5], vec![]] {
            for (at, code) in codes.iter().enumerate() {
                let (found, looks) = find(&codes, *code);
                assert_eq!(found, Some(at), "{code}");
                assert!(looks <= 10 + usize::from(GUESSES_MAX), "{looks}");
                for absent in [code.wrapping_sub(1), code + 1] {
                    if !codes.contains(&absent) && absent < 1 << 48 {
                        assert_eq!(find(&codes, absent).0, None, "{absent}");
                    }
                }
            }
        }
    }

    #[test]
    fn codes_that_are_spread_evenly_are_found_in_a_few_looks() {
        // A sequence without a pattern that is worth the name.
        let mut codes: Vec<u64> = (1..=400_u64)
            .map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 10_000_000_000_000)
            .collect();
        codes.sort_unstable();
        codes.dedup();
        let looks: usize = codes.iter().map(|code| find(&codes, *code).1).sum();
        assert!(looks < 8 * codes.len(), "{looks}");
    }
}
