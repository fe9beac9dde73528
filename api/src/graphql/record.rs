//! Records: what the city signed and logged of a draw.

use ::entity::record;
use async_graphql::{Enum, SimpleObject};

use super::{
    draw::bytes32,
    scalars::{Bytes32, DateTime, Long},
};

/// One step of a draw, signed and in the append-only log.
#[derive(SimpleObject)]
pub(super) struct Record {
    /// Which step it records.
    kind: RecordKind,
    /// SHA-256 of the note's text; later records name it.
    hash: Bytes32,
    /// Place in the log, from 0.
    log_index: Long,
    /// The whole signed note, byte for byte.
    note: String,
    /// When it was issued, by the city's clock. Witnesses say when they saw it.
    issued_at: DateTime,
}

impl Record {
    pub(super) fn of(row: record::Model) -> crate::Result<Self> {
        Ok(Self {
            kind: row.kind.into(),
            hash: bytes32(&row.hash)?,
            log_index: Long(row.log_index),
            note: row.note,
            issued_at: DateTime(row.issued_at),
        })
    }
}

/// Which step of a draw a record records.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "record::Kind")]
pub(super) enum RecordKind {
    /// The pool is committed to.
    Announce,
    /// The contributions are in.
    Close,
    /// The outcome.
    Result,
    /// The draw is given up.
    Void,
    /// Somebody lost a place of the result, or a reserve moved up.
    Amend,
    /// The record key changes. It belongs to no draw, and stands among no draw's records.
    Keys,
}
