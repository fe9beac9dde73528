//! Sessions: opaque tokens, kept as hashes.

use ::entity::{CityId, session};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _,
};

use crate::error::Result;

/// The session of a token that has not ended.
pub async fn find_live(
    db: &impl ConnectionTrait,
    city: CityId,
    token_hash: [u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<session::Model>> {
    Ok(session::Entity::find_by_id((city, token_hash.to_vec()))
        .filter(session::Column::ExpiresAt.gt(now))
        .one(db)
        .await?)
}

/// Writes a new session.
pub async fn insert(txn: &impl ConnectionTrait, row: session::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}
