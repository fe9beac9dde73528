//! What every change leaves behind for an auditor: its row, written in the change's own transaction.

use ::entity::{CityId, audit};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, Order, QueryFilter as _,
};
use uuid::Uuid;

use super::span;
use crate::{domain::span::Span, error::Result, ids};

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

/// Writes the audit row.
pub async fn audit(txn: &impl ConnectionTrait, change: Change<'_>) -> Result<()> {
    let row = audit::Model {
        city_id: change.city,
        id: ids::uuid_v7(change.at),
        at: change.at,
        actor: change.actor,
        action: change.action.to_owned(),
        subject: change.subject.to_owned(),
        detail: change.detail.to_string(),
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
