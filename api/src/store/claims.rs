//! Claims on reviews.

use ::entity::{ApplicationId, CityId, review_claim};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    sea_query::OnConflict,
};

use crate::error::Result;

/// The claim on an application that lives at a moment, if there is one.
pub async fn find_live(
    db: &impl ConnectionTrait,
    city: CityId,
    application: ApplicationId,
    now: DateTime<Utc>,
) -> Result<Option<review_claim::Model>> {
    Ok(review_claim::Entity::find_by_id((city, application))
        .filter(review_claim::Column::ExpiresAt.gt(now))
        .one(db)
        .await?)
}

/// The claims on these applications that live at a moment.
pub async fn list_live(
    db: &impl ConnectionTrait,
    city: CityId,
    applications: &[ApplicationId],
    now: DateTime<Utc>,
) -> Result<Vec<review_claim::Model>> {
    Ok(review_claim::Entity::find()
        .filter(review_claim::Column::CityId.eq(city))
        .filter(review_claim::Column::ApplicationId.is_in(applications.iter().copied()))
        .filter(review_claim::Column::ExpiresAt.gt(now))
        .all(db)
        .await?)
}

/// Writes a claim over whatever stood there: the caller holds the application's row and has seen
/// that no claim of somebody else's lives.
pub async fn put(txn: &impl ConnectionTrait, row: review_claim::Model) -> Result<()> {
    let key = [
        review_claim::Column::CityId,
        review_claim::Column::ApplicationId,
    ];
    let renewed = OnConflict::columns(key)
        .update_columns([
            review_claim::Column::Reviewer,
            review_claim::Column::ClaimedAt,
            review_claim::Column::ExpiresAt,
        ])
        .to_owned();
    review_claim::Entity::insert(row.into_active_model())
        .on_conflict(renewed)
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Takes a claim away, whosever it is.
pub async fn delete(
    txn: &impl ConnectionTrait,
    city: CityId,
    application: ApplicationId,
) -> Result<()> {
    review_claim::Entity::delete_by_id((city, application))
        .exec(txn)
        .await?;
    Ok(())
}
