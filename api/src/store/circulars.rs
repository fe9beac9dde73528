//! Messages to everybody in a period, on their way.

use ::entity::{ApplicationId, CityId, application, circular};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, sea_query::Expr,
};

use crate::error::Result;

/// Writes a circular.
pub async fn insert(txn: &impl ConnectionTrait, row: circular::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// The oldest circular that has not gone to everybody.
pub async fn find_open(db: &impl ConnectionTrait, city: CityId) -> Result<Option<circular::Model>> {
    Ok(circular::Entity::find()
        .filter(circular::Column::CityId.eq(city))
        .filter(circular::Column::DoneAt.is_null())
        .order_by_asc(circular::Column::CreatedAt)
        .order_by_asc(circular::Column::Id)
        .one(db)
        .await?)
}

/// The next applications that a circular goes to, in the order of their ids.
pub async fn list_recipients(
    db: &impl ConnectionTrait,
    row: &circular::Model,
    statuses: &[application::Status],
    limit: u64,
) -> Result<Vec<application::Model>> {
    let mut select = application::Entity::find()
        .filter(application::Column::CityId.eq(row.city_id))
        .filter(application::Column::PeriodNumber.eq(row.period_number.as_str()))
        .filter(application::Column::Status.is_in(statuses.iter().copied()));
    if let Some(through) = row.sent_through {
        select = select.filter(application::Column::Id.gt(ApplicationId(through)));
    }
    Ok(select
        .order_by_asc(application::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Notes how far a circular was sent.
pub async fn advance(
    txn: &impl ConnectionTrait,
    row: &circular::Model,
    through: Option<ApplicationId>,
    done_at: Option<DateTime<Utc>>,
) -> Result<()> {
    circular::Entity::update_many()
        .col_expr(
            circular::Column::SentThrough,
            Expr::value(through.map(|id| id.0).or(row.sent_through)),
        )
        .col_expr(circular::Column::DoneAt, Expr::value(done_at))
        .filter(circular::Column::CityId.eq(row.city_id))
        .filter(circular::Column::Id.eq(row.id))
        .exec(txn)
        .await?;
    Ok(())
}
