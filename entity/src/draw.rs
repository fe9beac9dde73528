//! Draws.

use sea_orm::entity::prelude::*;

/// One draw. A redo after a void is a new row; the old one stays visible.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draw")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The draw's public id, for example `202606`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The period drawn.
    pub period_number: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The how-manieth draw of the city, from 1.
    pub sequence: i64,
    /// Where the draw stands.
    pub phase: Phase,
    /// How many times the phase has moved.
    pub epoch: i32,
    /// The rules it runs under.
    pub policy_digest: Vec<u8>,
    /// When the pool was frozen; counts and weights are as of this moment.
    pub frozen_at: DateTimeUtc,
    /// The beacon chain's `chain.json`, from `announce` on.
    pub chain: Option<String>,
    /// The beacon round, from `announce` on.
    pub round: Option<i64>,
    /// Until when contributions may be revealed, from `announce` on.
    pub closes_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a draw is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Purpose {
    /// It allocates a period's quota: it locks its pool, counts as a participation, ends the period.
    Allocation,
    /// It picks who attends the period's draw; it locks nothing and allocates nothing.
    Representatives,
}

/// Where a draw stands. A draw only ever moves down this list; `Voided` ends it early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Phase {
    /// The pool is fixed and nobody outside knows it yet.
    Frozen,
    /// The pool's hashes are signed, logged and witnessed.
    Announced,
    /// The contributions are in; nobody has an input left.
    Closed,
    /// The result is signed, logged and public.
    Finished,
    /// Given up, with a reason, before its randomness existed.
    Voided,
}

impl Entity {
    /// A city's draws, newest first.
    #[must_use]
    pub fn of_city(city: crate::CityId) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .order_by_desc(Column::Sequence)
    }

    /// A period's draws of one purpose, newest first.
    #[must_use]
    pub fn of_period(city: crate::CityId, period: &str, purpose: Purpose) -> Select<Self> {
        Self::of_city(city)
            .filter(Column::PeriodNumber.eq(period))
            .filter(Column::Purpose.eq(purpose))
    }
}
