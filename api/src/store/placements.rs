//! Results.

use ::entity::{CityId, placement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};

use super::connection::{insert_pieces, padded};
use crate::error::Result;

/// Writes a result, in order.
pub async fn insert(txn: &impl ConnectionTrait, rows: Vec<placement::Model>) -> Result<()> {
    insert_pieces(txn, rows).await
}

/// A result, in the order of its file.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    category: &str,
) -> Result<Vec<placement::Model>> {
    Ok(placement::Entity::of_result(city, draw, category)
        .all(db)
        .await?)
}

/// Ranks and codes of the winners of a category behind a rank, at most `limit`.
pub async fn list_winners(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    category: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, String)>> {
    Ok(placement::Entity::of_result(city, draw, category)
        .filter(placement::Column::IsWinner.eq(true))
        .filter(placement::Column::PlaceRank.gt(after))
        .limit(limit)
        .select_only()
        .column(placement::Column::PlaceRank)
        .column(placement::Column::Code)
        .into_tuple()
        .all(db)
        .await?)
}

/// The codes that won in a draw, over all categories.
pub async fn list_winning_codes(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
) -> Result<Vec<String>> {
    Ok(placement::Entity::find()
        .filter(placement::Column::CityId.eq(city))
        .filter(placement::Column::DrawId.eq(draw))
        .filter(placement::Column::IsWinner.eq(true))
        .select_only()
        .column(placement::Column::Code)
        .into_tuple()
        .all(db)
        .await?)
}

/// The places of those of these codes that have one, in no order.
pub async fn list_of_codes(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    category: &str,
    codes: &[&str],
) -> Result<Vec<placement::Model>> {
    Ok(placement::Entity::find()
        .filter(placement::Column::CityId.eq(city))
        .filter(placement::Column::DrawId.eq(draw))
        .filter(placement::Column::Category.eq(category))
        .filter(placement::Column::Code.is_in(padded(codes)))
        .all(db)
        .await?)
}
