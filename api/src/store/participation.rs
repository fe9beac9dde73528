//! The participation ledger. Lines are only ever added.

use ::entity::{ApplicantId, CityId, participation};
use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    Statement,
};

use crate::error::Result;

/// A person's lines published by a date, in the order of periods.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    applicant: ApplicantId,
    as_of: NaiveDate,
) -> Result<Vec<participation::Model>> {
    Ok(participation::Entity::find()
        .filter(participation::Column::CityId.eq(city))
        .filter(participation::Column::ApplicantId.eq(applicant))
        .filter(participation::Column::PublishedOn.lte(as_of))
        .order_by_asc(participation::Column::PeriodNumber)
        .all(db)
        .await?)
}

/// All lines of these persons, each person's in the order of periods.
pub async fn list_of(
    db: &impl ConnectionTrait,
    city: CityId,
    applicants: &[ApplicantId],
) -> Result<Vec<participation::Model>> {
    Ok(participation::Entity::find()
        .filter(participation::Column::CityId.eq(city))
        .filter(participation::Column::ApplicantId.is_in(applicants.iter().copied()))
        .order_by_asc(participation::Column::PeriodNumber)
        .all(db)
        .await?)
}

/// Adds a participation for everybody in a draw's pools, inside the database and in the order of
/// the ledger's key: in any other order a ledger of millions is read and written all over.
pub async fn insert_for_pools(
    txn: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    period: &str,
    published_on: NaiveDate,
) -> Result<u64> {
    let sql = "INSERT INTO participation (city_id, applicant_id, period_number, kind, published_on)
        SELECT DISTINCT e.city_id, e.applicant_id, $3, 'participated', $4
        FROM pool_entry e WHERE e.city_id = $1 AND e.draw_id = $2
        ORDER BY e.applicant_id ON CONFLICT DO NOTHING";
    let values = [city.into(), draw.into(), period.into(), published_on.into()];
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    Ok(txn.execute_raw(statement).await?.rows_affected())
}

/// Adds a reset after this period for the winners of a draw, inside the database.
pub async fn insert_resets_for_winners(
    txn: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    period: &str,
    published_on: NaiveDate,
) -> Result<u64> {
    let sql = "INSERT INTO participation (city_id, applicant_id, period_number, kind, published_on)
        SELECT DISTINCT e.city_id, e.applicant_id, $3, 'reset', $4
        FROM placement p JOIN pool_entry e ON e.city_id = p.city_id AND e.draw_id = p.draw_id
            AND e.category = p.category AND e.code = p.code
        WHERE p.city_id = $1 AND p.draw_id = $2 AND p.is_winner
        ON CONFLICT DO NOTHING";
    let values = [city.into(), draw.into(), period.into(), published_on.into()];
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    Ok(txn.execute_raw(statement).await?.rows_affected())
}

/// Adds a reset of one person's. One that is there already stays as it is.
pub async fn insert_reset(txn: &impl ConnectionTrait, row: participation::Model) -> Result<()> {
    let sql = "INSERT INTO participation (city_id, applicant_id, period_number, kind, published_on)
        VALUES ($1, $2, $3, 'reset', $4) ON CONFLICT DO NOTHING";
    let values = [
        row.city_id.into(),
        row.applicant_id.into(),
        row.period_number.into(),
        row.published_on.into(),
    ];
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    txn.execute_raw(statement).await?;
    Ok(())
}
