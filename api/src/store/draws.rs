//! Draws and what is announced of their pools.

use ::entity::{CityId, draw, draw_pool};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};

use crate::error::{Error, Result};

/// One draw by its public id.
pub async fn get(db: &impl ConnectionTrait, city: CityId, id: &str) -> Result<draw::Model> {
    find(db, city, id)
        .await?
        .ok_or_else(|| Error::not_found("draw", id))
}

/// One draw by its public id, if there is one.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    id: &str,
) -> Result<Option<draw::Model>> {
    Ok(draw::Entity::find_by_id((city, id.to_owned()))
        .one(db)
        .await?)
}

/// The newest `limit` draws, newest first.
pub async fn list(db: &impl ConnectionTrait, city: CityId, limit: u64) -> Result<Vec<draw::Model>> {
    Ok(draw::Entity::of_city(city).limit(limit).all(db).await?)
}

/// The draws of these public ids, as far as there are any.
pub async fn list_by_ids(
    db: &impl ConnectionTrait,
    city: CityId,
    ids: &[String],
) -> Result<Vec<draw::Model>> {
    Ok(draw::Entity::of_city(city)
        .filter(draw::Column::Id.is_in(ids))
        .all(db)
        .await?)
}

/// All draws of a period for one purpose, newest first: the one that counts, then those given up
/// before it.
pub async fn list_of_period(
    db: &impl ConnectionTrait,
    city: CityId,
    period: &str,
    purpose: draw::Purpose,
) -> Result<Vec<draw::Model>> {
    Ok(draw::Entity::of_period(city, period, purpose)
        .all(db)
        .await?)
}

/// All draws of these periods for one purpose, newest first.
pub async fn list_of_periods(
    db: &impl ConnectionTrait,
    city: CityId,
    periods: &[String],
    purpose: draw::Purpose,
) -> Result<Vec<draw::Model>> {
    Ok(draw::Entity::of_city(city)
        .filter(draw::Column::PeriodNumber.is_in(periods))
        .filter(draw::Column::Purpose.eq(purpose))
        .all(db)
        .await?)
}

/// The draws that are frozen and have no result yet, oldest first.
pub async fn list_unfinished(db: &impl ConnectionTrait, city: CityId) -> Result<Vec<draw::Model>> {
    use sea_orm::QueryOrder as _;
    Ok(draw::Entity::find()
        .filter(draw::Column::CityId.eq(city))
        .filter(draw::Column::Phase.is_in([
            draw::Phase::Frozen,
            draw::Phase::Announced,
            draw::Phase::Closed,
        ]))
        .order_by_asc(draw::Column::Sequence)
        .all(db)
        .await?)
}

/// How many draws the city has frozen so far.
pub async fn count(db: &impl ConnectionTrait, city: CityId) -> Result<u64> {
    Ok(draw::Entity::of_city(city).count(db).await?)
}

/// Writes a new draw with what is known of its pools.
pub async fn insert(
    txn: &impl ConnectionTrait,
    row: draw::Model,
    pools: Vec<draw_pool::Model>,
) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    for pool in pools {
        pool.into_active_model().insert(txn).await?;
    }
    Ok(())
}

/// The pools of a draw, in the order of `announce`.
pub async fn list_pools(
    db: &impl ConnectionTrait,
    city: CityId,
    id: &str,
) -> Result<Vec<draw_pool::Model>> {
    Ok(draw_pool::Entity::of_draw(city, id).all(db).await?)
}

/// The pools of these draws, each draw's in the order of its `announce`.
pub async fn list_pools_of(
    db: &impl ConnectionTrait,
    city: CityId,
    ids: &[String],
) -> Result<Vec<draw_pool::Model>> {
    use sea_orm::QueryOrder as _;
    Ok(draw_pool::Entity::find()
        .filter(draw_pool::Column::CityId.eq(city))
        .filter(draw_pool::Column::DrawId.is_in(ids))
        .order_by_asc(draw_pool::Column::Position)
        .all(db)
        .await?)
}

/// What `announce` fixes of the randomness to come.
pub struct Terms {
    /// The beacon chain's `chain.json`.
    pub chain: String,
    /// The beacon round.
    pub round: i64,
    /// Until when contributions may be revealed.
    pub closes_at: DateTime<Utc>,
}

/// Moves a draw on, if it still stands where the caller saw it.
pub async fn advance(
    txn: &impl ConnectionTrait,
    row: &draw::Model,
    to: draw::Phase,
    terms: Option<Terms>,
) -> Result<draw::Model> {
    let mut update = draw::Entity::update_many()
        .col_expr(draw::Column::Phase, Expr::value(to))
        .col_expr(draw::Column::Epoch, Expr::col(draw::Column::Epoch).add(1));
    if let Some(terms) = terms {
        update = update
            .col_expr(draw::Column::Chain, Expr::value(terms.chain))
            .col_expr(draw::Column::Round, Expr::value(terms.round))
            .col_expr(draw::Column::ClosesAt, Expr::value(terms.closes_at));
    }
    let moved = update
        .filter(draw::Column::CityId.eq(row.city_id))
        .filter(draw::Column::Id.eq(row.id.as_str()))
        .filter(draw::Column::Phase.eq(row.phase))
        .filter(draw::Column::Epoch.eq(row.epoch))
        .exec(txn)
        .await?;
    if moved.rows_affected != 1 {
        return Err(Error::Conflict {
            what: format!("draw {}", row.id),
        });
    }
    get(txn, row.city_id, &row.id).await
}
