//! Second looks (复核).

use sea_orm::entity::prelude::*;

/// An applicant's request to have a refusal looked at once more; once for a review of a
/// period.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_look")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The refused application.
    pub application_id: crate::ApplicationId,
    /// The period whose review refused it.
    pub period_number: String,
    /// Why the applicant thinks the refusal wrong, encrypted.
    pub statement: Vec<u8>,
    /// When it was asked for.
    pub requested_at: DateTimeUtc,
    /// When it was decided.
    pub decided_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
