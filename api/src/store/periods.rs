//! Periods and their quotas.

use ::entity::{CityId, period, period_quota};
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{connection::is_violation, span};
use crate::{
    domain::span::Span,
    error::{Error, Result},
};

/// One period by its number.
pub async fn get(db: &impl ConnectionTrait, city: CityId, number: &str) -> Result<period::Model> {
    find(db, city, number)
        .await?
        .ok_or_else(|| Error::not_found("period", number))
}

/// One period by its number, if there is one.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    number: &str,
) -> Result<Option<period::Model>> {
    Ok(period::Entity::find_by_id((city, number.to_owned()))
        .one(db)
        .await?)
}

/// A part of the periods, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    span: Span<String>,
) -> Result<Vec<period::Model>> {
    let (select, order) = (period::Entity::of_city(city), period::Column::Number);
    span::list(db, select, (order, Order::Desc), span).await
}

/// The earliest period of a kind that takes applications on a day.
pub async fn find_taking_applications(
    db: &impl ConnectionTrait,
    city: CityId,
    kind: period::Kind,
    day: NaiveDate,
) -> Result<Option<period::Model>> {
    Ok(period::Entity::find()
        .filter(period::Column::CityId.eq(city))
        .filter(period::Column::Kind.eq(kind))
        .filter(period::Column::Phase.eq(period::Phase::Open))
        .filter(period::Column::AppliesFrom.lte(day))
        .filter(period::Column::AppliesUntil.gte(day))
        .order_by_asc(period::Column::Number)
        .one(db)
        .await?)
}

/// The quotas of a period, by category.
pub async fn list_quotas(
    db: &impl ConnectionTrait,
    city: CityId,
    number: &str,
) -> Result<Vec<period_quota::Model>> {
    Ok(period_quota::Entity::find()
        .filter(period_quota::Column::CityId.eq(city))
        .filter(period_quota::Column::PeriodNumber.eq(number))
        .order_by_asc(period_quota::Column::Category)
        .all(db)
        .await?)
}

/// The quotas of these periods, each period's by category.
pub async fn list_quotas_of(
    db: &impl ConnectionTrait,
    city: CityId,
    numbers: &[String],
) -> Result<Vec<period_quota::Model>> {
    Ok(period_quota::Entity::find()
        .filter(period_quota::Column::CityId.eq(city))
        .filter(period_quota::Column::PeriodNumber.is_in(numbers))
        .order_by_asc(period_quota::Column::Category)
        .all(db)
        .await?)
}

/// The periods of these numbers, as far as there are any.
pub async fn list_by_numbers(
    db: &impl ConnectionTrait,
    city: CityId,
    numbers: &[String],
) -> Result<Vec<period::Model>> {
    Ok(period::Entity::of_city(city)
        .filter(period::Column::Number.is_in(numbers))
        .all(db)
        .await?)
}

/// Writes a new period with its quotas.
pub async fn insert(
    txn: &impl ConnectionTrait,
    row: period::Model,
    quotas: Vec<period_quota::Model>,
) -> Result<()> {
    let number = row.number.clone();
    row.into_active_model().insert(txn).await.map_err(|cause| {
        if is_violation(&cause, "period_pkey", "period.city_id, period.number") {
            Error::invalid(
                "number",
                format!("period {number} exists already; choose the next one"),
            )
        } else {
            cause.into()
        }
    })?;
    for quota in quotas {
        quota.into_active_model().insert(txn).await?;
    }
    Ok(())
}

/// The periods whose result is not public, the one drawn first before the others.
pub async fn list_unfinished(
    db: &impl ConnectionTrait,
    city: CityId,
) -> Result<Vec<period::Model>> {
    Ok(period::Entity::find()
        .filter(period::Column::CityId.eq(city))
        .filter(period::Column::Phase.ne(period::Phase::Published))
        .order_by_asc(period::Column::DrawOn)
        .order_by_asc(period::Column::Number)
        .all(db)
        .await?)
}

/// The periods of which at least one day lies between two days, both included.
pub async fn list_between(
    db: &impl ConnectionTrait,
    city: CityId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<period::Model>> {
    Ok(period::Entity::find()
        .filter(period::Column::CityId.eq(city))
        .filter(period::Column::AppliesFrom.lte(to))
        .filter(period::Column::DrawOn.gte(from))
        .order_by_asc(period::Column::AppliesFrom)
        .order_by_asc(period::Column::Number)
        .all(db)
        .await?)
}

/// The numbers of a kind of period that are there from a year on.
pub async fn list_numbers(
    db: &impl ConnectionTrait,
    city: CityId,
    kind: period::Kind,
    from_year: u16,
) -> Result<Vec<String>> {
    Ok(period::Entity::find()
        .filter(period::Column::CityId.eq(city))
        .filter(period::Column::Kind.eq(kind))
        .filter(period::Column::Number.gte(from_year.to_string()))
        .select_only()
        .column(period::Column::Number)
        .into_tuple()
        .all(db)
        .await?)
}

/// Sets what a period may allocate in a category, in place of what was set before.
pub async fn set_quota(txn: &impl ConnectionTrait, row: period_quota::Model) -> Result<()> {
    period_quota::Entity::delete_by_id((
        row.city_id,
        row.period_number.clone(),
        row.category.clone(),
    ))
    .exec(txn)
    .await?;
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// Gives a period other days and the rules in force, if it still stands where the caller saw it.
pub async fn set_days(txn: &impl ConnectionTrait, row: &period::Model) -> Result<()> {
    let moved = period::Entity::update_many()
        .col_expr(period::Column::AppliesUntil, Expr::value(row.applies_until))
        .col_expr(
            period::Column::ReviewPublishOn,
            Expr::value(row.review_publish_on),
        )
        .col_expr(
            period::Column::RepresentativesOn,
            Expr::value(row.representatives_on),
        )
        .col_expr(period::Column::DrawOn, Expr::value(row.draw_on))
        .col_expr(
            period::Column::PolicyDigest,
            Expr::value(row.policy_digest.clone()),
        )
        .filter(period::Column::CityId.eq(row.city_id))
        .filter(period::Column::Number.eq(row.number.as_str()))
        .filter(period::Column::Epoch.eq(row.epoch))
        .exec(txn)
        .await?;
    if moved.rows_affected != 1 {
        return Err(Error::Conflict {
            what: format!("period {}", row.number),
        });
    }
    Ok(())
}

/// Moves a period on, if it still stands where the caller saw it.
pub async fn advance(
    txn: &impl ConnectionTrait,
    row: &period::Model,
    to: period::Phase,
    published_on: Option<NaiveDate>,
) -> Result<period::Model> {
    let moved = period::Entity::update_many()
        .col_expr(period::Column::Phase, Expr::value(to))
        .col_expr(
            period::Column::Epoch,
            Expr::col(period::Column::Epoch).add(1),
        )
        .col_expr(
            period::Column::PublishedOn,
            Expr::value(published_on.or(row.published_on)),
        )
        .filter(period::Column::CityId.eq(row.city_id))
        .filter(period::Column::Number.eq(row.number.as_str()))
        .filter(period::Column::Phase.eq(row.phase))
        .filter(period::Column::Epoch.eq(row.epoch))
        .exec(txn)
        .await?;
    if moved.rows_affected != 1 {
        return Err(Error::Conflict {
            what: format!("period {}", row.number),
        });
    }
    get(txn, row.city_id, &row.number).await
}
