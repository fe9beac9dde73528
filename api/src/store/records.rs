//! The append-only log: its entries and its checkpoints.

use ::entity::{CityId, checkpoint, record};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::Expr,
};

use crate::error::Result;

/// The whole log, in order.
pub async fn list(db: &impl ConnectionTrait, city: CityId) -> Result<Vec<record::Model>> {
    Ok(record::Entity::log_of(city).all(db).await?)
}

/// The leaf hashes of the log, in order.
pub async fn list_leaves(db: &impl ConnectionTrait, city: CityId) -> Result<Vec<Vec<u8>>> {
    Ok(record::Entity::log_of(city)
        .select_only()
        .column(record::Column::Leaf)
        .into_tuple()
        .all(db)
        .await?)
}

/// How many entries the log has.
pub async fn count(db: &impl ConnectionTrait, city: CityId) -> Result<u64> {
    Ok(record::Entity::log_of(city).count(db).await?)
}

/// The records of one draw, in order.
pub async fn list_of_draw(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
) -> Result<Vec<record::Model>> {
    Ok(record::Entity::of_draw(city, draw).all(db).await?)
}

/// The records of these draws, in the order of the log.
pub async fn list_of_draws(
    db: &impl ConnectionTrait,
    city: CityId,
    draws: &[String],
) -> Result<Vec<record::Model>> {
    Ok(record::Entity::log_of(city)
        .filter(record::Column::DrawId.is_in(draws))
        .all(db)
        .await?)
}

/// One record of a draw.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    kind: record::Kind,
) -> Result<Option<record::Model>> {
    Ok(record::Entity::of_draw(city, draw)
        .filter(record::Column::Kind.eq(kind))
        .one(db)
        .await?)
}

/// The result or void that the log saw last.
pub async fn find_last_ending(
    db: &impl ConnectionTrait,
    city: CityId,
) -> Result<Option<record::Model>> {
    Ok(record::Entity::find()
        .filter(record::Column::CityId.eq(city))
        .filter(record::Column::Kind.is_in([record::Kind::Result, record::Kind::Void]))
        .order_by_desc(record::Column::LogIndex)
        .one(db)
        .await?)
}

/// The changes of keys that stand in the log before a place, in order.
pub async fn list_changes_of_keys(
    db: &impl ConnectionTrait,
    city: CityId,
    before: i64,
) -> Result<Vec<record::Model>> {
    Ok(record::Entity::log_of(city)
        .filter(record::Column::Kind.eq(record::Kind::Keys))
        .filter(record::Column::LogIndex.lt(before))
        .all(db)
        .await?)
}

/// Writes an entry at its place.
pub async fn insert(txn: &impl ConnectionTrait, row: record::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// Writes a checkpoint, not yet cosigned.
pub async fn insert_checkpoint(txn: &impl ConnectionTrait, row: checkpoint::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// All checkpoints, by size.
pub async fn list_checkpoints(
    db: &impl ConnectionTrait,
    city: CityId,
) -> Result<Vec<checkpoint::Model>> {
    Ok(checkpoint::Entity::find()
        .filter(checkpoint::Column::CityId.eq(city))
        .order_by_asc(checkpoint::Column::Size)
        .all(db)
        .await?)
}

/// Adds the witnesses' lines to a checkpoint that has none yet. The first that come are kept: a
/// checkpoint's file never changes once it is public.
pub async fn cosign(
    txn: &impl ConnectionTrait,
    city: CityId,
    size: i64,
    cosignatures: &str,
) -> Result<()> {
    checkpoint::Entity::update_many()
        .col_expr(checkpoint::Column::Cosignatures, Expr::value(cosignatures))
        .filter(checkpoint::Column::CityId.eq(city))
        .filter(checkpoint::Column::Size.eq(size))
        .filter(checkpoint::Column::Cosignatures.eq(""))
        .exec(txn)
        .await?;
    Ok(())
}
