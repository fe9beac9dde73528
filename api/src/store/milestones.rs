//! What periods went through, and which of their days were moved.

use ::entity::{CityId, period_move, period_transition};
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _,
};

use crate::error::Result;

/// Notes a step of a period's life.
pub async fn note_transition(
    txn: &impl ConnectionTrait,
    row: period_transition::Model,
) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// What a period went through, in the order in which it happened.
pub async fn list_transitions(
    db: &impl ConnectionTrait,
    city: CityId,
    period: &str,
) -> Result<Vec<period_transition::Model>> {
    Ok(period_transition::Entity::of_period(city, period)
        .all(db)
        .await?)
}

/// What these periods went through, in the order in which it happened.
pub async fn list_transitions_of(
    db: &impl ConnectionTrait,
    city: CityId,
    periods: &[String],
) -> Result<Vec<period_transition::Model>> {
    Ok(period_transition::Entity::of_periods(city, periods)
        .all(db)
        .await?)
}

/// Notes a moved day.
pub async fn note_move(txn: &impl ConnectionTrait, row: period_move::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// The moves of these periods' days, oldest first.
pub async fn list_moves_of(
    db: &impl ConnectionTrait,
    city: CityId,
    periods: &[String],
) -> Result<Vec<period_move::Model>> {
    Ok(period_move::Entity::of_periods(city, periods)
        .all(db)
        .await?)
}

/// The moves to or from a day between two days, both included.
pub async fn list_moves_between(
    db: &impl ConnectionTrait,
    city: CityId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<period_move::Model>> {
    Ok(period_move::Entity::find()
        .filter(period_move::Column::CityId.eq(city))
        .filter(period_move::Column::MovedTo.between(from, to))
        .all(db)
        .await?)
}
