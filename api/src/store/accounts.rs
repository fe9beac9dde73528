//! Accounts: found by the blind index of their phone.

use ::entity::{AccountId, ApplicantId, CityId, account, applicant};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QuerySelect as _, sea_query::Expr,
};

use super::connection::is_violation;
use crate::error::{Error, Result};

/// One account.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    id: AccountId,
) -> Result<Option<account::Model>> {
    Ok(account::Entity::find_by_id((city, id)).one(db).await?)
}

/// The account of this phone.
pub async fn find_by_phone(
    db: &impl ConnectionTrait,
    city: CityId,
    phone_index: &[u8],
) -> Result<Option<account::Model>> {
    Ok(account::Entity::find()
        .filter(account::Column::CityId.eq(city))
        .filter(account::Column::PhoneIndex.eq(phone_index.to_vec()))
        .one(db)
        .await?)
}

/// The account that lets this person in.
pub async fn find_of_applicant(
    db: &impl ConnectionTrait,
    city: CityId,
    applicant: ApplicantId,
) -> Result<Option<account::Model>> {
    Ok(account::Entity::find()
        .filter(account::Column::CityId.eq(city))
        .filter(account::Column::ApplicantId.eq(applicant))
        .one(db)
        .await?)
}

/// The accounts that let any of these persons in.
pub async fn list_of_applicants(
    db: &impl ConnectionTrait,
    city: CityId,
    applicants: &[ApplicantId],
) -> Result<Vec<AccountId>> {
    Ok(account::Entity::find()
        .filter(account::Column::CityId.eq(city))
        .filter(account::Column::ApplicantId.is_in(applicants.iter().copied()))
        .select_only()
        .column(account::Column::Id)
        .into_tuple()
        .all(db)
        .await?)
}

/// The persons whose phone on file this is and whom no account lets in; at most so many.
pub async fn list_unclaimed(
    db: &impl ConnectionTrait,
    city: CityId,
    phone_index: &[u8],
    limit: u64,
) -> Result<Vec<ApplicantId>> {
    let claimed = account::Entity::find()
        .select_only()
        .column(account::Column::ApplicantId)
        .filter(account::Column::CityId.eq(city))
        .filter(account::Column::ApplicantId.is_not_null());
    Ok(applicant::Entity::find()
        .filter(applicant::Column::CityId.eq(city))
        .filter(applicant::Column::PhoneIndex.eq(phone_index.to_vec()))
        .filter(applicant::Column::Id.not_in_subquery(sea_orm::QueryTrait::into_query(claimed)))
        .select_only()
        .column(applicant::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// What became of writing an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is in.
    Done,
    /// Another account has the phone.
    PhoneTaken,
    /// Another account lets the person in.
    ApplicantTaken,
}

/// Writes a new account.
pub async fn insert(txn: &impl ConnectionTrait, row: account::Model) -> Result<Written> {
    outcome(row.into_active_model().insert(txn).await.map(|_| ()))
}

/// Writes a changed account over the one that the caller saw.
pub async fn update(txn: &impl ConnectionTrait, row: &account::Model) -> Result<Written> {
    let updated = account::Entity::update_many()
        .col_expr(
            account::Column::PhoneIndex,
            Expr::value(row.phone_index.clone()),
        )
        .col_expr(account::Column::ApplicantId, Expr::value(row.applicant_id))
        .col_expr(account::Column::Sealed, Expr::value(row.sealed.clone()))
        .col_expr(account::Column::Epoch, Expr::value(row.epoch + 1))
        .filter(account::Column::CityId.eq(row.city_id))
        .filter(account::Column::Id.eq(row.id))
        .filter(account::Column::Epoch.eq(row.epoch))
        .exec(txn)
        .await;
    match updated {
        Ok(updated) if updated.rows_affected == 1 => Ok(Written::Done),
        Ok(_) => Err(Error::Conflict {
            what: "the account".to_owned(),
        }),
        Err(cause) => outcome(Err(cause)),
    }
}

fn outcome(written: Result<(), sea_orm::DbErr>) -> Result<Written> {
    match written {
        Ok(()) => Ok(Written::Done),
        Err(cause)
            if is_violation(
                &cause,
                "account_phone_once",
                "account.city_id, account.phone_index",
            ) =>
        {
            Ok(Written::PhoneTaken)
        }
        Err(cause)
            if is_violation(
                &cause,
                "account_applicant_once",
                "account.city_id, account.applicant_id",
            ) =>
        {
            Ok(Written::ApplicantTaken)
        }
        Err(cause) => Err(cause.into()),
    }
}
