//! Certificates.

use ::entity::{ApplicantId, ApplicationId, CityId, certificate};
use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement,
    sea_query::{Expr, ExprTrait as _},
};

use super::connection::insert_pieces;
use crate::error::{Error, Result};

/// A place within the quota, and whose it is.
#[derive(Debug, FromQueryResult)]
pub struct Win {
    /// The category.
    pub category: String,
    /// Whose code won.
    pub applicant_id: ApplicantId,
    /// The application with that code.
    pub application_id: ApplicationId,
}

/// The wins of a draw, by category and rank.
pub async fn list_wins(db: &impl ConnectionTrait, city: CityId, draw: &str) -> Result<Vec<Win>> {
    let sql = "SELECT p.category, a.applicant_id, a.id AS application_id
        FROM placement p JOIN application a ON a.city_id = p.city_id AND a.code = p.code
        WHERE p.city_id = $1 AND p.draw_id = $2 AND p.is_winner
        ORDER BY p.category, p.place_rank";
    let values = [city.into(), draw.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Win::find_by_statement(statement).all(db).await?)
}

/// Writes certificates.
pub async fn insert(txn: &impl ConnectionTrait, rows: Vec<certificate::Model>) -> Result<()> {
    insert_pieces(txn, rows).await
}

/// The certificate of a number.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    number: &str,
) -> Result<Option<certificate::Model>> {
    Ok(certificate::Entity::find_by_id((city, number.to_owned()))
        .one(db)
        .await?)
}

/// The certificate that an application has brought, if it has.
pub async fn find_of_application(
    db: &impl ConnectionTrait,
    city: CityId,
    application: ApplicationId,
) -> Result<Option<certificate::Model>> {
    Ok(certificate::Entity::find()
        .filter(certificate::Column::CityId.eq(city))
        .filter(certificate::Column::ApplicationId.eq(application))
        .one(db)
        .await?)
}

/// Which of these numbers have a certificate.
pub async fn list_taken(
    db: &impl ConnectionTrait,
    city: CityId,
    numbers: Vec<String>,
) -> Result<Vec<String>> {
    Ok(certificate::Entity::find()
        .filter(certificate::Column::CityId.eq(city))
        .filter(certificate::Column::Number.is_in(numbers))
        .select_only()
        .column(certificate::Column::Number)
        .into_tuple()
        .all(db)
        .await?)
}

/// A person's certificates, newest first.
pub async fn list_of_applicant(
    db: &impl ConnectionTrait,
    city: CityId,
    applicant: ApplicantId,
) -> Result<Vec<certificate::Model>> {
    Ok(certificate::Entity::find()
        .filter(certificate::Column::CityId.eq(city))
        .filter(certificate::Column::ApplicantId.eq(applicant))
        .order_by_desc(certificate::Column::IssuedOn)
        .order_by_asc(certificate::Column::Number)
        .limit(100)
        .all(db)
        .await?)
}

/// The certificates of these persons that can be used on a day.
pub async fn list_held(
    db: &impl ConnectionTrait,
    city: CityId,
    applicants: &[ApplicantId],
    day: NaiveDate,
) -> Result<Vec<certificate::Model>> {
    Ok(certificate::Entity::live_on(city, day)
        .filter(certificate::Column::ApplicantId.is_in(applicants.iter().copied()))
        .all(db)
        .await?)
}

/// Certificates whose last day has passed and that nobody has ended yet, the longest overdue first;
/// of these persons or of all.
pub async fn list_overdue(
    db: &impl ConnectionTrait,
    city: CityId,
    applicants: Option<&[ApplicantId]>,
    today: NaiveDate,
    limit: u64,
) -> Result<Vec<certificate::Model>> {
    let mut select = certificate::Entity::find()
        .filter(certificate::Column::CityId.eq(city))
        .filter(certificate::Column::Status.eq(certificate::Status::Live))
        .filter(certificate::Column::ExpiresOn.lt(today));
    if let Some(applicants) = applicants {
        let theirs = certificate::Column::ApplicantId.is_in(applicants.iter().copied());
        select = select.filter(theirs);
    }
    Ok(select
        .order_by_asc(certificate::Column::ExpiresOn)
        .order_by_asc(certificate::Column::Number)
        .limit(limit)
        .all(db)
        .await?)
}

/// Live certificates that run out by a day and whose holders were last told of more days than
/// these, or of nothing; the soonest first.
pub async fn list_untold(
    db: &impl ConnectionTrait,
    city: CityId,
    today: NaiveDate,
    expiring_by: NaiveDate,
    days: i32,
    limit: u64,
) -> Result<Vec<certificate::Model>> {
    let untold = certificate::Column::ToldDays
        .is_null()
        .or(certificate::Column::ToldDays.gt(days));
    Ok(certificate::Entity::live_on(city, today)
        .filter(certificate::Column::ExpiresOn.lte(expiring_by))
        .filter(untold)
        .order_by_asc(certificate::Column::ExpiresOn)
        .order_by_asc(certificate::Column::Number)
        .limit(limit)
        .all(db)
        .await?)
}

/// Notes of how many days before the last one the holder was told.
pub async fn set_told(
    txn: &impl ConnectionTrait,
    row: &certificate::Model,
    days: i32,
) -> Result<()> {
    certificate::Entity::update_many()
        .col_expr(certificate::Column::ToldDays, Expr::value(days))
        .filter(certificate::Column::CityId.eq(row.city_id))
        .filter(certificate::Column::Number.eq(row.number.as_str()))
        .exec(txn)
        .await?;
    Ok(())
}

/// Ends a certificate, if it is still live.
pub async fn end(
    txn: &impl ConnectionTrait,
    row: &certificate::Model,
    status: certificate::Status,
    on: NaiveDate,
) -> Result<certificate::Model> {
    let ended = certificate::Entity::update_many()
        .col_expr(certificate::Column::Status, Expr::value(status))
        .col_expr(certificate::Column::EndedOn, Expr::value(on))
        .filter(certificate::Column::CityId.eq(row.city_id))
        .filter(certificate::Column::Number.eq(row.number.as_str()))
        .filter(certificate::Column::Status.eq(certificate::Status::Live))
        .exec(txn)
        .await?;
    if ended.rows_affected != 1 {
        return Err(Error::Conflict {
            what: format!("certificate {}", row.number),
        });
    }
    Ok(certificate::Model {
        status,
        ended_on: Some(on),
        ..row.clone()
    })
}
