//! Requests that were done under a key of the client's.

use ::entity::{CityId, idempotency_key};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _,
};

use super::connection::is_violation;
use crate::error::Result;

/// The request that was done under a name, if there is one.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    name: &[u8],
) -> Result<Option<idempotency_key::Model>> {
    let key = (city, name.to_vec());
    Ok(idempotency_key::Entity::find_by_id(key).one(db).await?)
}

/// What became of writing a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is in.
    Written,
    /// Another request of this name was done at the same moment.
    Taken,
}

/// Writes a request that is done by the transaction's other changes. Of two at the same moment the
/// second waits for the first, and finds its name taken.
pub async fn insert(txn: &impl ConnectionTrait, row: idempotency_key::Model) -> Result<Inserted> {
    match row.into_active_model().insert(txn).await {
        Ok(_) => Ok(Inserted::Written),
        Err(cause)
            if is_violation(
                &cause,
                "idempotency_key_pkey",
                "idempotency_key.city_id, idempotency_key.name",
            ) =>
        {
            Ok(Inserted::Taken)
        }
        Err(cause) => Err(cause.into()),
    }
}

/// Forgets requests that were done before a moment; gives how many.
pub async fn delete_before(
    txn: &impl ConnectionTrait,
    city: CityId,
    moment: DateTime<Utc>,
) -> Result<u64> {
    let deleted = idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::CityId.eq(city))
        .filter(idempotency_key::Column::DoneAt.lt(moment))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}
