//! Publications: which results anybody may ask for.

use ::entity::{CityId, publication};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, IntoActiveModel as _,
    QueryFilter as _, QuerySelect as _,
};

use crate::error::Result;

/// The publication of a draw, once it is public.
pub async fn find_of_draw(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
) -> Result<Option<publication::Model>> {
    Ok(publication::Entity::of_city(city)
        .filter(publication::Column::DrawId.eq(draw))
        .one(db)
        .await?)
}

/// The newest publication of a period.
pub async fn find_of_period(
    db: &impl ConnectionTrait,
    city: CityId,
    period: &str,
) -> Result<Option<publication::Model>> {
    Ok(publication::Entity::of_city(city)
        .filter(publication::Column::PeriodNumber.eq(period))
        .one(db)
        .await?)
}

/// The city's newest epoch; 0 before the first publication.
pub async fn find_epoch(db: &impl ConnectionTrait, city: CityId) -> Result<i64> {
    let newest = publication::Entity::of_city(city)
        .select_only()
        .column(publication::Column::Epoch)
        .into_tuple();
    Ok(newest.one(db).await?.unwrap_or_default())
}

/// The publications after an epoch, newest first.
pub async fn list_after(
    db: &impl ConnectionTrait,
    city: CityId,
    epoch: i64,
) -> Result<Vec<publication::Model>> {
    Ok(publication::Entity::of_city(city)
        .filter(publication::Column::Epoch.gt(epoch))
        .all(db)
        .await?)
}

/// Makes a draw public. The caller holds the city's lock.
pub async fn insert(txn: &impl ConnectionTrait, row: publication::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}
