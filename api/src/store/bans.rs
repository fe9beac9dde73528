//! Bans.

use ::entity::{ApplicantId, CityId, ban};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::error::Result;

/// Writes a ban.
pub async fn insert(txn: &impl ConnectionTrait, row: ban::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// A person's bans, past and present, the latest first.
pub async fn list_of_applicant(
    db: &impl ConnectionTrait,
    city: CityId,
    applicant: ApplicantId,
) -> Result<Vec<ban::Model>> {
    Ok(ban::Entity::find()
        .filter(ban::Column::CityId.eq(city))
        .filter(ban::Column::ApplicantId.eq(applicant))
        .order_by_desc(ban::Column::BeginsOn)
        .limit(100)
        .all(db)
        .await?)
}

/// The ban that follows from a certificate, if there is one.
pub async fn find_of_certificate(
    db: &impl ConnectionTrait,
    city: CityId,
    number: &str,
) -> Result<Option<ban::Model>> {
    Ok(ban::Entity::find()
        .filter(ban::Column::CityId.eq(city))
        .filter(ban::Column::CertificateNumber.eq(number))
        .one(db)
        .await?)
}

/// Writes down that a ban counts no more.
pub async fn lift(
    txn: &impl ConnectionTrait,
    row: &ban::Model,
    now: DateTime<Utc>,
) -> Result<ban::Model> {
    let mut row = row.clone().into_active_model();
    row.lifted_at = Set(Some(now));
    Ok(row.update(txn).await?)
}

/// The bans on these persons that are in force on a day.
pub async fn list_in_force(
    db: &impl ConnectionTrait,
    city: CityId,
    applicants: &[ApplicantId],
    day: NaiveDate,
) -> Result<Vec<ban::Model>> {
    Ok(ban::Entity::in_force_on(city, day)
        .filter(ban::Column::ApplicantId.is_in(applicants.iter().copied()))
        .all(db)
        .await?)
}
