//! Leases of jobs: who is at it, and when it is due again.

use ::entity::{CityId, job_lease};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    sea_query::{Expr, OnConflict},
};

use crate::error::Result;

/// A job's lease, if the job has ever run.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    job: &str,
) -> Result<Option<job_lease::Model>> {
    Ok(job_lease::Entity::find_by_id((city, job.to_owned()))
        .one(db)
        .await?)
}

/// All leases of a city, by their job's name.
pub async fn list(db: &impl ConnectionTrait, city: CityId) -> Result<Vec<job_lease::Model>> {
    Ok(job_lease::Entity::find()
        .filter(job_lease::Column::CityId.eq(city))
        .order_by_asc(job_lease::Column::Job)
        .all(db)
        .await?)
}

/// Writes down a job that is due at once; one that is known stays as it is.
pub async fn register(
    db: &impl ConnectionTrait,
    city: CityId,
    job: &str,
    due_at: DateTime<Utc>,
) -> Result<()> {
    let row = job_lease::ActiveModel {
        city_id: Set(city),
        job: Set(job.to_owned()),
        epoch: Set(0),
        due_at: Set(due_at),
        leased_until: Set(None),
        ran_at: Set(None),
    };
    let known = OnConflict::columns([job_lease::Column::CityId, job_lease::Column::Job])
        .do_nothing()
        .to_owned();
    job_lease::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Takes a lease, if it still stands where the caller saw it. Says whether it did.
pub async fn take(
    db: &impl ConnectionTrait,
    seen: &job_lease::Model,
    until: DateTime<Utc>,
) -> Result<bool> {
    let taken = job_lease::Entity::update_many()
        .col_expr(job_lease::Column::Epoch, Expr::value(seen.epoch + 1))
        .col_expr(job_lease::Column::LeasedUntil, Expr::value(Some(until)))
        .filter(job_lease::Column::CityId.eq(seen.city_id))
        .filter(job_lease::Column::Job.eq(seen.job.as_str()))
        .filter(job_lease::Column::Epoch.eq(seen.epoch))
        .exec(db)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// What is written when a job gives its lease back.
pub struct Ended {
    /// When it is due again.
    pub due_at: DateTime<Utc>,
    /// When it ended, where it came to its end.
    pub ran_at: Option<DateTime<Utc>>,
}

/// Gives a lease back, if nobody else has taken it meanwhile.
pub async fn give_back(
    db: &impl ConnectionTrait,
    held: &job_lease::Model,
    ended: Ended,
) -> Result<()> {
    job_lease::Entity::update_many()
        .col_expr(
            job_lease::Column::LeasedUntil,
            Expr::value(None::<DateTime<Utc>>),
        )
        .col_expr(job_lease::Column::DueAt, Expr::value(ended.due_at))
        .col_expr(
            job_lease::Column::RanAt,
            Expr::value(ended.ran_at.or(held.ran_at)),
        )
        .filter(job_lease::Column::CityId.eq(held.city_id))
        .filter(job_lease::Column::Job.eq(held.job.as_str()))
        .filter(job_lease::Column::Epoch.eq(held.epoch))
        .exec(db)
        .await?;
    Ok(())
}
