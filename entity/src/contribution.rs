//! Contributions to the seed.

use sea_orm::entity::prelude::*;

/// What somebody adds to the seed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contribution")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The draw.
    #[sea_orm(primary_key, auto_increment = false)]
    pub draw_id: String,
    /// Whether it was committed to beforehand.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// The contributor's name, or the label of an open value.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Order of the lines in `announce`.
    pub position: i32,
    /// The commitment, for a sealed one.
    pub commitment: Option<Vec<u8>>,
    /// The revealed secret (64 hex digits) or the open value, once it is in.
    pub value: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Whether a contribution was committed to beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Kind {
    /// Committed to in `announce`, revealed in `close`.
    Sealed,
    /// Made in public at the ceremony, written into `close`.
    Open,
}

impl Entity {
    /// The contributions of one draw, in the order of `announce`.
    #[must_use]
    pub fn of_draw(city: crate::CityId, draw: &str) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::DrawId.eq(draw))
            .order_by_asc(Column::Position)
    }
}
