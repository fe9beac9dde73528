//! The record that waits for a signature from a machine without network.

use sea_orm::entity::prelude::*;

/// A record that is composed, and not signed because its key is off line. A city has one at most:
/// nothing else is recorded until it is signed or dropped.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unsigned_record")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The draw it belongs to; of a change of keys, `keys-<epoch>`.
    pub subject: String,
    /// Which step it records.
    pub kind: crate::record::Kind,
    /// The whole text that is to be signed, its moment and its trail in it.
    pub body: String,
    /// The public halves of the keys that sign it, one a line; of a change of keys the old one first.
    pub signing_keys: String,
    /// Of an announcement, the `chain.json` whose hash it names.
    pub chain: Option<String>,
    /// In whose name the step is taken, as the audit trail names them.
    pub actor: String,
    /// What the audit trail will say of the step; facts for an auditor.
    pub detail: String,
    /// The approval that it was made for, where two officers were needed.
    pub approval_id: Option<Uuid>,
    /// When it was made.
    pub made_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
