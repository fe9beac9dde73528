//! One-time codes: requests for them, and tries.

use ::entity::{CityId, OneTimeCodeId, one_time_code};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    ExprTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};

use super::connection::is_violation;
use crate::error::Result;

/// The codes that a phone was sent on a day or after a moment, the last one first.
pub async fn list_recent(
    db: &impl ConnectionTrait,
    city: CityId,
    phone_index: &[u8],
    day: NaiveDate,
    after: DateTime<Utc>,
) -> Result<Vec<one_time_code::Model>> {
    let recent = Condition::any()
        .add(one_time_code::Column::Day.eq(day))
        .add(one_time_code::Column::CreatedAt.gt(after));
    Ok(one_time_code::Entity::find()
        .filter(one_time_code::Column::CityId.eq(city))
        .filter(one_time_code::Column::PhoneIndex.eq(phone_index.to_vec()))
        .filter(recent)
        .order_by_desc(one_time_code::Column::CreatedAt)
        .all(db)
        .await?)
}

/// What became of writing a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is in.
    Written,
    /// Another request took the same turn at the same moment.
    TurnTaken,
}

/// Writes a new request.
pub async fn insert(txn: &impl ConnectionTrait, row: one_time_code::Model) -> Result<Inserted> {
    match row.into_active_model().insert(txn).await {
        Ok(_) => Ok(Inserted::Written),
        Err(cause)
            if is_violation(
                &cause,
                "one_time_code_turn_once",
                "one_time_code.city_id, one_time_code.phone_index, one_time_code.day, one_time_code.turn",
            ) =>
        {
            Ok(Inserted::TurnTaken)
        }
        Err(cause) => Err(cause.into()),
    }
}

/// Counts a try against a code that can still be used, and gives it; none where there is no such
/// code any more. The count is durable before anything is compared.
pub async fn count_try(
    db: &impl ConnectionTrait,
    city: CityId,
    id: OneTimeCodeId,
    tries_max: i32,
    now: DateTime<Utc>,
) -> Result<Option<one_time_code::Model>> {
    let counted = one_time_code::Entity::update_many()
        .col_expr(
            one_time_code::Column::Tries,
            Expr::col(one_time_code::Column::Tries).add(1),
        )
        .filter(one_time_code::Column::CityId.eq(city))
        .filter(one_time_code::Column::Id.eq(id))
        .filter(one_time_code::Column::Tries.lt(tries_max))
        .filter(one_time_code::Column::UsedAt.is_null())
        .filter(one_time_code::Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    if counted.rows_affected != 1 {
        return Ok(None);
    }
    Ok(one_time_code::Entity::find_by_id((city, id))
        .one(db)
        .await?)
}

/// Marks a code as used; false where somebody else has used it meanwhile.
pub async fn mark_used(
    txn: &impl ConnectionTrait,
    city: CityId,
    id: OneTimeCodeId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let marked = one_time_code::Entity::update_many()
        .col_expr(one_time_code::Column::UsedAt, Expr::value(now))
        .filter(one_time_code::Column::CityId.eq(city))
        .filter(one_time_code::Column::Id.eq(id))
        .filter(one_time_code::Column::UsedAt.is_null())
        .exec(txn)
        .await?;
    Ok(marked.rows_affected == 1)
}

/// Removes the codes of days before one; gives how many. Those of the day itself are counted.
pub async fn delete_before(
    txn: &impl ConnectionTrait,
    city: CityId,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<u64> {
    let deleted = one_time_code::Entity::delete_many()
        .filter(one_time_code::Column::CityId.eq(city))
        .filter(one_time_code::Column::ExpiresAt.lte(now))
        .filter(one_time_code::Column::Day.lt(day))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}
