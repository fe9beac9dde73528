//! Second looks.

use ::entity::{ApplicationId, CityId, application, second_look};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, sea_query::Expr,
};

use super::connection::is_violation;
use crate::error::{Error, Result};

/// The second look at an application in the review that it is in now, if one was asked for.
pub async fn find(
    db: &impl ConnectionTrait,
    row: &application::Model,
) -> Result<Option<second_look::Model>> {
    Ok(second_look::Entity::find()
        .filter(second_look::Column::CityId.eq(row.city_id))
        .filter(second_look::Column::ApplicationId.eq(row.id))
        .filter(second_look::Column::PeriodNumber.eq(row.period_number.as_str()))
        .one(db)
        .await?)
}

/// The second looks that were ever asked for at these applications, in whichever of their reviews.
pub async fn list_of(
    db: &impl ConnectionTrait,
    city: CityId,
    applications: &[ApplicationId],
) -> Result<Vec<second_look::Model>> {
    Ok(second_look::Entity::find()
        .filter(second_look::Column::CityId.eq(city))
        .filter(second_look::Column::ApplicationId.is_in(applications.iter().copied()))
        .all(db)
        .await?)
}

/// Writes a request.
pub async fn insert(txn: &impl ConnectionTrait, row: second_look::Model) -> Result<()> {
    row.into_active_model().insert(txn).await.map_err(|cause| {
        if is_violation(
            &cause,
            "second_look_once",
            "second_look.city_id, second_look.application_id, second_look.period_number",
        ) {
            Error::Conflict {
                what: "this request for a second look".to_owned(),
            }
        } else {
            cause.into()
        }
    })?;
    Ok(())
}

/// Notes when a request was decided.
pub async fn decide(
    txn: &impl ConnectionTrait,
    row: &application::Model,
    at: DateTime<Utc>,
) -> Result<()> {
    second_look::Entity::update_many()
        .col_expr(second_look::Column::DecidedAt, Expr::value(at))
        .filter(second_look::Column::CityId.eq(row.city_id))
        .filter(second_look::Column::ApplicationId.eq(row.id))
        .filter(second_look::Column::PeriodNumber.eq(row.period_number.as_str()))
        .exec(txn)
        .await?;
    Ok(())
}
