//! The pools of a draw.

use sea_orm::entity::prelude::*;

/// What `announce` says of one category's pool file.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draw_pool")]
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
    /// Order of the lines in `announce`.
    pub position: i32,
    /// How many may win.
    pub quota: i64,
    /// How many reserves are drawn.
    pub reserve: i64,
    /// Lines of the pool file.
    pub pool_rows: i64,
    /// Sum of the weights.
    pub tickets: i64,
    /// Length of the pool file.
    pub bytes: i64,
    /// Root of the pool file.
    pub root: Vec<u8>,
    /// SHA-256 of the pool file.
    pub sha256: Vec<u8>,
    /// How many valid applications a bar kept out at the freeze.
    pub excluded: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The pools of one draw, in the order of `announce`.
    #[must_use]
    pub fn of_draw(city: crate::CityId, draw: &str) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::DrawId.eq(draw))
            .order_by_asc(Column::Position)
    }
}
