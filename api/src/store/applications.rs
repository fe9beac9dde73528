//! Applications.

use ::entity::{ApplicantId, ApplicationId, CityId, applicant, application};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, sea_query::Expr,
};

use super::connection::is_violation;
use crate::error::{Error, Result};

/// One application.
pub async fn get(
    db: &impl ConnectionTrait,
    city: CityId,
    id: ApplicationId,
) -> Result<application::Model> {
    application::Entity::find_by_id((city, id))
        .one(db)
        .await?
        .ok_or_else(|| Error::not_found("application", id))
}

/// The application with this code.
pub async fn find_by_code(
    db: &impl ConnectionTrait,
    city: CityId,
    code: &str,
) -> Result<Option<application::Model>> {
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::Code.eq(code))
        .one(db)
        .await?)
}

/// The application with this code, held until the transaction ends.
pub async fn lock_by_code(
    txn: &impl ConnectionTrait,
    city: CityId,
    code: &str,
) -> Result<application::Model> {
    application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::Code.eq(code))
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or_else(|| Error::not_found("application", code))
}

/// The applications of these ids, as far as there are any.
pub async fn list_by_ids(
    db: &impl ConnectionTrait,
    city: CityId,
    ids: &[ApplicationId],
) -> Result<Vec<application::Model>> {
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// The applications of these persons, the one handed in last first.
pub async fn list_of_applicants(
    db: &impl ConnectionTrait,
    city: CityId,
    applicants: &[ApplicantId],
) -> Result<Vec<application::Model>> {
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::ApplicantId.is_in(applicants.iter().copied()))
        .order_by_desc(application::Column::Id)
        .all(db)
        .await?)
}

/// A person's applications, newest first.
pub async fn list_of_applicant(
    db: &impl ConnectionTrait,
    city: CityId,
    applicant: ApplicantId,
) -> Result<Vec<application::Model>> {
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::ApplicantId.eq(applicant))
        .order_by_desc(application::Column::SubmittedAt)
        .order_by_desc(application::Column::Id)
        .all(db)
        .await?)
}

/// The codes of all persons whose phone on file this is, newest first.
pub async fn list_codes_of_phone(
    db: &impl ConnectionTrait,
    city: CityId,
    phone_index: &[u8],
) -> Result<Vec<String>> {
    let people = applicant::Entity::find()
        .select_only()
        .column(applicant::Column::Id)
        .filter(applicant::Column::CityId.eq(city))
        .filter(applicant::Column::PhoneIndex.eq(phone_index.to_vec()));
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::ApplicantId.in_subquery(people.into_query()))
        .order_by_desc(application::Column::SubmittedAt)
        .order_by_asc(application::Column::Code)
        .limit(100)
        .select_only()
        .column(application::Column::Code)
        .into_tuple()
        .all(db)
        .await?)
}

/// The applications of a period that wait for a review, oldest first, after a code.
pub async fn list_unreviewed(
    db: &impl ConnectionTrait,
    city: CityId,
    period: &str,
    limit: u64,
) -> Result<Vec<application::Model>> {
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::PeriodNumber.eq(period))
        .filter(application::Column::Status.eq(application::Status::New))
        .order_by_asc(application::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many applications of a period wait for a review.
pub async fn count_unreviewed(
    db: &impl ConnectionTrait,
    city: CityId,
    period: &str,
) -> Result<u64> {
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::PeriodNumber.eq(period))
        .filter(application::Column::Status.eq(application::Status::New))
        .count(db)
        .await?)
}

/// How many applications of a period wait for a second look.
pub async fn count_second_looks(
    db: &impl ConnectionTrait,
    city: CityId,
    period: &str,
) -> Result<u64> {
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::PeriodNumber.eq(period))
        .filter(application::Column::Status.eq(application::Status::SecondLook))
        .count(db)
        .await?)
}

/// What became of writing a new application.
pub enum Inserted {
    /// It is in.
    Written,
    /// The person has a live application in this category.
    LiveOneExists,
    /// The code is taken; make another.
    CodeTaken,
}

/// Writes a new application.
pub async fn insert(txn: &impl ConnectionTrait, row: application::Model) -> Result<Inserted> {
    match row.into_active_model().insert(txn).await {
        Ok(_) => Ok(Inserted::Written),
        Err(cause) if is_second_live(&cause) => Ok(Inserted::LiveOneExists),
        Err(cause)
            if is_violation(
                &cause,
                "application_code_once",
                "application.city_id, application.code",
            ) =>
        {
            Ok(Inserted::CodeTaken)
        }
        Err(cause) => Err(cause.into()),
    }
}

/// Makes an ended application live again, as long as it stands where the caller saw it; says no
/// where the person has another live one in the category.
pub async fn revive(
    txn: &impl ConnectionTrait,
    row: &application::Model,
    to: application::Status,
) -> Result<bool> {
    match move_to(txn, row, to).await {
        Ok(moved) => {
            require_moved(moved, row)?;
            Ok(true)
        }
        Err(cause) if is_second_live(&cause) => Ok(false),
        Err(cause) => Err(cause.into()),
    }
}

/// Moves an application to a status, if it still has the one the caller saw.
pub async fn set_status(
    txn: &impl ConnectionTrait,
    row: &application::Model,
    to: application::Status,
) -> Result<()> {
    require_moved(move_to(txn, row, to).await?, row)
}

async fn move_to(
    txn: &impl ConnectionTrait,
    row: &application::Model,
    to: application::Status,
) -> std::result::Result<u64, DbErr> {
    let moved = application::Entity::update_many()
        .col_expr(application::Column::Status, Expr::value(to))
        .filter(application::Column::CityId.eq(row.city_id))
        .filter(application::Column::Id.eq(row.id))
        .filter(application::Column::Status.eq(row.status))
        .exec(txn)
        .await?;
    Ok(moved.rows_affected)
}

fn require_moved(rows: u64, row: &application::Model) -> Result<()> {
    if rows == 1 {
        return Ok(());
    }
    Err(Error::Conflict {
        what: format!("application {}", row.code),
    })
}

fn is_second_live(cause: &DbErr) -> bool {
    is_violation(
        cause,
        "application_live_once",
        "application.city_id, application.applicant_id, application.category",
    )
}

/// Joins the tier: the first call writes the time, every later one leaves it.
pub async fn join_tier(
    txn: &impl ConnectionTrait,
    city: CityId,
    id: ApplicationId,
    at: DateTime<Utc>,
) -> Result<()> {
    application::Entity::update_many()
        .col_expr(application::Column::TierJoinedAt, Expr::value(at))
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::Id.eq(id))
        .filter(application::Column::TierJoinedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// The application that a person handed in last.
pub async fn find_newest(
    db: &impl ConnectionTrait,
    city: CityId,
    applicant: ApplicantId,
) -> Result<Option<application::Model>> {
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::ApplicantId.eq(applicant))
        .order_by_desc(application::Column::Id)
        .one(db)
        .await?)
}

/// Marks the winners' applications as allocated.
pub async fn mark_allocated(
    txn: &impl ConnectionTrait,
    city: CityId,
    codes: &[String],
) -> Result<()> {
    for chunk in codes.chunks(1_000) {
        application::Entity::update_many()
            .col_expr(
                application::Column::Status,
                Expr::value(application::Status::Allocated),
            )
            .filter(application::Column::CityId.eq(city))
            .filter(application::Column::Code.is_in(chunk.iter().map(String::as_str)))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Which of these codes are taken.
pub async fn list_taken_codes(
    db: &impl ConnectionTrait,
    city: CityId,
    codes: Vec<String>,
) -> Result<Vec<String>> {
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::Code.is_in(codes))
        .select_only()
        .column(application::Column::Code)
        .into_tuple()
        .all(db)
        .await?)
}
