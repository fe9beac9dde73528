//! The chain of a city's audit trail (R15, R65 to R69): every row is hashed with the row before it, and
//! records carry how long the chain is and where it ends.
//!
//! The rows themselves are not public. Whoever may read them computes the chain again with [`link`]
//! and compares it with the heads in the city's signed records.

use std::{fmt, str::FromStr};

use crate::text::{Digest, SpellingError, decimal};

/// The link before the first row: 32 zero bytes.
pub const BEGINNING: Digest = Digest::ZERO;

const DOMAIN: &[u8] = b"fairplate/v1 trail\n";

/// How many rows a trail has, and the link of the last: what a record says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailHead {
    /// The number of rows; positions count from 1, so that this is the last one's.
    pub rows: u64,
    /// The last row's link; [`BEGINNING`] where there is no row, and only there.
    pub link: Digest,
}

impl TrailHead {
    /// A trail without a row.
    pub const EMPTY: Self = Self {
        rows: 0,
        link: BEGINNING,
    };

    /// Whether a trail that once ended here can end at a later one: no row was taken away, and
    /// where none was added, none was changed.
    #[must_use]
    pub fn may_grow_into(&self, later: &Self) -> bool {
        self.rows < later.rows || self == later
    }

    /// The head with one more row.
    #[must_use]
    pub fn with(&self, row: &TrailRow<'_>) -> Self {
        let rows = self.rows.saturating_add(1);
        Self {
            rows,
            link: link(self.link, rows, row),
        }
    }
}

/// As in a record: `<rows> <64 hex digits>`.
impl fmt::Display for TrailHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rows, self.link)
    }
}

impl FromStr for TrailHead {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        let head = text.split_once(' ').and_then(|(rows, link)| {
            let head = Self {
                rows: decimal(rows)?,
                link: link.parse().ok()?,
            };
            ((head.rows == 0) == (head.link == BEGINNING)).then_some(head)
        });
        head.ok_or_else(|| SpellingError::new("a number of rows and 64 lowercase hex digits", text))
    }
}

/// One row of a trail, as its link covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailRow<'a> {
    /// The row's UUID, its 16 bytes in the order in which it is written.
    pub id: [u8; 16],
    /// Seconds since 1970-01-01T00:00:00Z.
    pub secs: i64,
    /// Nanoseconds of that second, 0 to 999,999,999.
    pub nanos: u32,
    /// Who.
    pub actor: &'a str,
    /// What.
    pub action: &'a str,
    /// On which thing.
    pub subject: &'a str,
    /// The facts, as they are stored.
    pub detail: &'a str,
}

/// The link of a row at a position (R67).
///
/// Numbers have a fixed width and texts are led by their length, so that no two rows are the same
/// bytes.
#[must_use]
pub fn link(previous: Digest, position: u64, row: &TrailRow<'_>) -> Digest {
    let mut bytes = Vec::with_capacity(
        DOMAIN.len()
            + 100
            + row.actor.len()
            + row.action.len()
            + row.subject.len()
            + row.detail.len(),
    );
    bytes.extend_from_slice(DOMAIN);
    bytes.extend_from_slice(&previous.0);
    bytes.extend_from_slice(&position.to_be_bytes());
    bytes.extend_from_slice(&row.id);
    bytes.extend_from_slice(&row.secs.to_be_bytes());
    bytes.extend_from_slice(&row.nanos.to_be_bytes());
    for text in [row.actor, row.action, row.subject, row.detail] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    Digest::of(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: TrailRow<'_> = TrailRow {
        id: [7; 16],
        secs: 1_782_608_400,
        nanos: 123_456_000,
        actor: "officer:li",
        action: "ceremony.freeze",
        subject: "202606",
        detail: "{}",
    };

    #[test]
    fn a_link_covers_every_part_of_its_row_and_what_was_before() {
        let before = Digest::of(b"before");
        let plain = link(before, 5, &ROW);
        let other = |row: TrailRow<'_>| link(before, 5, &row);
        let mut id = ROW.id;
        id[15] ^= 1;
        let links = [
            plain,
            link(Digest::of(b"another"), 5, &ROW),
            link(before, 6, &ROW),
            other(TrailRow { id, ..ROW }),
            other(TrailRow {
                secs: ROW.secs + 1,
                ..ROW
            }),
            other(TrailRow {
                nanos: ROW.nanos + 1,
                ..ROW
            }),
            other(TrailRow {
                actor: "officer:lj",
                ..ROW
            }),
            other(TrailRow {
                action: "ceremony.freezf",
                ..ROW
            }),
            other(TrailRow {
                subject: "202607",
                ..ROW
            }),
            other(TrailRow {
                detail: "{ }",
                ..ROW
            }),
            // What is moved over a border between two texts is another row.
            other(TrailRow {
                actor: "officer:lic",
                action: "eremony.freeze",
                ..ROW
            }),
            other(TrailRow {
                subject: "202606{",
                detail: "}",
                ..ROW
            }),
        ];
        for (place, one) in links.iter().enumerate() {
            assert!(!links[..place].contains(one), "{place}");
        }
    }

    #[test]
    fn the_link_of_the_specifications_example_is_the_one_that_it_shows() {
        let row = TrailRow {
            id: 0x019f_0bb1_2e9b_7a64_8c1f_3d2b_1a0f_9e8d_u128.to_be_bytes(),
            detail: "{\"draw\":\"202606\"}",
            ..ROW
        };
        let expected = "19f6df67c2f06900eca099966784fbc97705c336dc1771b313e4d3125acee9ee";
        assert_eq!(link(BEGINNING, 1, &row).to_string(), expected);
    }

    #[test]
    fn a_head_has_one_spelling() {
        let head = TrailHead::EMPTY.with(&ROW);
        assert_eq!(head.to_string().parse(), Ok(head));
        let (zeros, digits) = (Digest::ZERO, head.link);
        assert_eq!(format!("0 {zeros}").parse(), Ok(TrailHead::EMPTY));
        for refused in [
            format!("0 {digits}"),
            format!("1 {zeros}"),
            format!("01 {digits}"),
            format!("1  {digits}"),
            format!("1 {digits} "),
            format!("+1 {digits}"),
            format!("18446744073709551616 {digits}"),
            digits.to_string(),
            String::new(),
        ] {
            assert!(refused.parse::<TrailHead>().is_err(), "{refused}");
        }
        let upper = digits.to_string().to_uppercase();
        assert!(format!("1 {upper}").parse::<TrailHead>().is_err());
    }

    #[test]
    fn a_trail_grows_or_stays_and_never_loses_a_row() {
        let one = TrailHead::EMPTY.with(&ROW);
        let two = one.with(&ROW);
        let another = TrailHead::EMPTY.with(&TrailRow { subject: "", ..ROW });
        for (earlier, later, may) in [
            (TrailHead::EMPTY, one, true),
            (one, two, true),
            (one, one, true),
            (two, one, false),
            (one, another, false),
        ] {
            assert_eq!(earlier.may_grow_into(&later), may);
        }
    }
}
