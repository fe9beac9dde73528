//! What every change leaves behind for an auditor: its row, written in the change's own transaction,
//! and linked to the row before it afterwards.

use ::entity::{CityId, audit};
use chrono::{DateTime, SubsecRound as _, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, Order, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QueryResult, QuerySelect as _, Select, Statement, TryGetable, Value,
};
use uuid::Uuid;

use super::span;
use crate::{
    domain::span::Span,
    error::{Error, Result},
    ids,
};

/// One change, as an auditor reads it.
pub struct Change<'a> {
    /// The city.
    pub city: CityId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, as in `officer:li`.
    pub actor: String,
    /// What, as the use case is named.
    pub action: &'static str,
    /// On which thing: a public code or number, never personal data.
    pub subject: &'a str,
    /// Facts for an auditor, without personal data.
    pub detail: serde_json::Value,
}

/// A moment as a row keeps it: in whole microseconds, which both databases hold exactly, so that a
/// row moved from one to the other keeps its link.
#[must_use]
pub fn kept(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

/// Writes the audit row, not yet linked.
pub async fn audit(txn: &impl ConnectionTrait, change: Change<'_>) -> Result<()> {
    let row = audit::Model {
        city_id: change.city,
        id: ids::uuid_v7(change.at),
        at: kept(change.at),
        actor: change.actor,
        action: change.action.to_owned(),
        subject: change.subject.to_owned(),
        detail: change.detail.to_string(),
        position: None,
        link: None,
    };
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// A part of the trail, of one subject or of all, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    subject: Option<&str>,
    span: Span<Uuid>,
) -> Result<Vec<audit::Model>> {
    let mut select = audit::Entity::find().filter(audit::Column::CityId.eq(city));
    if let Some(subject) = subject {
        select = select.filter(audit::Column::Subject.eq(subject));
    }
    span::list(db, select, (audit::Column::Id, Order::Desc), span).await
}

/// One row of the trail, if there is one.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    id: Uuid,
) -> Result<Option<audit::Model>> {
    Ok(audit::Entity::find_by_id((city, id)).one(db).await?)
}

/// Position and link of the last linked row, if there is one.
pub async fn find_last_link(
    db: &impl ConnectionTrait,
    city: CityId,
) -> Result<Option<(i64, Vec<u8>)>> {
    Ok(audit::Entity::find()
        .select_only()
        .columns([audit::Column::Position, audit::Column::Link])
        .filter(audit::Column::CityId.eq(city))
        .filter(audit::Column::Position.is_not_null())
        .order_by_desc(audit::Column::Position)
        .into_tuple()
        .one(db)
        .await?)
}

fn not_linked(city: CityId) -> Select<audit::Entity> {
    audit::Entity::find()
        .filter(audit::Column::CityId.eq(city))
        .filter(audit::Column::Position.is_null())
}

/// Committed rows that are not linked yet, the earliest first, at most `limit`.
pub async fn list_not_linked(
    db: &impl ConnectionTrait,
    city: CityId,
    limit: u64,
) -> Result<Vec<audit::Model>> {
    Ok(not_linked(city)
        .order_by_asc(audit::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many rows are not linked yet.
pub async fn count_not_linked(db: &impl ConnectionTrait, city: CityId) -> Result<u64> {
    Ok(not_linked(city).count(db).await?)
}

/// How many rows are linked.
pub async fn count_linked(db: &impl ConnectionTrait, city: CityId) -> Result<u64> {
    Ok(audit::Entity::find()
        .filter(audit::Column::CityId.eq(city))
        .filter(audit::Column::Position.is_not_null())
        .count(db)
        .await?)
}

/// A row's place in the trail.
pub struct Link {
    /// The row.
    pub id: Uuid,
    /// Its place, from 1.
    pub position: i64,
    /// Its link.
    pub link: [u8; 32],
}

/// Gives rows their places, each once: a row that is linked already is left alone. Says how many
/// were linked.
pub async fn link(txn: &impl ConnectionTrait, city: CityId, links: &[Link]) -> Result<u64> {
    let mut values: Vec<Value> = vec![city.into()];
    let mut rows = Vec::with_capacity(links.len());
    for link in links {
        let first = values.len() + 1;
        rows.push(format!("(${first}, ${}, ${})", first + 1, first + 2));
        values.extend([
            link.id.into(),
            link.position.into(),
            link.link.to_vec().into(),
        ]);
    }
    if rows.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "WITH linked (id, position, link) AS (VALUES {})
        UPDATE audit SET position = linked.position, link = linked.link FROM linked
        WHERE audit.city_id = $1 AND audit.id = linked.id AND audit.position IS NULL",
        rows.join(", ")
    );
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    Ok(txn.execute_raw(statement).await?.rows_affected())
}

/// A linked row as it lies in the database, whatever became of it there.
pub struct Linked {
    /// Its place, from 1.
    pub position: i64,
    /// Its link, of whatever length.
    pub link: Vec<u8>,
    /// The rest, or which column holds something else than it should.
    pub row: std::result::Result<audit::Model, &'static str>,
}

/// Linked rows behind a position, in the order of the trail, at most `limit`.
pub async fn list_linked(
    db: &impl ConnectionTrait,
    city: CityId,
    after: i64,
    limit: u64,
) -> Result<Vec<Linked>> {
    let sql = "SELECT id, at, actor, action, subject, detail, position, link FROM audit
        WHERE city_id = $1 AND position > $2 ORDER BY position LIMIT $3";
    let limit = i64::try_from(limit).map_err(Error::internal)?;
    let values = [city.into(), after.into(), limit.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    let linked = rows.iter().map(|row| {
        Ok(Linked {
            position: row.try_get("", "position")?,
            link: row.try_get("", "link").unwrap_or_default(),
            row: read(city, row),
        })
    });
    linked.collect()
}

/// A row that may have been tampered with in any way that the database lets happen.
fn read(city: CityId, row: &QueryResult) -> std::result::Result<audit::Model, &'static str> {
    fn column<T: TryGetable>(
        row: &QueryResult,
        name: &'static str,
    ) -> std::result::Result<T, &'static str> {
        row.try_get("", name).map_err(|_| name)
    }
    Ok(audit::Model {
        city_id: city,
        id: column(row, "id")?,
        at: column(row, "at")?,
        actor: column(row, "actor")?,
        action: column(row, "action")?,
        subject: column(row, "subject")?,
        detail: column(row, "detail")?,
        position: column(row, "position")?,
        link: column(row, "link")?,
    })
}
