//! Records that wait for a signature from a machine without network.

use ::entity::unsigned_record;
use async_graphql::SimpleObject;

use super::{
    record::RecordKind,
    scalars::{Bytes32, DateTime},
};

/// The record of a step that is decided, waiting for the signature of a key on a machine without
/// network. Nothing has changed yet, and nothing else is recorded in the city until the operator imports
/// the signed record, or drops it.
#[derive(SimpleObject)]
pub(super) struct UnsignedRecord {
    /// Which step it records.
    kind: RecordKind,
    /// The public id of its draw; of a change of the record key, what the change is called.
    subject: String,
    /// SHA-256 of its text. Whoever signs it sees the same.
    hash: Bytes32,
    /// The public halves of the keys that sign it.
    signing_keys: Vec<String>,
    /// When it was made.
    made_at: DateTime,
}

impl From<unsigned_record::Model> for UnsignedRecord {
    fn from(row: unsigned_record::Model) -> Self {
        Self {
            kind: row.kind.into(),
            hash: Bytes32(verifier::record::Record::hash(&row.body).0),
            signing_keys: row.signing_keys.lines().map(str::to_owned).collect(),
            subject: row.subject,
            made_at: DateTime(row.made_at),
        }
    }
}
