//! Bans.

use sea_orm::entity::prelude::*;

/// A time in which a person may not apply (不得申请).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ban")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The ban.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub applicant_id: crate::ApplicantId,
    /// First day.
    pub begins_on: Date,
    /// Last day.
    pub ends_on: Date,
    /// Why.
    pub reason: Reason,
    /// The certificate that it follows from.
    pub certificate_number: String,
    /// When it was imposed.
    pub imposed_at: DateTimeUtc,
    /// When two officers lifted it; none while it counts.
    pub lifted_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Why somebody may not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Reason {
    /// A certificate won by lottery ran out unused.
    Forfeited,
}

impl Entity {
    /// A city's bans in force on a day.
    #[must_use]
    pub fn in_force_on(city: crate::CityId, day: Date) -> Select<Self> {
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::BeginsOn.lte(day))
            .filter(Column::EndsOn.gte(day))
            .filter(Column::LiftedAt.is_null())
    }
}
