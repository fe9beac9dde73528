//! One line of a `score-v1` pool, read as numbers: the loop in which a verification spends its time.

use crate::code::{Code, MAX_CODE, is_code_byte};

/// A line as numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// The code's first 16 bytes and its others, the first byte the highest, zeros behind the last.
    pub(crate) code: (u128, u128),
    /// Of the code, in bytes.
    pub(crate) code_length: usize,
    pub(crate) weight: u16,
    /// Of the line with its newline, in bytes.
    pub(crate) length: usize,
}

/// The line that begins here.
pub(crate) fn scan(window: &[u8]) -> Option<Line> {
    let longest = window.len().min(MAX_CODE + 1);
    let code_length = window[..longest]
        .iter()
        .position(|byte| !is_code_byte(*byte))?;
    if code_length == 0 || window[code_length] != b',' {
        return None;
    }
    let (weight, digits) = scan_weight(&window[code_length + 1..])?;
    Some(Line {
        code: Code::from_checked(&window[..code_length]).halves(),
        code_length,
        weight,
        length: code_length + digits + 2,
    })
}

/// A weight's value and its number of digits, when a newline follows it.
// Measured: a call and a copy a line cost a tenth of a whole verification.
#[inline(always)]
fn scan_weight(digits: &[u8]) -> Option<(u16, usize)> {
    const MOST_DIGITS: usize = 5;
    let mut weight = u32::from(digits.first()?.checked_sub(b'1')?) + 1;
    if weight > 9 {
        return None;
    }
    let mut length = 1;
    while length <= MOST_DIGITS {
        let byte = *digits.get(length)?;
        if byte == b'\n' {
            return u16::try_from(weight).ok().map(|weight| (weight, length));
        }
        if !byte.is_ascii_digit() {
            return None;
        }
        weight = weight * 10 + u32::from(byte - b'0');
        length += 1;
    }
    None
}

/// The same as [`scan`] for codes of at most 15 bytes, looking at 16 bytes at once; none for every
/// other line, good or bad.
// Measured: a call and a copy a line cost a tenth of a whole verification.
#[inline(always)]
pub(crate) fn scan_short(window: &[u8]) -> Option<Line> {
    const ONES: u128 = u128::MAX / 255;
    const HIGH: u128 = ONES * 0x80;
    let head = u128::from_le_bytes(*window.first_chunk::<16>()?);
    // The lowest byte that is a comma gives the lowest high bit; a borrow can only set higher ones.
    let commas = head ^ (ONES * u128::from(b','));
    let commas = commas.wrapping_sub(ONES) & !commas & HIGH;
    let length = usize::try_from(commas.trailing_zeros() / 8).ok()?;
    if length == 0 || length > 15 {
        return None;
    }
    let code = head & ((1 << (8 * length)) - 1);
    // With the high bits gone no sum leaves its byte, and a sum's high bit says `at least`.
    let low = code & !HIGH;
    let at_least = |byte: u8| low + ONES * u128::from(0x80 - byte);
    let digits = at_least(b'0') & !at_least(b'9' + 1);
    let capitals = at_least(b'A') & !at_least(b'Z' + 1);
    let wanted = HIGH & ((1 << (8 * length)) - 1);
    if code & HIGH != 0 || (digits | capitals) & wanted != wanted {
        return None;
    }
    let (weight, digits) = scan_weight(&window[length + 1..])?;
    Some(Line {
        code: (code.swap_bytes(), 0),
        code_length: length,
        weight,
        length: length + digits + 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_way_and_the_plain_way_read_the_same_lines() {
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let alphabet = b"0059AFZ,\n a/:@[\x80\xb0\xc1\xff";
        for _ in 0..200_000 {
            let mut line: Vec<u8> = (0..random(18))
                .map(|_| b'0' + u8::try_from(random(10)).expect("a digit"))
                .collect();
            line.push(b',');
            line.extend(random(70_000).to_string().bytes());
            line.extend_from_slice(b"\n0123456789012345678901234567890");
            for _ in 0..random(3) {
                let place = usize::try_from(random(line.len() as u64)).expect("a place");
                let letter = random(alphabet.len() as u64);
                line[place] = alphabet[usize::try_from(letter).expect("a place")];
            }
            if let Some(fast) = scan_short(&line) {
                assert_eq!(Some(fast), scan(&line), "{line:?}");
            } else if let Some(plain) = scan(&line) {
                assert!(plain.code_length > 15, "{line:?}");
            }
        }
    }

    /// Code length, weight and length of a line, both ways.
    fn read(line: &[u8]) -> [Option<(usize, u16, usize)>; 2] {
        let mut window = line.to_vec();
        window.extend_from_slice(b"0123456789012345678901234567890123456789");
        [scan_short(&window), scan(&window)]
            .map(|line| line.map(|line| (line.code_length, line.weight, line.length)))
    }

    #[test]
    fn every_weight_is_read_and_nothing_else_is_one() {
        for weight in 0..=70_000_u32 {
            let line = format!("A7,{weight}\n");
            let expected = u16::try_from(weight).ok().filter(|weight| *weight > 0);
            let expected = expected.map(|weight| (2, weight, line.len()));
            assert_eq!(read(line.as_bytes()), [expected; 2], "{line}");
        }
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
            for line in [
                [b'A', b',', byte, b'\n', b'\n'],
                [b'A', b',', b'1', byte, b'\n'],
            ] {
                let expected = (line[2] == b'1' && byte == b'\n').then_some((1, 1, 4));
                assert_eq!(read(&line), [expected; 2], "{line:?}");
            }
        }
        for line in ["A,01\n", "A,100000\n", "A,\n", "A,1", "A\n"] {
            assert_eq!(read(line.as_bytes()), [None; 2], "{line}");
        }
    }

    #[test]
    fn a_code_has_1_to_32_letters_of_its_alphabet() {
        for length in 0..=40 {
            let line = "Z".repeat(length) + ",3\n";
            let expected = (length, 3, length + 3);
            let plain = (1..=32).contains(&length).then_some(expected);
            let fast = plain.filter(|_| length < 16);
            assert_eq!(read(line.as_bytes()), [fast, plain], "{line}");
        }
        for byte in 0..=u8::MAX {
            for line in [
                [byte, b'A', b'9', b',', b'3', b'\n'],
                [b'0', b'Z', byte, b',', b'3', b'\n'],
            ] {
                let allowed = byte.is_ascii_digit() || byte.is_ascii_uppercase();
                let expected = allowed.then_some((3, 3, 6));
                assert_eq!(read(&line), [expected; 2], "{line:?}");
            }
        }
    }
}
