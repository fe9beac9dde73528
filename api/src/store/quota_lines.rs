//! The carry-over of quota. Lines are only ever added.

use ::entity::{CityId, quota_line};
use chrono::NaiveDate;
use sea_orm::{
    ActiveEnum as _, ActiveModelTrait as _, ConnectionTrait, FromQueryResult, IntoActiveModel as _,
    Statement,
};

use crate::error::{Error, Result};

/// Writes a line.
pub async fn insert(txn: &impl ConnectionTrait, row: quota_line::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// What waits in a category: the sum of its lines.
pub async fn get_balance(db: &impl ConnectionTrait, city: CityId, category: &str) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS balance FROM quota_line
        WHERE city_id = $1 AND category = $2";
    let values = [city.into(), category.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    match db.query_one_raw(statement).await? {
        Some(row) => Ok(row.try_get("", "balance")?),
        None => Ok(0),
    }
}

/// What one reason did to a category's carry-over through one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The category.
    pub category: String,
    /// The period.
    pub period_number: String,
    /// Why.
    pub reason: quota_line::Reason,
    /// How many: above zero what came back, below zero what the period took.
    pub amount: i64,
    /// Day of the last line.
    pub noted_on: NaiveDate,
}

#[derive(FromQueryResult)]
struct Row {
    category: String,
    period_number: String,
    reason: String,
    amount: i64,
    noted_on: NaiveDate,
}

/// All movements of a city, by category, period and reason.
pub async fn list_movements(db: &impl ConnectionTrait, city: CityId) -> Result<Vec<Movement>> {
    let sql = "SELECT category, period_number, reason, CAST(SUM(amount) AS BIGINT) AS amount,
            MAX(noted_on) AS noted_on
        FROM quota_line WHERE city_id = $1
        GROUP BY category, period_number, reason ORDER BY category, period_number, reason";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [city.into()]);
    let rows = Row::find_by_statement(statement).all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Movement {
                category: row.category,
                period_number: row.period_number,
                reason: quota_line::Reason::try_from_value(&row.reason).map_err(Error::from)?,
                amount: row.amount,
                noted_on: row.noted_on,
            })
        })
        .collect()
}
