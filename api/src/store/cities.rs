//! The cities of this database.

use ::entity::{CityId, city};
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QuerySelect as _,
};

use crate::error::{Error, Result};

/// The city, if it was set up.
pub async fn find(db: &impl ConnectionTrait, id: CityId) -> Result<Option<city::Model>> {
    Ok(city::Entity::find_by_id(id).one(db).await?)
}

/// Holds the city until the transaction ends, alone.
///
/// Taken by whatever fixes or moves on a pool or the log, so that two of them cannot interleave.
pub async fn lock(txn: &impl ConnectionTrait, id: CityId) -> Result<city::Model> {
    city::Entity::find_by_id(id)
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or_else(|| Error::not_found("city", id))
}

/// Holds the city until the transaction ends, together with others who do the same.
///
/// Taken by whatever would change what a pool contains: it waits for a freeze under way, and sees
/// the pool that the freeze made.
pub async fn lock_shared(txn: &impl ConnectionTrait, id: CityId) -> Result<city::Model> {
    city::Entity::find_by_id(id)
        .lock_shared()
        .one(txn)
        .await?
        .ok_or_else(|| Error::not_found("city", id))
}

/// Writes a new city.
pub async fn insert(txn: &impl ConnectionTrait, row: city::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}
