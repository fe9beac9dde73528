//! Certificates.

use sea_orm::entity::prelude::*;

/// What a winner holds (指标确认通知书): the right to register one car until a day.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "certificate")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The certificate's number; it says nothing of the person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: String,
    /// Whose it is.
    pub applicant_id: crate::ApplicantId,
    /// The application that won.
    pub application_id: crate::ApplicationId,
    /// The category.
    pub category: String,
    /// How it was come by.
    pub origin: Origin,
    /// The period whose quota it is.
    pub period_number: String,
    /// The rules it was issued under.
    pub policy_digest: Vec<u8>,
    /// Where it stands.
    pub status: Status,
    /// First day of validity.
    pub issued_on: Date,
    /// Last day of validity.
    pub expires_on: Date,
    /// Day on which it was used, given back, forfeited or revoked.
    pub ended_on: Option<Date>,
    /// Of how many days before the last one the holder was told; none before the first message.
    pub told_days: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Where a certificate stands. All but the first are for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Status {
    /// It can be used until its last day.
    Live,
    /// A car was registered with it.
    Used,
    /// Its last day passed without that.
    Forfeited,
    /// Its holder gave it back.
    Surrendered,
    /// An amend of the result took its holder's place.
    Revoked,
}

/// How a certificate was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Origin {
    /// Won in a draw. Unused, it brings a ban.
    Lottery,
    /// Bought. Unused, it brings none.
    Auction,
}

impl Entity {
    /// A city's certificates that a holder may still use on a day.
    #[must_use]
    pub fn live_on(city: crate::CityId, day: Date) -> Select<Self> {
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::Status.eq(Status::Live))
            .filter(Column::ExpiresOn.gte(day))
    }
}
