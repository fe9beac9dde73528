//! Records: the entries of the append-only log.

use sea_orm::entity::prelude::*;

/// One entry of the log: a whole signed note.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// Place in the log, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub log_index: i64,
    /// The draw it belongs to; of a change of keys, `keys-<epoch>`, as its files are called.
    pub draw_id: String,
    /// Which step of the draw it records.
    pub kind: Kind,
    /// SHA-256 of the note's text.
    pub hash: Vec<u8>,
    /// Leaf hash of the whole note in the log's tree.
    pub leaf: Vec<u8>,
    /// The whole signed note.
    pub note: String,
    /// When it was issued.
    pub issued_at: DateTimeUtc,
    /// The how-manieth of its kind in its draw, from 1: of all but amends there is one.
    pub number: i32,
}

impl ActiveModelBehavior for ActiveModel {}

/// Which step of a draw a record records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Kind {
    /// The pool is committed to.
    Announce,
    /// The contributions are in.
    Close,
    /// The outcome.
    Result,
    /// The draw is given up.
    Void,
    /// Somebody lost a place of the result, or a reserve moved up.
    Amend,
    /// The record key changes. It belongs to no draw.
    Keys,
}

impl Entity {
    /// A city's log, in order.
    #[must_use]
    pub fn log_of(city: crate::CityId) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .order_by_asc(Column::LogIndex)
    }

    /// The records of one draw, in order.
    #[must_use]
    pub fn of_draw(city: crate::CityId, draw: &str) -> Select<Self> {
        Self::log_of(city).filter(Column::DrawId.eq(draw))
    }
}
