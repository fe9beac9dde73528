//! A group's lines as columns of numbers (V54): what a group of 256 lines takes least room as, short
//! of compressing it, and still a text with one spelling.

use std::fmt::Write as _;

use crate::text::{base64, decimal, unbase64};

/// What stands where a column has no bits: all its numbers are the least.
const NO_BITS: &str = "-";

/// A column line: its name, the least of the numbers, how many bits each takes beyond it, and
/// these bits.
pub(super) fn write_numbers(text: &mut String, name: &str, numbers: &[u64]) {
    // Writing to a string cannot fail.
    let _infallible = writeln!(text, "{name} {}", packed(numbers));
}

/// A column line of numbers that ascend: its name, the first as it is spelled, and the steps from
/// each to the next. None when they do not ascend.
pub(super) fn write_ascending(
    text: &mut String,
    name: &str,
    first: &str,
    numbers: &[u64],
) -> Option<()> {
    let steps: Option<Vec<u64>> = numbers
        .windows(2)
        .map(|pair| pair[1].checked_sub(pair[0]).filter(|step| *step > 0))
        .collect();
    writeln!(text, "{name} {first} {}", packed(&steps?)).ok()
}

/// The numbers of a line that [`write_numbers`] wrote.
pub(super) fn read_numbers(line: &str, name: &str, count: usize) -> Option<Vec<u64>> {
    let words = line.strip_prefix(name)?.strip_prefix(' ')?;
    unpacked(words, count)
}

/// The spelling of the first number, and all numbers, of a line that [`write_ascending`] wrote.
pub(super) fn read_ascending<'a>(
    line: &'a str,
    name: &str,
    count: usize,
) -> Option<(&'a str, Vec<u64>)> {
    let words = line.strip_prefix(name)?.strip_prefix(' ')?;
    let (first, words) = words.split_once(' ')?;
    let mut numbers: Vec<u64> = vec![first.parse().ok()?];
    for step in unpacked(words, count.checked_sub(1)?)? {
        numbers.push(numbers.last()?.checked_add(step)?);
    }
    Some((first, numbers))
}

/// `<least> <bits> <base64>`: the numbers less the least, each in so many bits, the first bit the
/// highest, and zeros up to a whole byte.
fn packed(numbers: &[u64]) -> String {
    let least = numbers.iter().min().copied().unwrap_or_default();
    let most = numbers.iter().max().copied().unwrap_or_default();
    let bits = u64::BITS - (most - least).leading_zeros();
    if bits == 0 {
        return format!("{least} 0 {NO_BITS}");
    }
    let (mut bytes, mut waiting, mut held) = (Vec::new(), 0_u128, 0);
    for number in numbers {
        waiting = waiting << bits | u128::from(number - least);
        held += bits;
        while held >= 8 {
            held -= 8;
            bytes.push((waiting >> held & 0xff) as u8);
            waiting &= (1 << held) - 1;
        }
    }
    if held > 0 {
        bytes.push((waiting << (8 - held) & 0xff) as u8);
    }
    format!("{least} {bits} {}", base64(&bytes))
}

fn unpacked(words: &str, count: usize) -> Option<Vec<u64>> {
    let mut words = words.split(' ');
    let (least, bits, encoded) = (words.next()?, words.next()?, words.next()?);
    let least = decimal(least)?;
    let bits = u32::try_from(decimal(bits)?).ok()?;
    if bits > u64::BITS || words.next().is_some() {
        return None;
    }
    let bytes = match encoded {
        NO_BITS => Vec::new(),
        encoded => unbase64(encoded)?,
    };
    let needed = count.checked_mul(usize::try_from(bits).ok()?)?.div_ceil(8);
    if bytes.len() != needed {
        return None;
    }
    let mut bytes = bytes.into_iter();
    let (mut numbers, mut waiting, mut held) = (Vec::with_capacity(count), 0_u128, 0);
    for _ in 0..count {
        while held < bits {
            waiting = waiting << 8 | u128::from(bytes.next()?);
            held += 8;
        }
        held -= bits;
        let number = u64::try_from(waiting >> held).ok()?;
        waiting &= (1 << held) - 1;
        numbers.push(least.checked_add(number)?);
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width_are_read_as_they_were_written() {
        for bits in 0..=64 {
            let most = u64::MAX.checked_shr(64 - bits).unwrap_or_default();
            for numbers in [
                vec![most],
                vec![0, most],
                vec![most, 0, most / 3, 1.min(most)],
            ] {
                let mut line = String::new();
                write_numbers(&mut line, "weights", &numbers);
                let line = line.trim_end();
                let read = read_numbers(line, "weights", numbers.len());
                assert_eq!(read, Some(numbers), "{line}");
            }
        }
    }

    #[test]
    fn a_column_is_as_wide_as_its_numbers_differ() {
        let mut text = String::new();
        write_numbers(&mut text, "weights", &[12, 1, 8, 20, 3]);
        write_numbers(&mut text, "weights", &[7, 7]);
        write_ascending(&mut text, "codes", "0097", &[97, 99, 110]).expect("ascending");
        write_ascending(&mut text, "codes", "5", &[5]).expect("ascending");
        let expected = "weights 1 5 WA8xAA==\nweights 7 0 -\ncodes 0097 2 4 CQ==\ncodes 5 0 0 -\n";
        assert_eq!(text, expected);
        let read = read_ascending("codes 0097 2 4 CQ==", "codes", 3);
        assert_eq!(read, Some(("0097", vec![97, 99, 110])));
    }

    #[test]
    fn what_does_not_ascend_has_no_steps() {
        for numbers in [[1, 1], [2, 1]] {
            let mut text = String::new();
            let written = write_ascending(&mut text, "codes", "1", &numbers);
            assert_eq!((written, text.as_str()), (None, ""));
        }
    }

    #[test]
    fn a_line_of_another_length_or_width_is_refused() {
        for line in [
            "weights 1 5 WA8x",
            "weights 1 5 WA8xAAA=",
            "weights 1 65 WA8xAA==",
            "weights 1 05 WA8xAA==",
            "weights 1 5",
            "weights 1 5 WA8xAA== ",
            "weights 18446744073709551615 5 WA8xAA==",
            "points 1 5 WA8xAA==",
            "weights  1 5 WA8xAA==",
        ] {
            assert_eq!(read_numbers(line, "weights", 5), None, "{line}");
        }
    }
}
