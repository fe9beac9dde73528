//! The audit trail.

use sea_orm::entity::prelude::*;

/// Who did what to which thing.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The line.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When.
    pub at: DateTimeUtc,
    /// Who: `officer:<name>`, `reviewer:<name>`, `applicant:<id>`, `operator`.
    pub actor: String,
    /// What, as the use case is named: `ceremony.announce`.
    pub action: String,
    /// On which thing: a code, a period number, a draw id.
    pub subject: String,
    /// Facts for an auditor; never personal data.
    pub detail: String,
    /// Its place in the trail, from 1; none until it is linked.
    pub position: Option<i64>,
    /// SHA-256 of the row and of the link before it, 32 bytes; none until it is linked.
    pub link: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
