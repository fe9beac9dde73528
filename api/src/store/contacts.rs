//! Blind indexes of what applications gave as their contact.

use ::entity::{ApplicantId, ApplicationId, CityId, application, contact_index};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbBackend, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, Statement,
};

use crate::error::Result;

/// Writes what an application gave.
pub async fn insert(txn: &impl ConnectionTrait, row: contact_index::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// What an application gave.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    application: ApplicationId,
) -> Result<Vec<contact_index::Model>> {
    Ok(contact_index::Entity::find()
        .filter(contact_index::Column::CityId.eq(city))
        .filter(contact_index::Column::ApplicationId.eq(application))
        .all(db)
        .await?)
}

/// Takes a lock for this transaction alone.
pub(super) const HOLD: &str = "SELECT pg_advisory_xact_lock($1)";

/// The key of all contacts of a city. Whoever holds it alone compares alone; [`hold`] shares it. No
/// digest begins like it but by a chance of one in 2⁶⁴, and then somebody waits.
pub(super) fn key_of_all(city: CityId) -> i64 {
    i64::MIN + i64::from(city.0)
}

/// Lets nobody else compare the same contact until the transaction ends: of two persons who give it
/// at the same moment, one sees the other.
///
/// An SQLite database has one writer at a time anyway.
pub async fn hold(txn: &impl ConnectionTrait, rows: &[contact_index::Model]) -> Result<()> {
    if txn.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let mut keys: Vec<i64> = rows
        .iter()
        .filter_map(|row| row.digest.first_chunk().copied().map(i64::from_be_bytes))
        .collect();
    // One order for everybody, so that two never wait for each other.
    keys.sort_unstable();
    let shared = "SELECT pg_advisory_xact_lock_shared($1)";
    let all = rows.iter().map(|row| (shared, key_of_all(row.city_id)));
    let own = keys.into_iter().map(|key| (HOLD, key));
    for (sql, key) in all.take(1).chain(own) {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [key.into()]);
        txn.execute_raw(statement).await?;
    }
    Ok(())
}

/// The live applications of other persons that gave the same.
///
/// A phone is compared with what persons have on file.
pub async fn list_others(
    txn: &impl ConnectionTrait,
    row: &contact_index::Model,
    applicant: ApplicantId,
) -> Result<Vec<application::Model>> {
    let sql = "SELECT a.* FROM application a
        WHERE a.city_id = $1 AND a.applicant_id <> $2
          AND a.status IN ('new', 'valid', 'second_look')
          AND {same}
        ORDER BY a.id LIMIT 100";
    let same = match row.kind {
        contact_index::Kind::Phone => {
            "a.applicant_id IN (SELECT p.id FROM applicant p
                WHERE p.city_id = $1 AND p.phone_index = $3)"
        }
        contact_index::Kind::EmailAndBirthDate => {
            "a.id IN (SELECT c.application_id FROM contact_index c
                WHERE c.city_id = $1 AND c.kind = 'email_and_birth_date' AND c.digest = $3)"
        }
    };
    let sql = sql.replace("{same}", same);
    let values = [
        row.city_id.into(),
        applicant.into(),
        row.digest.clone().into(),
    ];
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    Ok(application::Entity::find()
        .from_raw_sql(statement)
        .all(txn)
        .await?)
}
