//! Results.

use sea_orm::entity::prelude::*;

/// One line of a result file.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "placement")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The draw.
    #[sea_orm(primary_key, auto_increment = false)]
    pub draw_id: String,
    /// The category.
    #[sea_orm(primary_key, auto_increment = false)]
    pub category: String,
    /// Place, from 1: winners first, then reserves.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place_rank: i64,
    /// The application code.
    pub code: String,
    /// Public number of the ticket that placed it (摇号基数序号).
    pub serial: i64,
    /// The ticket's score, 8 bytes, big-endian.
    pub score: Vec<u8>,
    /// Winner, or reserve.
    pub is_winner: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// One result, in the order of its file.
    #[must_use]
    pub fn of_result(city: crate::CityId, draw: &str, category: &str) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::DrawId.eq(draw))
            .filter(Column::Category.eq(category))
            .order_by_asc(Column::PlaceRank)
    }
}
