//! Forms that are being filled in.

use ::entity::{AccountId, ApplicationId, CityId, DraftId, application_draft};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, sea_query::Expr,
};

use super::connection::is_violation;
use crate::error::{Error, Result};

/// One draft, if there is one.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    id: DraftId,
) -> Result<Option<application_draft::Model>> {
    Ok(application_draft::Entity::find_by_id((city, id))
        .one(db)
        .await?)
}

/// The account's open draft in a category.
pub async fn find_open(
    db: &impl ConnectionTrait,
    city: CityId,
    account: AccountId,
    category: &str,
) -> Result<Option<application_draft::Model>> {
    Ok(application_draft::Entity::find()
        .filter(application_draft::Column::CityId.eq(city))
        .filter(application_draft::Column::AccountId.eq(account))
        .filter(application_draft::Column::Category.eq(category))
        .filter(application_draft::Column::ApplicationId.is_null())
        .one(db)
        .await?)
}

/// The account's drafts, the last changed first.
pub async fn list_of_account(
    db: &impl ConnectionTrait,
    city: CityId,
    account: AccountId,
) -> Result<Vec<application_draft::Model>> {
    Ok(application_draft::Entity::find()
        .filter(application_draft::Column::CityId.eq(city))
        .filter(application_draft::Column::AccountId.eq(account))
        .order_by_desc(application_draft::Column::UpdatedAt)
        .order_by_asc(application_draft::Column::Id)
        .limit(20)
        .all(db)
        .await?)
}

/// What became of writing a new draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is in.
    Written,
    /// The account has an open draft in this category.
    OpenOneExists,
}

/// Writes a new draft.
pub async fn insert(txn: &impl ConnectionTrait, row: application_draft::Model) -> Result<Inserted> {
    match row.into_active_model().insert(txn).await {
        Ok(_) => Ok(Inserted::Written),
        Err(cause)
            if is_violation(
                &cause,
                "application_draft_open_once",
                "application_draft.city_id, application_draft.account_id, application_draft.category",
            ) =>
        {
            Ok(Inserted::OpenOneExists)
        }
        Err(cause) => Err(cause.into()),
    }
}

/// Writes a changed draft over the open one that the caller saw; gives it as it is now.
pub async fn update(
    txn: &impl ConnectionTrait,
    row: application_draft::Model,
) -> Result<application_draft::Model> {
    let seen = row.epoch;
    let row = application_draft::Model {
        epoch: seen + 1,
        ..row
    };
    let mut changed = row.clone().into_active_model();
    changed = changed.reset_all();
    let updated = application_draft::Entity::update_many()
        .set(changed)
        .filter(application_draft::Column::CityId.eq(row.city_id))
        .filter(application_draft::Column::Id.eq(row.id))
        .filter(application_draft::Column::Epoch.eq(seen))
        .filter(application_draft::Column::ApplicationId.is_null())
        .exec(txn)
        .await?;
    if updated.rows_affected == 1 {
        Ok(row)
    } else {
        Err(changed_elsewhere())
    }
}

/// Notes the application that came of a draft; its form is with the application now.
pub async fn finish(
    txn: &impl ConnectionTrait,
    row: &application_draft::Model,
    application: ApplicationId,
    sealed: Vec<u8>,
    at: DateTime<Utc>,
) -> Result<()> {
    let finished = application_draft::Entity::update_many()
        .col_expr(
            application_draft::Column::ApplicationId,
            Expr::value(application),
        )
        .col_expr(application_draft::Column::Sealed, Expr::value(sealed))
        .col_expr(application_draft::Column::UpdatedAt, Expr::value(at))
        .col_expr(application_draft::Column::Epoch, Expr::value(row.epoch + 1))
        .filter(application_draft::Column::CityId.eq(row.city_id))
        .filter(application_draft::Column::Id.eq(row.id))
        .filter(application_draft::Column::Epoch.eq(row.epoch))
        .filter(application_draft::Column::ApplicationId.is_null())
        .exec(txn)
        .await?;
    if finished.rows_affected == 1 {
        Ok(())
    } else {
        Err(changed_elsewhere())
    }
}

/// Removes a draft.
pub async fn delete(txn: &impl ConnectionTrait, row: &application_draft::Model) -> Result<()> {
    application_draft::Entity::delete_many()
        .filter(application_draft::Column::CityId.eq(row.city_id))
        .filter(application_draft::Column::Id.eq(row.id))
        .filter(application_draft::Column::Epoch.eq(row.epoch))
        .exec(txn)
        .await?;
    Ok(())
}

/// Removes the drafts that were last changed before a moment; gives how many.
pub async fn delete_before(
    txn: &impl ConnectionTrait,
    city: CityId,
    moment: DateTime<Utc>,
) -> Result<u64> {
    let deleted = application_draft::Entity::delete_many()
        .filter(application_draft::Column::CityId.eq(city))
        .filter(application_draft::Column::UpdatedAt.lt(moment))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}

fn changed_elsewhere() -> Error {
    Error::Conflict {
        what: "the draft".to_owned(),
    }
}
