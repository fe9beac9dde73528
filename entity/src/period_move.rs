//! Days of periods that were moved.

use sea_orm::entity::prelude::*;

/// One day of one period, moved by an officer. The old day stays visible here.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "period_move")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The move.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The period.
    pub period_number: String,
    /// Which of its days.
    pub milestone: Milestone,
    /// The day before the move.
    pub moved_from: Date,
    /// The day since.
    pub moved_to: Date,
    /// Why, for everybody to read.
    pub reason: String,
    /// Who moved it.
    pub officer: String,
    /// When.
    pub moved_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// A day of a period's life, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Milestone {
    /// The first day on which applications are taken.
    AppliesFrom,
    /// The last day on which applications are taken.
    AppliesUntil,
    /// The day on which review results are published.
    ReviewPublish,
    /// The day on which applicant representatives are drawn.
    Representatives,
    /// The day of the draw.
    Draw,
}

impl Entity {
    /// The moves of a period's days, oldest first.
    #[must_use]
    pub fn of_periods(city: crate::CityId, numbers: &[String]) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::PeriodNumber.is_in(numbers))
            .order_by_asc(Column::MovedAt)
            .order_by_asc(Column::Id)
    }
}
