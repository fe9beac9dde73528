//! Checkpoints of the log.

use sea_orm::entity::prelude::*;

/// The log's signed head at one size, with the witnesses' lines.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkpoint")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// How many entries the log had.
    #[sea_orm(primary_key, auto_increment = false)]
    pub size: i64,
    /// The checkpoint, signed by the log.
    pub note: String,
    /// The witnesses' signature lines, each with its newline; empty until they are in.
    pub cosignatures: String,
}

impl ActiveModelBehavior for ActiveModel {}
