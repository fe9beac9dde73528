//! Messages to everybody in a period.

use sea_orm::entity::prelude::*;

/// One message to all applicants of a period. It is written with the change that it tells of, and
/// sent afterwards, a piece at a time.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "circular")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The circular.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The period whose applicants it goes to.
    pub period_number: String,
    /// What it says, as JSON without personal data.
    pub content: String,
    /// When it was written.
    pub created_at: DateTimeUtc,
    /// The application up to which it was sent, in the order of their ids.
    pub sent_through: Option<Uuid>,
    /// When it had gone to everybody.
    pub done_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
