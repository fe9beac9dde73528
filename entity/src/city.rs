//! Cities.

use sea_orm::entity::prelude::*;

/// A city that this database serves.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "city")]
pub struct Model {
    /// Code of administrative divisions (GB/T 2260).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: crate::CityId,
    /// Key of the city, for example `hangzhou`.
    pub key: String,
    /// Origin of the city's log: the name its records and checkpoints carry.
    pub origin: String,
    /// When the city was set up here.
    pub created_at: DateTimeUtc,
    /// Digest of the text of its rules that it has adopted; none before the first.
    pub policy_digest: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
