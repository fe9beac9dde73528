//! What periods went through.

use sea_orm::entity::prelude::*;

/// One step of a period's life, as it really happened.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "period_transition")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_number: String,
    /// The phase it came into.
    #[sea_orm(primary_key, auto_increment = false)]
    pub phase: crate::period::Phase,
    /// The day on which the calendar had it.
    pub due_on: Date,
    /// When it happened.
    pub at: DateTimeUtc,
    /// Who did it, as the audit trail names them.
    pub actor: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// What a period went through, in the order in which it happened.
    #[must_use]
    pub fn of_period(city: crate::CityId, number: &str) -> Select<Self> {
        Self::in_order(city).filter(Column::PeriodNumber.eq(number))
    }

    /// What several periods went through, in the order in which it happened.
    #[must_use]
    pub fn of_periods(city: crate::CityId, numbers: &[String]) -> Select<Self> {
        Self::in_order(city).filter(Column::PeriodNumber.is_in(numbers))
    }

    fn in_order(city: crate::CityId) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .order_by_asc(Column::At)
            .order_by_asc(Column::DueOn)
    }
}
