//! Publications.

use sea_orm::entity::prelude::*;

/// A draw whose result anybody may ask for. Nothing of a result is answered before its row is there.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The how-manieth publication of the city, from 1, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub epoch: i64,
    /// The draw.
    pub draw_id: String,
    /// Its period.
    pub period_number: String,
    /// Hash of its result record.
    pub result_hash: Vec<u8>,
    /// SHA-256 of its result index, which is the same on every node.
    pub index_sha256: Vec<u8>,
    /// Length of the index.
    pub index_bytes: i64,
    /// When everything of it had become public.
    pub published_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// A city's publications, newest first.
    #[must_use]
    pub fn of_city(city: crate::CityId) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .order_by_desc(Column::Epoch)
    }
}
