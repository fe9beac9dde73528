//! Groups of 256 lines: cutting them out of files, and writing a result's group without what can be
//! computed again.

use std::io::{self, BufRead, Write as _};

use crate::{
    pool::Code,
    root::{GROUP_ROWS, group_leaf},
    score::score,
    text::{Digest, decimal},
};

/// One group and the leaves of all groups of its file.
pub(super) struct Group {
    pub(super) bytes: Vec<u8>,
    pub(super) first_ticket: u64,
    pub(super) leaves: Vec<Digest>,
}

/// Cuts the group with this row out of a file. `tickets` says how many tickets a line brings.
pub(super) fn cut(
    mut file: impl BufRead,
    row: u64,
    tickets: fn(&[u8]) -> u64,
) -> io::Result<Option<Group>> {
    let mut found = None;
    let mut leaves = Vec::new();
    let (mut first_row, mut ticket) = (0, 0);
    loop {
        let (mut bytes, first_ticket) = (Vec::new(), ticket);
        let mut rows = 0;
        while rows < GROUP_ROWS {
            let start = bytes.len();
            if file.read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
            ticket += tickets(&bytes[start..]);
            rows += 1;
        }
        if rows == 0 {
            break;
        }
        leaves.push(group_leaf(first_row, first_ticket, &bytes));
        if (first_row..first_row + rows).contains(&row) {
            found = Some((bytes, first_ticket));
        }
        first_row += rows;
    }
    Ok(found.map(|(bytes, first_ticket)| Group {
        bytes,
        first_ticket,
        leaves,
    }))
}

/// The weight of a `score-v1` line.
pub(super) fn weight(line: &[u8]) -> u64 {
    let digits = line.rsplit(|byte| *byte == b',').next().unwrap_or_default();
    let digits = digits.strip_suffix(b"\n").unwrap_or(digits);
    let weight = std::str::from_utf8(digits).ok().and_then(decimal);
    weight.unwrap_or_default()
}

/// `code,serial` lines from the lines of a result file; none when one is no such line.
pub(super) fn pack(group: &[u8]) -> Option<Vec<u8>> {
    let mut packed = String::new();
    for line in std::str::from_utf8(group).ok()?.lines() {
        let mut fields = line.split(',');
        let (_rank, code, serial) = (fields.next()?, fields.next()?, fields.next()?);
        packed += code;
        packed.push(',');
        packed += serial;
        packed.push('\n');
    }
    Some(packed.into_bytes())
}

/// The lines of a result file from packed ones; none when one is in no such spelling.
pub(super) fn unpack(packed: &[u8], first_row: u64, key: Digest) -> Option<Vec<u8>> {
    let mut group = Vec::new();
    let text = std::str::from_utf8(packed).ok()?;
    for (rank, line) in (first_row + 1..).zip(text.strip_suffix('\n')?.split('\n')) {
        let (code, serial) = line.split_once(',')?;
        let code: Code = code.parse().ok()?;
        if serial == "-" {
            writeln!(group, "{rank},{code},-,-").ok()?;
        } else {
            let number = decimal(serial).filter(|number| (1..1 << 32).contains(number))?;
            let score = score(key, number - 1);
            writeln!(group, "{rank},{code},{serial},{score:016x}").ok()?;
        }
    }
    Some(group)
}
