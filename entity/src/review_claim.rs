//! Claims on reviews.

use sea_orm::entity::prelude::*;

/// Somebody works on an application's review; while the claim lives, nobody else decides on it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_claim")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// What is claimed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub application_id: crate::ApplicationId,
    /// By whom.
    pub reviewer: String,
    /// Since when.
    pub claimed_at: DateTimeUtc,
    /// From this moment on the claim is none any more.
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
