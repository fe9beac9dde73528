//! Reviews.

use ::entity::{ApplicationId, CityId, review};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

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

/// All decisions on these applications, oldest first.
pub async fn list_of(
    db: &impl ConnectionTrait,
    city: CityId,
    applications: &[ApplicationId],
) -> Result<Vec<review::Model>> {
    Ok(review::Entity::find()
        .filter(review::Column::CityId.eq(city))
        .filter(review::Column::ApplicationId.is_in(applications.iter().copied()))
        .order_by_asc(review::Column::DecidedAt)
        .order_by_asc(review::Column::Id)
        .all(db)
        .await?)
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
