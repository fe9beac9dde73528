//! What every change leaves behind for an auditor: its row, written in the change's own transaction.

use ::entity::{CityId, audit};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, IntoActiveModel as _};

use crate::{error::Result, ids};

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
