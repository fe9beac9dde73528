//! The outbox.

use sea_orm::entity::prelude::*;

/// Something to be told or done after the commit that wrote it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What happened, for example `review.decided`.
    pub topic: String,
    /// The public code or id it is about.
    pub subject: String,
    /// JSON without personal data.
    pub payload: String,
    /// When it was written.
    pub created_at: DateTimeUtc,
    /// When it was delivered.
    pub done_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
