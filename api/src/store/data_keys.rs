//! Which keys of personal data a city has had. The keys themselves are nowhere in the database.

use ::entity::{CityId, data_key};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use crate::error::Result;

/// The keys, oldest first.
pub async fn list(db: &impl ConnectionTrait, city: CityId) -> Result<Vec<data_key::Model>> {
    Ok(data_key::Entity::find()
        .filter(data_key::Column::CityId.eq(city))
        .order_by_asc(data_key::Column::Generation)
        .all(db)
        .await?)
}

/// Writes that a key is in use from now on.
pub async fn insert(txn: &impl ConnectionTrait, row: data_key::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}
