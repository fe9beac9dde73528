//! Reviews.

use ::entity::{ApplicationId, CityId, review};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, Statement, sea_query::Expr,
};
use uuid::Uuid;

use crate::error::Result;

/// Writes a decision.
pub async fn insert(txn: &impl ConnectionTrait, row: review::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// The decision on an application that came last.
pub async fn find_latest(
    db: &impl ConnectionTrait,
    city: CityId,
    application: ApplicationId,
) -> Result<Option<review::Model>> {
    Ok(review::Entity::find()
        .filter(review::Column::CityId.eq(city))
        .filter(review::Column::ApplicationId.eq(application))
        .order_by_desc(review::Column::DecidedAt)
        .order_by_desc(review::Column::Id)
        .one(db)
        .await?)
}

/// Decisions that are public and that their applicants were not told of, oldest first.
pub async fn list_untold(
    db: &impl ConnectionTrait,
    city: CityId,
    limit: u64,
) -> Result<Vec<review::Model>> {
    let sql = "SELECT r.* FROM review r
        JOIN application a ON a.city_id = r.city_id AND a.id = r.application_id
        LEFT JOIN period p ON p.city_id = a.city_id AND p.number = a.period_number
        WHERE r.city_id = $1 AND r.told_at IS NULL
          AND (p.phase IS NULL OR p.phase IN ('review_published', 'frozen', 'published'))
        ORDER BY r.id LIMIT $2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [city.into(), limit.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(review::Entity::find()
        .from_raw_sql(statement)
        .all(db)
        .await?)
}

/// Notes that applicants were told of these decisions.
pub async fn note_told(
    txn: &impl ConnectionTrait,
    city: CityId,
    reviews: Vec<Uuid>,
    at: DateTime<Utc>,
) -> Result<()> {
    review::Entity::update_many()
        .col_expr(review::Column::ToldAt, Expr::value(at))
        .filter(review::Column::CityId.eq(city))
        .filter(review::Column::Id.is_in(reviews))
        .exec(txn)
        .await?;
    Ok(())
}

/// All decisions on an application, oldest first.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    application: ApplicationId,
) -> Result<Vec<review::Model>> {
    Ok(review::Entity::find()
        .filter(review::Column::CityId.eq(city))
        .filter(review::Column::ApplicationId.eq(application))
        .order_by_asc(review::Column::DecidedAt)
        .order_by_asc(review::Column::Id)
        .all(db)
        .await?)
}
