//! The carry-over of quota.

use sea_orm::entity::prelude::*;

/// One line of the carry-over. Lines are only ever added; their sum is what later periods may use.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quota_line")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The line.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The category.
    pub category: String,
    /// The period that the quota comes from, or goes to.
    pub period_number: String,
    /// Why.
    pub reason: Reason,
    /// How many: above zero what comes back, below zero what a period takes.
    pub amount: i64,
    /// The day.
    pub noted_on: Date,
    /// The certificate whose quota comes back; a certificate's quota comes back once.
    pub certificate_number: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Why quota moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Reason {
    /// A draw had fewer codes than quota.
    Unallocated,
    /// A certificate ran out unused.
    Forfeited,
    /// A certificate was given back.
    Surrendered,
    /// A winner lost their place, and no reserve was left to move up.
    Vacant,
    /// A later period was opened with it.
    CarriedOver,
}
