//! The rules of the specification once more, written as plainly as they are said there. Slow, and
//! sharing nothing with the verifier but SHA-256 and single scores.

use std::collections::BTreeSet;

use fairplate_verifier::{Digest, log::leaf_hash, score::score};

/// A whole number without leading zeros (D6).
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    let number = text.parse::<u64>().ok()?;
    (number.to_string() == text).then_some(number)
}

/// An application code (D12).
#[must_use]
pub fn is_code(text: &str) -> bool {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    (1..=32).contains(&text.len()) && text.chars().all(|letter| ALPHABET.contains(letter))
}

/// The lines of a file that ends every line, and the first line that is not to be read: bytes that
/// are no text, or an end without a newline.
#[must_use]
pub fn lines(file: &[u8]) -> Vec<Option<&str>> {
    let mut lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    let last = lines.pop().unwrap_or_default();
    let mut texts: Vec<Option<&str>> = lines
        .into_iter()
        .map(|line| std::str::from_utf8(line).ok())
        .collect();
    if !last.is_empty() {
        texts.push(None);
    }
    texts
}

/// A pool's lines as code and two numbers (weight and first ticket; points and time), or the
/// first bad line, counted from 1.
pub type Read<'a> = Result<Vec<(&'a str, u64, u64)>, u64>;

/// Reads a `score-v1` pool (D11 to D16).
///
/// # Errors
/// The number of the first line that is not what it should be.
pub fn read_pool(file: &[u8]) -> Read<'_> {
    let mut rows: Vec<(&str, u64, u64)> = Vec::new();
    let mut tickets = 0;
    for (line, text) in (1..).zip(lines(file)) {
        let (code, weight) = text.and_then(|text| text.split_once(',')).ok_or(line)?;
        let weight = number(weight).filter(|weight| (1..=65_535).contains(weight));
        let weight = weight.filter(|_| is_code(code)).ok_or(line)?;
        if rows
            .last()
            .is_some_and(|last| last.0.as_bytes() >= code.as_bytes())
        {
            return Err(line);
        }
        rows.push((code, weight, tickets));
        tickets += weight;
    }
    Ok(rows)
}

/// Reads a `rank-v1` pool (D17).
///
/// # Errors
/// The number of the first line that is not what it should be.
pub fn read_queue(file: &[u8]) -> Read<'_> {
    let mut rows: Vec<(&str, u64, u64)> = Vec::new();
    for (line, text) in (1..).zip(lines(file)) {
        let words: Vec<&str> = text.ok_or(line)?.split(',').collect();
        let [code, points, time] = words[..] else {
            return Err(line);
        };
        let points = number(points)
            .filter(|points| *points < 1 << 32)
            .ok_or(line)?;
        let time = number(time).filter(|time| *time < 1 << 63).ok_or(line)?;
        let after = rows
            .last()
            .is_none_or(|last| last.0.as_bytes() < code.as_bytes());
        if !is_code(code) || !after {
            return Err(line);
        }
        rows.push((code, points, time));
    }
    Ok(rows)
}

/// The result file of a `score-v1` pool (D40 to D47).
#[must_use]
pub fn draw(rows: &[(&str, u64, u64)], key: Digest, most: u64) -> String {
    let mut best: Vec<(u64, u64, &str)> = rows
        .iter()
        .map(|(code, weight, first)| {
            let tickets = *first..first + weight;
            let scored = tickets.map(|ticket| (score(key, ticket), ticket, *code));
            scored.min().expect("a weight from 1")
        })
        .collect();
    best.sort_unstable();
    let lines = (1..=most).zip(best);
    let line = |(rank, (score, ticket, code)): (u64, (u64, u64, &str))| {
        format!("{rank},{code},{},{score:016x}\n", ticket + 1)
    };
    lines.map(line).collect()
}

/// The result file of a `rank-v1` pool (D48 to D50).
#[must_use]
pub fn serve(rows: &[(&str, u64, u64)], most: u64) -> String {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|(code, points, time)| (u64::MAX - points, *time, code.as_bytes().to_vec()));
    let lines = (1..=most).zip(rows);
    lines
        .map(|(rank, (code, _, _))| format!("{rank},{code},-,-\n"))
        .collect()
}

fn node(left: Digest, right: Digest) -> Digest {
    Digest::of(&[&[1][..], &left.0, &right.0].concat())
}

/// The tree hash MTH of RFC 6962 §2.1, from the top down.
#[must_use]
pub fn tree(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node(tree(left), tree(right))
        }
    }
}

/// The root of a file's groups of 256 lines (D20 to D22).
#[must_use]
pub fn root(file: &[u8], tickets: impl Fn(usize) -> u64) -> Digest {
    let lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    let groups = lines.chunks(256).enumerate().map(|(group, lines)| {
        let row = group * 256;
        let mut entry = (row as u64).to_be_bytes().to_vec();
        entry.extend(tickets(row).to_be_bytes());
        entry.extend(lines.concat());
        // A group's leaf and a log's have one form: 0x00 before the bytes.
        leaf_hash(&entry)
    });
    tree(&groups.collect::<Vec<_>>())
}

/// Where the path of a leaf leads (RFC 6962 §2.1.1); none when its length is wrong.
#[must_use]
pub fn follow(leaf: Digest, index: u64, size: u64, path: &[Digest]) -> Option<Digest> {
    if size == 1 {
        return (index == 0 && path.is_empty()).then_some(leaf);
    }
    let half = half(size)?;
    let (last, path) = path.split_last()?;
    if index < half {
        follow(leaf, index, half, path).map(|left| node(left, *last))
    } else {
        follow(leaf, index - half, size - half, path).map(|right| node(*last, right))
    }
}

/// The largest power of two below a size of at least 2.
fn half(size: u64) -> Option<u64> {
    Some(1 << size.checked_sub(1)?.checked_ilog2()?)
}

/// The older and the newer root to which a consistency proof leads (RFC 6962 §2.1.2); none when its
/// length is wrong. `whole` says that the older root is known and stands for its whole tree.
#[must_use]
pub fn grow(
    old: Digest,
    sizes: (u64, u64),
    path: &[Digest],
    whole: bool,
) -> Option<(Digest, Digest)> {
    let (old_size, size) = sizes;
    if old_size == size {
        return match path {
            [] if whole => Some((old, old)),
            [only] if !whole => Some((*only, *only)),
            _ => None,
        };
    }
    let half = half(size)?;
    let (last, path) = path.split_last()?;
    if old_size <= half {
        let (before, after) = grow(old, (old_size, half), path, whole)?;
        Some((before, node(after, *last)))
    } else {
        let (before, after) = grow(old, (old_size - half, size - half), path, false)?;
        Some((node(*last, before), node(*last, after)))
    }
}

/// Who holds a plate by a result's first lines: each line's second word, which must be a code.
#[must_use]
pub fn holders(file: &str, winners: u64) -> Option<BTreeSet<String>> {
    let winners = usize::try_from(winners).unwrap_or(usize::MAX);
    let lines = file.lines().take(winners);
    lines
        .map(|line| {
            let code = line.split(',').nth(1).filter(|code| is_code(code))?;
            Some(code.to_owned())
        })
        .collect()
}
