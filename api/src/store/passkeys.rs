//! Passkeys, and the challenges that wait for an answer of one.

use ::entity::{CityId, StaffId, passkey, passkey_challenge};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};
use uuid::Uuid;

use super::connection::is_violation;
use crate::error::Result;

/// The passkeys of somebody, the oldest first.
pub async fn list_of_staff(
    db: &impl ConnectionTrait,
    city: CityId,
    staff: StaffId,
) -> Result<Vec<passkey::Model>> {
    Ok(passkey::Entity::find()
        .filter(passkey::Column::CityId.eq(city))
        .filter(passkey::Column::StaffId.eq(staff))
        .order_by_asc(passkey::Column::Id)
        .all(db)
        .await?)
}

/// The passkeys of everybody, in no order.
pub async fn list(db: &impl ConnectionTrait, city: CityId) -> Result<Vec<passkey::Model>> {
    Ok(passkey::Entity::find()
        .filter(passkey::Column::CityId.eq(city))
        .all(db)
        .await?)
}

/// Writes a new passkey; `false` where it is registered already, for whomever.
pub async fn insert(txn: &impl ConnectionTrait, row: passkey::Model) -> Result<bool> {
    let columns = "passkey.city_id, passkey.credential_hash";
    match row.into_active_model().insert(txn).await {
        Ok(_) => Ok(true),
        Err(cause) if is_violation(&cause, "passkey_credential_once", columns) => Ok(false),
        Err(cause) => Err(cause.into()),
    }
}

/// Notes that a passkey was used, over what the caller saw of it; `false` where it was used
/// meanwhile or is gone.
pub async fn update(txn: &impl ConnectionTrait, row: &passkey::Model) -> Result<bool> {
    let updated = passkey::Entity::update_many()
        .col_expr(passkey::Column::Sealed, Expr::value(row.sealed.clone()))
        .col_expr(passkey::Column::Epoch, Expr::value(row.epoch + 1))
        .filter(passkey::Column::CityId.eq(row.city_id))
        .filter(passkey::Column::Id.eq(row.id))
        .filter(passkey::Column::Epoch.eq(row.epoch))
        .exec(txn)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Removes the passkeys of somebody; gives how many.
pub async fn delete_of_staff(
    txn: &impl ConnectionTrait,
    city: CityId,
    staff: StaffId,
) -> Result<u64> {
    let deleted = passkey::Entity::delete_many()
        .filter(passkey::Column::CityId.eq(city))
        .filter(passkey::Column::StaffId.eq(staff))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}

/// One challenge that can still be answered.
pub async fn find_challenge(
    db: &impl ConnectionTrait,
    city: CityId,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<passkey_challenge::Model>> {
    Ok(passkey_challenge::Entity::find_by_id((city, id))
        .filter(passkey_challenge::Column::ExpiresAt.gt(now))
        .one(db)
        .await?)
}

/// Writes a new challenge.
pub async fn insert_challenge(
    txn: &impl ConnectionTrait,
    row: passkey_challenge::Model,
) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// Uses a challenge up; `false` where somebody has used it before.
pub async fn spend_challenge(txn: &impl ConnectionTrait, city: CityId, id: Uuid) -> Result<bool> {
    let deleted = passkey_challenge::Entity::delete_by_id((city, id))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected == 1)
}

/// Removes the challenges of somebody; gives how many.
pub async fn delete_challenges_of_staff(
    txn: &impl ConnectionTrait,
    city: CityId,
    staff: StaffId,
) -> Result<u64> {
    let deleted = passkey_challenge::Entity::delete_many()
        .filter(passkey_challenge::Column::CityId.eq(city))
        .filter(passkey_challenge::Column::StaffId.eq(staff))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}

/// Removes challenges that could be answered until a moment; gives how many.
pub async fn delete_challenges_before(
    txn: &impl ConnectionTrait,
    city: CityId,
    moment: DateTime<Utc>,
) -> Result<u64> {
    let deleted = passkey_challenge::Entity::delete_many()
        .filter(passkey_challenge::Column::CityId.eq(city))
        .filter(passkey_challenge::Column::ExpiresAt.lt(moment))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}
