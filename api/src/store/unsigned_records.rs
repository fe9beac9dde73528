//! The one record of a city that waits for its signature.

use ::entity::{CityId, unsigned_record};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _,
};

use crate::error::{Error, Result};

/// The record that waits, if one does.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
) -> Result<Option<unsigned_record::Model>> {
    Ok(unsigned_record::Entity::find_by_id(city).one(db).await?)
}

/// Writes one down; the database has room for one a city.
pub async fn insert(txn: &impl ConnectionTrait, row: unsigned_record::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// Takes exactly this one away.
///
/// # Errors
///
/// [`Error::Conflict`] where another one waits now, or none.
pub async fn delete(txn: &impl ConnectionTrait, row: &unsigned_record::Model) -> Result<()> {
    let deleted = unsigned_record::Entity::delete_many()
        .filter(unsigned_record::Column::CityId.eq(row.city_id))
        .filter(unsigned_record::Column::Body.eq(row.body.as_str()))
        .exec(txn)
        .await?;
    if deleted.rows_affected == 1 {
        return Ok(());
    }
    Err(Error::Conflict {
        what: format!("the record of {} that waits for its signature", row.subject),
    })
}
