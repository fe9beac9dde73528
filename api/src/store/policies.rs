//! The texts of the rules that a city has adopted.

use ::entity::{CityId, policy_version};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, sea_query::Expr,
};

use crate::error::Result;

/// One adopted text by its digest.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    digest: &[u8],
) -> Result<Option<policy_version::Model>> {
    Ok(policy_version::Entity::find_by_id((city, digest.to_vec()))
        .one(db)
        .await?)
}

/// Writes a newly adopted text.
pub async fn insert(txn: &impl ConnectionTrait, row: policy_version::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// Notes who confirmed the weakly sourced rules of a text. A second confirmation changes nothing.
pub async fn confirm(
    txn: &impl ConnectionTrait,
    city: CityId,
    digest: &[u8],
    officer: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    policy_version::Entity::update_many()
        .col_expr(policy_version::Column::ConfirmedBy, Expr::value(officer))
        .col_expr(policy_version::Column::ConfirmedAt, Expr::value(at))
        .filter(policy_version::Column::CityId.eq(city))
        .filter(policy_version::Column::Digest.eq(digest.to_vec()))
        .filter(policy_version::Column::ConfirmedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}
