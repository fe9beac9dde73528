//! The audit trail: every change says who did what to which thing, in its own transaction.

use ::entity::audit;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{app::App, domain::actor::Auditor, error::Result, store};

/// Notes a change. `subject` is a public code or number, and `detail` holds facts for an auditor;
/// neither ever holds personal data.
pub(super) async fn note(
    app: &App,
    txn: &impl ConnectionTrait,
    actor: String,
    action: &'static str,
    subject: &str,
    detail: serde_json::Value,
) -> Result<()> {
    let change = store::trail::Change {
        city: app.city,
        at: app.clock.now(),
        actor,
        action,
        subject,
        detail,
    };
    store::trail::audit(txn, change).await
}

/// The trail of one subject (a code, a period number, a draw id) or of everything, newest first, at
/// most `limit` rows older than one.
pub async fn list(
    app: &App,
    _: &Auditor,
    subject: Option<&str>,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<audit::Model>> {
    store::trail::list(&app.db, app.city, subject, before, limit).await
}
