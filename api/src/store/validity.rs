//! How long applications stay valid: the ends that are set, that are near, and that have passed.

use ::entity::{CityId, application, period};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement,
    sea_query::{Expr, Query},
};

use crate::error::{Error, Result};

/// Sets the last day of every valid application that has none, and whose review result is public
/// or older than this system; gives how many there were.
pub async fn set_ends(
    txn: &impl ConnectionTrait,
    city: CityId,
    valid_until: NaiveDate,
) -> Result<u64> {
    let unpublished = Query::select()
        .column(period::Column::Number)
        .from(period::Entity)
        .and_where(period::Column::CityId.eq(city))
        .and_where(period::Column::Phase.is_in([
            period::Phase::Planned,
            period::Phase::Open,
            period::Phase::Closed,
        ]))
        .to_owned();
    let set = application::Entity::update_many()
        .col_expr(application::Column::ValidUntil, Expr::value(valid_until))
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::Status.eq(application::Status::Valid))
        .filter(application::Column::ValidUntil.is_null())
        .filter(application::Column::PeriodNumber.not_in_subquery(unpublished))
        .exec(txn)
        .await?;
    Ok(set.rows_affected)
}

/// Valid applications whose last day is before a day, the earliest first, but for those whose code
/// is in the frozen pool of a draw under way.
pub async fn list_overdue(
    db: &impl ConnectionTrait,
    city: CityId,
    today: NaiveDate,
    limit: u64,
) -> Result<Vec<application::Model>> {
    let sql = "SELECT a.* FROM application a
        WHERE a.city_id = $1 AND a.status = 'valid' AND a.valid_until < $2
          AND NOT EXISTS (SELECT 1 FROM draw d JOIN pool_entry e
                ON e.city_id = d.city_id AND e.draw_id = d.id
               AND e.category = a.category AND e.code = a.code
              WHERE d.city_id = a.city_id AND d.purpose = 'allocation'
                AND d.phase IN ('frozen', 'announced', 'closed'))
        ORDER BY a.valid_until, a.id LIMIT $3";
    let values = [city.into(), today.into(), rows(limit).into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(application::Entity::find()
        .from_raw_sql(statement)
        .all(db)
        .await?)
}

/// Valid applications whose last day is one of the next `days_before` days, and whose applicants
/// were not reminded so late yet.
pub async fn list_to_remind(
    db: &impl ConnectionTrait,
    city: CityId,
    today: NaiveDate,
    until: NaiveDate,
    days_before: i32,
    limit: u64,
) -> Result<Vec<application::Model>> {
    let is_due = Condition::any()
        .add(application::Column::RemindedDaysBefore.is_null())
        .add(application::Column::RemindedDaysBefore.gt(days_before));
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::Status.eq(application::Status::Valid))
        .filter(application::Column::ValidUntil.between(today, until))
        .filter(is_due)
        .order_by_asc(application::Column::ValidUntil)
        .order_by_asc(application::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Notes that a reminder was sent.
pub async fn note_reminder(
    txn: &impl ConnectionTrait,
    row: &application::Model,
    days_before: i32,
) -> Result<()> {
    application::Entity::update_many()
        .col_expr(
            application::Column::RemindedDaysBefore,
            Expr::value(days_before),
        )
        .filter(application::Column::CityId.eq(row.city_id))
        .filter(application::Column::Id.eq(row.id))
        .exec(txn)
        .await?;
    Ok(())
}

/// What became of writing a renewal.
pub enum Renewal {
    /// The application is new again.
    Written,
    /// The person has another live application in this category.
    LiveOneExists,
}

/// Makes an application new again under the review of a period, if it still has the status the
/// caller saw. Its code and its tier stay.
pub async fn renew(
    txn: &impl ConnectionTrait,
    row: &application::Model,
    period: &str,
    at: DateTime<Utc>,
) -> Result<Renewal> {
    let written = application::Entity::update_many()
        .col_expr(
            application::Column::Status,
            Expr::value(application::Status::New),
        )
        .col_expr(application::Column::PeriodNumber, Expr::value(period))
        .col_expr(application::Column::RenewedAt, Expr::value(at))
        .col_expr(
            application::Column::ValidUntil,
            Expr::value(None::<NaiveDate>),
        )
        .col_expr(
            application::Column::RemindedDaysBefore,
            Expr::value(None::<i32>),
        )
        .filter(application::Column::CityId.eq(row.city_id))
        .filter(application::Column::Id.eq(row.id))
        .filter(application::Column::Status.eq(row.status))
        .exec(txn)
        .await;
    match written {
        Ok(written) if written.rows_affected == 1 => Ok(Renewal::Written),
        Ok(_) => Err(Error::Conflict {
            what: format!("application {}", row.code),
        }),
        Err(cause)
            if super::connection::is_violation(
                &cause,
                "application_live_once",
                "application.city_id, application.applicant_id, application.category",
            ) =>
        {
            Ok(Renewal::LiveOneExists)
        }
        Err(cause) => Err(cause.into()),
    }
}

fn rows(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
