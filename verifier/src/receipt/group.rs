//! Groups of 256 lines: cutting them out of files, and writing them so that a receipt stays small
//! (V53, V54).

use std::io::{self, BufRead, Write as _};

use super::columns::{read_ascending, read_numbers, write_ascending, write_numbers};
use crate::{
    pool::Code,
    record::Method,
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

/// Which file a group is of, and what of its lines can be computed.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A pool with weights.
    Tickets,
    /// A pool with points and times.
    Queue,
    /// A result file by scores, from this row on and under this category key.
    Scored { first_row: u64, key: Digest },
    /// A result file of a queue, from this row on.
    Queued { first_row: u64 },
}

impl Kind {
    pub(super) fn of_pool(method: Method) -> Self {
        match method {
            Method::ScoreV1 => Self::Tickets,
            Method::RankV1 => Self::Queue,
        }
    }

    pub(super) fn of_result(method: Method, first_row: u64, key: Digest) -> Self {
        match method {
            Method::ScoreV1 => Self::Scored { first_row, key },
            Method::RankV1 => Self::Queued { first_row },
        }
    }

    /// The names of the columns beside the codes'.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Tickets => &["weights"],
            Self::Queue => &["points", "times"],
            Self::Scored { .. } => &["serials"],
            Self::Queued { .. } => &["places"],
        }
    }
}

/// How a group is written in a receipt: as columns, or, where its codes are no numbers of one
/// length, as lines. None when its lines are no such file's.
pub(super) fn pack(kind: Kind, group: &[u8]) -> Option<String> {
    let rows = read_rows(kind, std::str::from_utf8(group).ok()?)?;
    let packed = write_columns(kind, &rows)
        .filter(|text| read_columns(kind, text).as_deref() == Some(group));
    packed.or_else(|| Some(write_lines(kind, &rows)))
}

/// The group's bytes in its file; none when the text is not the one that [`pack`] would write.
pub(super) fn unpack(kind: Kind, text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let group = if text.starts_with(ROWS) {
        read_columns(kind, text)
    } else {
        read_lines(kind, text)
    };
    group.filter(|group| pack(kind, group).as_deref() == Some(text))
}

const ROWS: &str = "rows ";
/// So many decimal digits fit 64 bits whatever they are.
const MAX_DIGITS: usize = 19;

/// A line's code and its other numbers: weight, points and time, serial, or place in the group.
struct Row<'a> {
    code: &'a str,
    numbers: Vec<u64>,
}

fn read_rows(kind: Kind, group: &str) -> Option<Vec<Row<'_>>> {
    let lines = group.strip_suffix('\n')?.split('\n');
    lines
        .zip(0..GROUP_ROWS)
        .map(|(line, place)| {
            let fields: Vec<&str> = line.split(',').collect();
            let (code, numbers) = match (kind, fields.as_slice()) {
                (Kind::Tickets, [code, weight]) => (code, vec![decimal(weight)?]),
                (Kind::Queue, [code, points, time]) => {
                    (code, vec![decimal(points)?, decimal(time)?])
                }
                (Kind::Scored { .. }, [_rank, code, serial, _score]) => {
                    (code, vec![decimal(serial)?])
                }
                (Kind::Queued { .. }, [_rank, code, "-", "-"]) => (code, vec![place]),
                _ => return None,
            };
            code.parse::<Code>().ok()?;
            Some(Row { code, numbers })
        })
        .collect()
}

fn write_columns(kind: Kind, rows: &[Row<'_>]) -> Option<String> {
    let mut rows: Vec<(u64, &Row<'_>)> = rows
        .iter()
        .map(|row| Some((row.code.parse().ok()?, row)))
        .collect::<Option<_>>()?;
    rows.sort_unstable_by_key(|(number, _)| *number);
    let first = rows.first()?.1.code;
    if first.len() > MAX_DIGITS || rows.iter().any(|(_, row)| row.code.len() != first.len()) {
        return None;
    }
    let mut text = format!("{ROWS}{}\n", rows.len());
    let codes: Vec<u64> = rows.iter().map(|(number, _)| *number).collect();
    write_ascending(&mut text, "codes", first, &codes)?;
    for (column, name) in kind.columns().iter().enumerate() {
        let numbers: Vec<u64> = rows.iter().map(|(_, row)| row.numbers[column]).collect();
        match kind {
            // Tickets are numbered in the order of the codes.
            Kind::Scored { .. } => {
                let first = numbers.first()?.to_string();
                write_ascending(&mut text, name, &first, &numbers)?;
            }
            _ => write_numbers(&mut text, name, &numbers),
        }
    }
    Some(text)
}

fn read_columns(kind: Kind, text: &str) -> Option<Vec<u8>> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let rows = decimal(lines.next()?.strip_prefix(ROWS)?)?;
    let rows = usize::try_from(rows)
        .ok()
        .filter(|_| (1..=GROUP_ROWS).contains(&rows))?;
    let (first, codes) = read_ascending(lines.next()?, "codes", rows)?;
    let length = first.len();
    let codes: Vec<String> = codes
        .iter()
        .map(|code| format!("{code:0length$}"))
        .collect();
    let mut read: Vec<Row<'_>> = codes
        .iter()
        .map(|code| Row {
            code,
            numbers: Vec::new(),
        })
        .collect();
    for name in kind.columns() {
        let line = lines.next()?;
        let numbers = match kind {
            Kind::Scored { .. } => read_ascending(line, name, rows)?.1,
            _ => read_numbers(line, name, rows)?,
        };
        for (row, number) in read.iter_mut().zip(numbers) {
            row.numbers.push(number);
        }
    }
    if lines.next().is_some() {
        return None;
    }
    write_group(kind, read)
}

/// The lines with what can be computed left out.
fn write_lines(kind: Kind, rows: &[Row<'_>]) -> String {
    let mut text = String::new();
    for Row { code, numbers } in rows {
        text += code;
        let shown = if matches!(kind, Kind::Queued { .. }) {
            &[][..]
        } else {
            numbers
        };
        for number in shown {
            text.push(',');
            text += &number.to_string();
        }
        text.push('\n');
    }
    text
}

fn read_lines(kind: Kind, text: &str) -> Option<Vec<u8>> {
    let lines = text.strip_suffix('\n')?.split('\n');
    let rows: Option<Vec<Row<'_>>> = lines
        .zip(0..GROUP_ROWS)
        .map(|(line, place)| {
            let mut fields = line.split(',');
            let code = fields.next()?;
            code.parse::<Code>().ok()?;
            let mut numbers = fields.map(decimal).collect::<Option<Vec<u64>>>()?;
            if matches!(kind, Kind::Queued { .. }) && numbers.is_empty() {
                numbers.push(place);
            }
            (numbers.len() == kind.columns().len()).then_some(Row { code, numbers })
        })
        .collect();
    write_group(kind, rows?)
}

/// The bytes of a group, with what was left out computed.
fn write_group(kind: Kind, mut rows: Vec<Row<'_>>) -> Option<Vec<u8>> {
    let mut group = Vec::new();
    match kind {
        Kind::Tickets | Kind::Queue => {
            for Row { code, numbers } in rows {
                write!(group, "{code}").ok()?;
                numbers
                    .iter()
                    .try_for_each(|number| write!(group, ",{number}"))
                    .ok()?;
                writeln!(group).ok()?;
            }
        }
        Kind::Queued { first_row } => {
            rows.sort_by_key(|row| row.numbers[0]);
            for (rank, row) in (first_row + 1..).zip(rows) {
                writeln!(group, "{rank},{},-,-", row.code).ok()?;
            }
        }
        Kind::Scored { first_row, key } => {
            let mut scored = Vec::new();
            for row in &rows {
                let serial = row.numbers[0];
                let ticket = serial.checked_sub(1).filter(|_| serial < 1 << 32)?;
                scored.push((score(key, ticket), serial, row.code));
            }
            scored.sort_unstable();
            for (rank, (score, serial, code)) in (first_row + 1..).zip(scored) {
                writeln!(group, "{rank},{code},{serial},{score:016x}").ok()?;
            }
        }
    }
    Some(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_has_32_bits_and_counts_from_1() {
        let (first_row, key) = (0, Digest::ZERO);
        let kind = Kind::Scored { first_row, key };
        let shown = |serial: u64| unpack(kind, format!("A,{serial}\n").as_bytes());
        for serial in [1, u64::from(u32::MAX)] {
            let line = format!("1,A,{serial},{:016x}\n", score(key, serial - 1));
            assert_eq!(shown(serial), Some(line.into_bytes()));
        }
        for serial in [0, 1 << 32] {
            assert_eq!(shown(serial), None);
        }
    }

    #[test]
    fn a_line_that_lacks_its_numbers_is_in_no_group() {
        for kind in [Kind::Tickets, Kind::Queue] {
            assert_eq!(unpack(kind, b"A\n"), None);
        }
        let queued = Kind::Queued { first_row: 256 };
        let lines = b"257,A,-,-\n258,B1,-,-\n".to_vec();
        assert_eq!(unpack(queued, b"A\nB1\n"), Some(lines));
        assert_eq!(unpack(queued, b"A,0\nB1,1\n"), None);
    }
}
