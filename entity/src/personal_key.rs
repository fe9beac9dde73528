//! Keys of personal data.

use sea_orm::entity::prelude::*;

/// That a city has a key of personal data, and since when; the key itself is nowhere stored.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "personal_key")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// Counts up from 1 with every new key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i32,
    /// The id that sealed values carry, 16 hex digits.
    pub key_id: String,
    /// When a process first knew it.
    pub made_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
