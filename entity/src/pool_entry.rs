//! Frozen pools.

use sea_orm::entity::prelude::*;

/// One line of a frozen pool file, and whose it is.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pool_entry")]
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
    /// The application code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Whose code it is; never published.
    pub applicant_id: crate::ApplicantId,
    /// How many tickets it owns, 1 to 65,535.
    pub weight: i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// One pool, in the order of its file. The order is part of the public record: changing it
    /// changes every pool's digest.
    #[must_use]
    pub fn of_pool(city: crate::CityId, draw: &str, category: &str) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::DrawId.eq(draw))
            .filter(Column::Category.eq(category))
            .order_by_asc(Column::Code)
    }
}
