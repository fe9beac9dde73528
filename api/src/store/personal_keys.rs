//! Which keys of personal data a city has had. The keys themselves are nowhere in the database.

use ::entity::{CityId, personal_key};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use crate::error::Result;

/// The keys, oldest first.
pub async fn list(db: &impl ConnectionTrait, city: CityId) -> Result<Vec<personal_key::Model>> {
    Ok(personal_key::Entity::find()
        .filter(personal_key::Column::CityId.eq(city))
        .order_by_asc(personal_key::Column::Generation)
        .all(db)
        .await?)
}

/// Writes that a key is in use from now on.
pub async fn insert(txn: &impl ConnectionTrait, row: personal_key::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}
