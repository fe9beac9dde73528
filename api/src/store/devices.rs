//! Devices from which accounts have signed in.

use ::entity::{AccountId, CityId, device};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, sea_query::Expr,
};

use crate::error::Result;

/// The device of a token, if the account knows it.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    account: AccountId,
    token_hash: [u8; 32],
) -> Result<Option<device::Model>> {
    Ok(
        device::Entity::find_by_id((city, account, token_hash.to_vec()))
            .one(db)
            .await?,
    )
}

/// All devices of an account.
pub async fn list_of_account(
    db: &impl ConnectionTrait,
    city: CityId,
    account: AccountId,
) -> Result<Vec<device::Model>> {
    Ok(device::Entity::find()
        .filter(device::Column::CityId.eq(city))
        .filter(device::Column::AccountId.eq(account))
        .all(db)
        .await?)
}

/// How many devices an account has.
pub async fn count_of_account(
    db: &impl ConnectionTrait,
    city: CityId,
    account: AccountId,
) -> Result<u64> {
    Ok(device::Entity::find()
        .filter(device::Column::CityId.eq(city))
        .filter(device::Column::AccountId.eq(account))
        .count(db)
        .await?)
}

/// Writes a new device.
pub async fn insert(txn: &impl ConnectionTrait, row: device::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// Notes that somebody signed in from a device again.
pub async fn see(txn: &impl ConnectionTrait, row: &device::Model, at: DateTime<Utc>) -> Result<()> {
    device::Entity::update_many()
        .col_expr(device::Column::LastSeenAt, Expr::value(at))
        .filter(device::Column::CityId.eq(row.city_id))
        .filter(device::Column::AccountId.eq(row.account_id))
        .filter(device::Column::TokenHash.eq(row.token_hash.clone()))
        .exec(txn)
        .await?;
    Ok(())
}

/// Removes the devices that were last seen before a moment; gives how many.
pub async fn delete_before(
    txn: &impl ConnectionTrait,
    city: CityId,
    moment: DateTime<Utc>,
) -> Result<u64> {
    let deleted = device::Entity::delete_many()
        .filter(device::Column::CityId.eq(city))
        .filter(device::Column::LastSeenAt.lt(moment))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}
