//! Contributions to the seed of a draw.

use ::entity::{CityId, contribution};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, sea_query::Expr,
};

use crate::error::Result;

/// The contributions of a draw, in the order of `announce`.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
) -> Result<Vec<contribution::Model>> {
    Ok(contribution::Entity::of_draw(city, draw).all(db).await?)
}

/// One sealed contribution of a draw.
pub async fn find_sealed(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    name: &str,
) -> Result<Option<contribution::Model>> {
    let kind = contribution::Kind::Sealed;
    let key = (city, draw.to_owned(), kind, name.to_owned());
    Ok(contribution::Entity::find_by_id(key).one(db).await?)
}

/// Writes what `announce` names.
pub async fn insert(txn: &impl ConnectionTrait, row: contribution::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// Writes down what was revealed, once; whether it was not there yet.
pub async fn reveal(
    txn: &impl ConnectionTrait,
    row: &contribution::Model,
    value: &str,
) -> Result<bool> {
    let written = contribution::Entity::update_many()
        .col_expr(contribution::Column::Value, Expr::value(value))
        .filter(contribution::Column::CityId.eq(row.city_id))
        .filter(contribution::Column::DrawId.eq(row.draw_id.as_str()))
        .filter(contribution::Column::Kind.eq(row.kind))
        .filter(contribution::Column::Name.eq(row.name.as_str()))
        .filter(contribution::Column::Value.is_null())
        .exec(txn)
        .await?;
    Ok(written.rows_affected == 1)
}
