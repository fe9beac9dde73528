//! Periods.

use sea_orm::entity::prelude::*;

/// One lottery of a city (期号).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "period")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The period's number, `201811` or `2019J1`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: String,
    /// Which lottery the period is of.
    pub kind: Kind,
    /// Where the period stands.
    pub phase: Phase,
    /// How many times the phase has moved: the compare in compare-and-swap.
    pub epoch: i32,
    /// The rules it runs under.
    pub policy_digest: Vec<u8>,
    /// First day on which applications are taken.
    pub applies_from: Date,
    /// Last day on which applications are taken.
    pub applies_until: Date,
    /// Day on which review results are published.
    pub review_publish_on: Date,
    /// Day of the draw.
    pub draw_on: Date,
    /// Day on which the result was published.
    pub published_on: Option<Date>,
    /// Day on which applicant representatives are drawn, where the period has them.
    pub representatives_on: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Which lottery a period is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Kind {
    /// The regular lottery.
    Normal,
    /// The separate lottery of those who have waited long (阶梯摇号).
    Tier,
}

/// Where a period stands. A period only ever moves down this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Phase {
    /// Its days are public; it does not take applications yet.
    Planned,
    /// Taking applications.
    Open,
    /// Applications are under review.
    Closed,
    /// Review results are public.
    ReviewPublished,
    /// The pool is fixed; a draw is under way.
    Frozen,
    /// The result is public.
    Published,
}

impl Entity {
    /// A city's periods, newest first.
    #[must_use]
    pub fn of_city(city: crate::CityId) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .order_by_desc(Column::Number)
    }
}
