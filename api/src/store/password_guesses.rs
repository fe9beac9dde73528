//! Passwords that were tried with a phone number, known or not.

use ::entity::{CityId, password_guess};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, IntoActiveModel as _,
    QueryFilter as _,
    sea_query::{Expr, OnConflict},
};

use crate::error::Result;

/// The tries in a row with a phone number.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    phone_index: &[u8],
) -> Result<Option<password_guess::Model>> {
    Ok(
        password_guess::Entity::find_by_id((city, phone_index.to_vec()))
            .one(db)
            .await?,
    )
}

/// Counts one more try; it is durable before a password is compared.
pub async fn count_try(
    db: &impl ConnectionTrait,
    city: CityId,
    phone_index: &[u8],
    now: DateTime<Utc>,
) -> Result<()> {
    let row = password_guess::Model {
        city_id: city,
        phone_index: phone_index.to_vec(),
        failures: 1,
        last_at: now,
    };
    let failures = Expr::col((password_guess::Entity, password_guess::Column::Failures)).add(1);
    let again = OnConflict::columns([
        password_guess::Column::CityId,
        password_guess::Column::PhoneIndex,
    ])
    .value(password_guess::Column::Failures, failures)
    .update_column(password_guess::Column::LastAt)
    .to_owned();
    password_guess::Entity::insert(row.into_active_model())
        .on_conflict(again)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Forgets the tries: the right password was given, or the wait is over.
pub async fn delete(db: &impl ConnectionTrait, city: CityId, phone_index: &[u8]) -> Result<()> {
    password_guess::Entity::delete_many()
        .filter(password_guess::Column::CityId.eq(city))
        .filter(password_guess::Column::PhoneIndex.eq(phone_index.to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets tries that were last made before a moment; gives how many phones that were.
pub async fn delete_before(
    txn: &impl ConnectionTrait,
    city: CityId,
    moment: DateTime<Utc>,
) -> Result<u64> {
    let deleted = password_guess::Entity::delete_many()
        .filter(password_guess::Column::CityId.eq(city))
        .filter(password_guess::Column::LastAt.lt(moment))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}
