//! The cities of this database.

use ::entity::{CityId, city};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QuerySelect as _, sea_query::Expr,
};

use crate::error::{Error, Result};

/// The city, if it was set up.
pub async fn find(db: &impl ConnectionTrait, id: CityId) -> Result<Option<city::Model>> {
    Ok(city::Entity::find_by_id(id).one(db).await?)
}

/// The city whose log has this origin, if there is one.
pub async fn find_by_origin(
    db: &impl ConnectionTrait,
    origin: &str,
) -> Result<Option<city::Model>> {
    let found = city::Entity::find().filter(city::Column::Origin.eq(origin));
    Ok(found.one(db).await?)
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

/// Puts one adopted text of the rules in the place of another, or of none.
///
/// # Errors
///
/// [`Error::Conflict`] where it is not that one that is in force.
pub async fn set_policy(
    txn: &impl ConnectionTrait,
    id: CityId,
    before: Option<&[u8]>,
    digest: &[u8],
) -> Result<()> {
    let before = match before {
        Some(before) => city::Column::PolicyDigest.eq(before),
        None => city::Column::PolicyDigest.is_null(),
    };
    let changed = city::Entity::update_many()
        .col_expr(city::Column::PolicyDigest, Expr::value(digest.to_vec()))
        .filter(city::Column::Id.eq(id))
        .filter(before)
        .exec(txn)
        .await?;
    if changed.rows_affected == 1 {
        return Ok(());
    }
    Err(Error::Conflict {
        what: "the text of the rules".to_owned(),
    })
}
