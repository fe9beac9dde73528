//! Checking the audit trail: every link computed again, and the chain compared with what the city has
//! signed.
//!
//! It needs no key and changes nothing, so that an auditor who may read the database can do it.

use ::entity::CityId;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use verifier::{
    note::{Note, VerifierKey},
    record::Record,
    succession,
    trail::{TrailHead, link},
};

use super::linking::content_of;
use crate::{
    error::{Error, Result},
    store,
};

/// Rows that are read at once.
const PIECE: u64 = 1_000;

/// What one signed record says of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Anchor {
    record: String,
    head: TrailHead,
}

/// What signed records say of the trail, the shortest trail first.
#[derive(Clone, Debug, Default)]
pub struct Anchors(Vec<Anchor>);

/// Why a trail, or a record that speaks of it, is not what it should be. The position is that of the
/// first row which cannot be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Fault {
    /// There is no row at a position, and there are rows behind it.
    Missing {
        /// Where a row should be.
        position: u64,
        /// Where the next one is.
        found: i64,
    },
    /// A column holds something that is none of its values.
    Unreadable {
        /// The row.
        position: u64,
        /// The column.
        column: &'static str,
    },
    /// A row, or its link, is not what it was when it was linked.
    Changed {
        /// The row.
        position: u64,
        /// The link that follows from the row and from those before it.
        expected: String,
        /// The link that is stored.
        found: String,
    },
    /// The chain fits, and is another one than the city has signed: it was written again.
    Rewritten {
        /// The first row that may be another one: those before it are signed for.
        position: u64,
        /// How many rows the record speaks of.
        rows: u64,
        /// The record.
        record: String,
        /// The link that it names.
        expected: String,
        /// The link that is there.
        found: String,
    },
    /// Rows that the city has signed for are gone from the end.
    Short {
        /// The first row that is gone.
        position: u64,
        /// How many rows the record speaks of.
        rows: u64,
        /// The record.
        record: String,
        /// How many there are.
        found: u64,
    },
}

/// A record that cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refuted {
    /// The record.
    pub record: String,
    /// What would have been accepted.
    pub expected: String,
    /// What was there.
    pub found: String,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How far the chain is right, and its link there.
    pub head: TrailHead,
    /// Rows that wait to be linked: nothing covers them yet.
    pub not_linked: u64,
    /// Records whose head is that of the chain.
    pub compared: u64,
    /// How many rows the newest of these records covers; the rows behind it rest on the database
    /// alone.
    pub covered: u64,
    /// The first row that cannot be right, if there is one.
    pub fault: Option<Fault>,
}

/// What the records of a city's log, and others that were kept elsewhere, say of the trail.
///
/// Each must be signed by the pinned key or by one that followed it; changes of keys are looked for
/// in the log and among the kept records. A kept file that is no record of this log is refuted.
pub async fn anchors(
    db: &impl ConnectionTrait,
    city: CityId,
    pinned: &VerifierKey,
    kept: &[(String, Vec<u8>)],
) -> Result<std::result::Result<Anchors, Refuted>> {
    let log = store::records::list(db, city).await?;
    let logged = log.into_iter().map(|row| {
        let name = format!("log entry {}", row.log_index);
        (name, row.note.into_bytes())
    });
    let notes: Vec<_> = logged.chain(kept.iter().cloned()).collect();
    Ok(read_anchors(pinned, &notes))
}

fn read_anchors(
    pinned: &VerifierKey,
    notes: &[(String, Vec<u8>)],
) -> std::result::Result<Anchors, Refuted> {
    let refuted = |record: &str, expected: &str, found: String| Refuted {
        record: record.to_owned(),
        expected: expected.to_owned(),
        found,
    };
    let mut records = Vec::new();
    for (name, bytes) in notes {
        let wrong = |found: String| refuted(name, "a signed record", found);
        let note = Note::parse(bytes).map_err(|cause| wrong(cause.to_string()))?;
        let record = Record::parse(&note.text).map_err(|cause| wrong(cause.to_string()))?;
        records.push((name, note, record));
    }
    let keys = keys_of(pinned, &records)?;
    let mut anchors = Vec::new();
    for (name, note, record) in &records {
        if !keys.iter().any(|key| note.verify(key).is_ok()) {
            let expected = "a record signed by the pinned record key or one that followed it";
            return Err(refuted(name, expected, "other signatures".to_owned()));
        }
        anchors.extend(record.trail().map(|head| Anchor {
            record: (*name).clone(),
            head,
        }));
    }
    anchors.sort_by_key(|anchor| anchor.head.rows);
    Ok(Anchors(anchors))
}

/// The pinned key and those that followed it, change by change.
fn keys_of(
    pinned: &VerifierKey,
    records: &[(&String, Note, Record)],
) -> std::result::Result<Vec<VerifierKey>, Refuted> {
    let mut changes: Vec<_> = records
        .iter()
        .filter_map(|(name, note, record)| match record {
            Record::Keys(keys) => Some((keys.epoch, *name, note)),
            _ => None,
        })
        .collect();
    changes.sort_by_key(|(epoch, ..)| *epoch);
    let entries: Vec<_> = changes
        .iter()
        .map(|(_, _, note)| note.to_string().into_bytes())
        .collect();
    let followed = succession::follow(pinned, &entries).map_err(|error| {
        let place = usize::try_from(error.change_at).unwrap_or_default();
        Refuted {
            record: changes
                .get(place)
                .map_or_else(String::new, |(_, name, _)| (*name).clone()),
            expected: error.expected,
            found: error.found,
        }
    })?;
    let later = followed.into_iter().flat_map(|change| change.record.keys);
    Ok(std::iter::once(pinned.clone()).chain(later).collect())
}

/// Checks the whole trail against the city's log and the records that were kept. `progress` hears of
/// how many rows have been read, and how many there are.
pub async fn check(
    db: &impl ConnectionTrait,
    city: CityId,
    pinned: &VerifierKey,
    kept: &[(String, Vec<u8>)],
    progress: &mut dyn FnMut(u64, u64),
) -> Result<std::result::Result<Verified, Refuted>> {
    let anchors = match anchors(db, city, pinned, kept).await? {
        Ok(anchors) => anchors,
        Err(refuted) => return Ok(Err(refuted)),
    };
    let rows = store::trail::count_linked(db, city).await?;
    let verified = verify(db, city, &anchors, &mut |done| progress(done, rows)).await?;
    Ok(Ok(verified))
}

/// Computes the chain again, from its first row to its last, and compares it with what the records
/// say. `progress` hears of how many rows have been read.
pub async fn verify(
    db: &impl ConnectionTrait,
    city: CityId,
    Anchors(anchors): &Anchors,
    progress: &mut dyn FnMut(u64),
) -> Result<Verified> {
    let mut walk = Walk {
        head: TrailHead::EMPTY,
        anchors,
        compared: 0,
        covered: 0,
    };
    let mut fault = walk.compare();
    while fault.is_none() {
        let after = i64::try_from(walk.head.rows).map_err(Error::internal)?;
        let rows = store::trail::list_linked(db, city, after, PIECE).await?;
        if rows.is_empty() {
            fault = walk.end();
            break;
        }
        fault = rows.iter().find_map(|row| walk.take(row).err());
        progress(walk.head.rows);
    }
    Ok(Verified {
        head: walk.head,
        not_linked: store::trail::count_not_linked(db, city).await?,
        compared: walk.compared,
        covered: walk.covered,
        fault,
    })
}

/// A chain that is being computed again.
struct Walk<'a> {
    head: TrailHead,
    /// What was not come to yet, the shortest trail first.
    anchors: &'a [Anchor],
    compared: u64,
    covered: u64,
}

impl Walk<'_> {
    fn take(&mut self, stored: &store::trail::Linked) -> std::result::Result<(), Fault> {
        let position = self.head.rows + 1;
        if i64::try_from(position) != Ok(stored.position) {
            return Err(Fault::Missing {
                position,
                found: stored.position,
            });
        }
        let row = stored
            .row
            .as_ref()
            .map_err(|column| Fault::Unreadable { position, column })?;
        let expected = link(self.head.link, position, &content_of(row));
        if expected.0[..] != stored.link[..] {
            let found = stored.link.iter().map(|byte| format!("{byte:02x}"));
            return Err(Fault::Changed {
                position,
                expected: expected.to_string(),
                found: found.collect(),
            });
        }
        self.head = TrailHead {
            rows: position,
            link: expected,
        };
        self.compare().map_or(Ok(()), Err)
    }

    /// Compares the chain with the records that speak of as many rows.
    fn compare(&mut self) -> Option<Fault> {
        while let Some((anchor, rest)) = self.anchors.split_first()
            && anchor.head.rows == self.head.rows
        {
            if anchor.head != self.head {
                return Some(Fault::Rewritten {
                    position: self.covered + 1,
                    rows: anchor.head.rows,
                    record: anchor.record.clone(),
                    expected: anchor.head.link.to_string(),
                    found: self.head.link.to_string(),
                });
            }
            self.anchors = rest;
            self.compared += 1;
            self.covered = anchor.head.rows;
        }
        None
    }

    /// Nothing that a record speaks of may be missing when the rows are over.
    fn end(&self) -> Option<Fault> {
        let anchor = self.anchors.first()?;
        Some(Fault::Short {
            position: self.head.rows + 1,
            rows: anchor.head.rows,
            record: anchor.record.clone(),
            found: self.head.rows,
        })
    }
}
