//! Applicants: who they are is sealed; they are found through blind indexes.

use ::entity::{ApplicantId, CityId, applicant};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _, sea_query::Expr,
};

use super::connection::is_violation;
use crate::error::{Error, Result};

/// The person with this identity number, by its blind index.
pub async fn find_by_id_number(
    db: &impl ConnectionTrait,
    city: CityId,
    index: &[u8],
) -> Result<Option<applicant::Model>> {
    Ok(applicant::Entity::find()
        .filter(applicant::Column::CityId.eq(city))
        .filter(applicant::Column::IdNumberIndex.eq(index.to_vec()))
        .one(db)
        .await?)
}

/// One person.
pub async fn get(
    db: &impl ConnectionTrait,
    city: CityId,
    id: ApplicantId,
) -> Result<applicant::Model> {
    applicant::Entity::find_by_id((city, id))
        .one(db)
        .await?
        .ok_or_else(|| Error::not_found("applicant", id))
}

/// The persons of these ids, as far as there are any.
pub async fn list_by_ids(
    db: &impl ConnectionTrait,
    city: CityId,
    ids: &[ApplicantId],
) -> Result<Vec<applicant::Model>> {
    Ok(applicant::Entity::find()
        .filter(applicant::Column::CityId.eq(city))
        .filter(applicant::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// Writes a new person.
pub async fn insert(txn: &impl ConnectionTrait, row: applicant::Model) -> Result<()> {
    row.into_active_model().insert(txn).await.map_err(|cause| {
        if is_violation(
            &cause,
            "applicant_id_number_once",
            "applicant.city_id, applicant.id_number_index",
        ) {
            Error::Conflict {
                what: "this person's registration".to_owned(),
            }
        } else {
            cause.into()
        }
    })?;
    Ok(())
}

/// Writes another phone for a person.
pub async fn set_phone(
    txn: &impl ConnectionTrait,
    city: CityId,
    id: ApplicantId,
    phone_index: Vec<u8>,
    sealed: Vec<u8>,
) -> Result<()> {
    applicant::Entity::update_many()
        .col_expr(applicant::Column::PhoneIndex, Expr::value(phone_index))
        .col_expr(applicant::Column::Sealed, Expr::value(sealed))
        .filter(applicant::Column::CityId.eq(city))
        .filter(applicant::Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}

/// Which of these blind indexes of identity numbers belong to somebody known.
pub async fn list_known(
    db: &impl ConnectionTrait,
    city: CityId,
    indexes: Vec<Vec<u8>>,
) -> Result<Vec<Vec<u8>>> {
    Ok(applicant::Entity::find()
        .filter(applicant::Column::CityId.eq(city))
        .filter(applicant::Column::IdNumberIndex.is_in(indexes))
        .select_only()
        .column(applicant::Column::IdNumberIndex)
        .into_tuple()
        .all(db)
        .await?)
}

/// How many persons the city knows.
pub async fn count(db: &impl ConnectionTrait, city: CityId) -> Result<u64> {
    Ok(applicant::Entity::find()
        .filter(applicant::Column::CityId.eq(city))
        .count(db)
        .await?)
}
