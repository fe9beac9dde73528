//! Quotas of periods.

use sea_orm::entity::prelude::*;

/// What a period may allocate in one category.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "period_quota")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_number: String,
    /// The category.
    #[sea_orm(primary_key, auto_increment = false)]
    pub category: String,
    /// How many may win.
    pub quota: i64,
    /// How many ordered reserves are drawn behind the winners.
    pub reserve: i64,
    /// How many of the quota come from the carry-over; at most the quota.
    pub carried_over: i64,
}

impl ActiveModelBehavior for ActiveModel {}
